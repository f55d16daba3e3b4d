/**
 * Neurons and edges of the picture, and which entries of which matrices they are.
 *
 * An element is a short text, so that it can be compared, stored and put in the address: "n2.0" is
 * neuron 0 of layer 2 (layer 0: the input), "e2.3.0" the edge from neuron 3 of layer 1 to it.
 */
import { TEXT } from "../text/en.js";
import { isJacobian } from "./names.js";

/** @typedef {Pick<Given, "quantity" | "layer" | "axes">} Placed */
/** @typedef {(number | null)[]} Pattern an index with null for "any" */

/** @param {number} layer @param {number} unit */
export const neuron = (layer, unit) => `n${layer}.${unit}`;
/** @param {number} layer @param {number} from @param {number} to */
export const edge = (layer, from, to) => `e${layer}.${from}.${to}`;

/**
 * @param {string | null} element
 * @returns {{kind: "neuron", layer: number, unit: number} | {kind: "edge", layer: number, from:
 *   number, to: number} | null}
 */
export function parseElement(element) {
  const m = /^(n|e)(\d+)\.(\d+)(?:\.(\d+))?$/.exec(element ?? "");
  if (!m) return null;
  if (m[1] === "n")
    return m[4] === undefined ? { kind: "neuron", layer: +m[2], unit: +m[3] } : null;
  return m[4] === undefined || +m[2] === 0
    ? null
    : { kind: "edge", layer: +m[2], from: +m[3], to: +m[4] };
}

/**
 * The layer that is read next to the one that is written: between these a line carries its numbers.
 * @param {{reads: string[], writes: string[]}} touched elements
 * @returns {{from: number, to: number} | null} null if a line stays in its layer
 */
export function layersCrossed({ reads, writes }) {
  const layersOf = (/** @type {string[]} */ elements) =>
    elements.map(parseElement).flatMap((e) => (e?.kind === "neuron" ? [e.layer] : []));
  const [to] = layersOf(writes);
  const from = layersOf(reads).find((each) => Math.abs(each - to) === 1);
  return to === undefined || from === undefined ? null : { from, to };
}

/** @param {string | null} element @param {number[]} sizes units of each layer, input first */
export function exists(element, sizes) {
  const e = parseElement(element);
  if (!e) return false;
  if (e.kind === "neuron") return e.layer < sizes.length && e.unit < sizes[e.layer];
  return e.layer < sizes.length && e.to < sizes[e.layer] && e.from < sizes[e.layer - 1];
}

/**
 * Layer whose neurons a vector variable lives on; null if it has no place in the picture.
 * @param {Placed | undefined} variable @param {number} depth number of layers
 */
export function place(variable, depth) {
  if (!variable) return null;
  const { quantity, layer, axes } = variable;
  if (quantity === "x") return { layer: 0, matrix: false };
  if (quantity === "target") return { layer: depth, matrix: false };
  if (layer === null || isJacobian(quantity) || !axes.includes(TEXT.core.unit)) return null;
  return { layer, matrix: axes.includes(TEXT.core.unitBelow) };
}

/**
 * The ends of an edge, by the axes of its matrix.
 * @param {Placed} variable @param {number[]} index
 */
export const endsOf = ({ axes }, index) => ({
  from: index[axes.indexOf(TEXT.core.unitBelow)],
  to: index[axes.indexOf(TEXT.core.unit)],
});

/**
 * The element of the picture that an entry of a variable stands for.
 * @param {Placed | undefined} variable @param {number[]} index @param {number} depth
 * @returns {string | null}
 */
export function elementOf(variable, index, depth) {
  const at = place(variable, depth);
  if (!variable || !at || !index.length) return null;
  if (!at.matrix) return neuron(at.layer, index[index.length - 1]);
  const { from, to } = endsOf(variable, index);
  return edge(at.layer, from, to);
}

/**
 * The entries of a variable that an element of the picture touches: a neuron touches its row of W,
 * the column of the next W, and its entry of every vector.
 * @param {string | null} element @param {Placed | undefined} variable @param {number} depth
 * @returns {Pattern | null}
 */
export function patternOf(element, variable, depth) {
  const e = parseElement(element);
  const at = place(variable, depth);
  if (!e || !variable || !at) return null;
  const ends =
    e.kind === "edge" ? { [e.layer - 1]: e.from, [e.layer]: e.to } : { [e.layer]: e.unit };
  if (e.kind === "edge" && at.matrix && at.layer !== e.layer) return null;
  const [unit, below] = [ends[at.layer] ?? null, at.matrix ? (ends[at.layer - 1] ?? null) : null];
  if (unit === null && below === null) return null;
  if (!at.matrix)
    return variable.axes.map((_, k) => (k === variable.axes.length - 1 ? unit : null));
  return variable.axes.map((axis) =>
    axis === TEXT.core.unit ? unit : axis === TEXT.core.unitBelow ? below : null,
  );
}

/** @param {number[]} index @param {Pattern} pattern */
export const matches = (index, pattern) =>
  pattern.every((value, i) => value === null || value === index[i]);

/**
 * All elements that the entries of a variable which match a pattern stand for; used to light a row
 * of W as edges.
 * @param {(Placed & {shape: number[]}) | undefined} variable @param {Pattern} pattern
 * @param {number} depth
 * @returns {string[]}
 */
export function elementsOf(variable, pattern, depth) {
  const at = place(variable, depth);
  if (!variable || !at || variable.shape.length !== pattern.length) return [];
  // Samples have no place in the picture: a whole column of a batch is one neuron.
  const ranges = pattern.map((value, axis) =>
    value !== null
      ? [value]
      : variable.axes[axis] === TEXT.core.sample
        ? [0]
        : Array.from({ length: variable.shape[axis] }, (_, k) => k),
  );
  /** @type {number[][]} */
  let indices = [[]];
  for (const range of ranges) indices = indices.flatMap((index) => range.map((k) => [...index, k]));
  return indices
    .map((index) => elementOf(variable, index, depth))
    .filter((element) => element !== null);
}

/** In words. @param {string | null} element @param {string[]} [features] names of the inputs */
export function describe(element, features = []) {
  const e = parseElement(element);
  if (!e) return "";
  /** @param {number} layer @param {number} unit */
  const name = (layer, unit) =>
    layer === 0 ? (features[unit] ?? TEXT.core.inputNamed(unit)) : TEXT.core.neuronNumber(unit);
  if (e.kind === "neuron")
    return e.layer === 0
      ? TEXT.core.inputNamed(features[e.unit] ?? e.unit)
      : TEXT.core.inLayer(e.layer) + TEXT.core.neuronNumber(e.unit);
  return TEXT.core.weightFromTo(e.layer, name(e.layer - 1, e.from), name(e.layer, e.to));
}
