/**
 * Neurons and edges of the picture, and which entries of which matrices they are.
 *
 * An element is a short text, so that it can be compared, stored and put in the address: "n2.0" is
 * neuron 0 of layer 2 (layer 0: the input), "e2.3.0" the edge from neuron 3 of layer 1 to it.
 */
import { TEXT } from "../text/en.js";
import { parse } from "./lines.js";

/** @typedef {{convention: string, depth: number}} Context depth: number of layers */
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
  /** @param {string[]} elements */
  const layersOf = (elements) =>
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
 * @param {string} variable
 * @param {number} depth
 */
export function place(variable, depth) {
  if (variable === "x") return { layer: 0, matrix: false };
  if (variable === "target") return { layer: depth, matrix: false };
  const { kind, letter, layer } = parse(variable);
  if (kind === "other" || kind === "jacobian") return null;
  return { layer, matrix: letter === "W" };
}

/**
 * The element of the picture that an entry of a variable stands for.
 * @param {string} variable @param {number[]} index @param {Context} context
 * @returns {string | null}
 */
export function elementOf(variable, index, { convention, depth }) {
  const at = place(variable, depth);
  if (!at || !index.length) return null;
  if (!at.matrix) return neuron(at.layer, index[index.length - 1]);
  if (index.length !== 2) return null;
  const [to, from] = convention === "column" ? index : [index[1], index[0]];
  return edge(at.layer, from, to);
}

/**
 * The entries of a variable that an element of the picture touches: a neuron touches its row of W,
 * the column of the next W, and its entry of every vector.
 * @param {string | null} element
 * @param {string} variable
 * @param {number} dimensions of the variable
 * @param {Context} context
 * @returns {Pattern | null}
 */
export function patternOf(element, variable, dimensions, { convention, depth }) {
  const e = parseElement(element);
  const at = place(variable, depth);
  if (!e || !at) return null;
  if (!at.matrix) {
    const unit =
      e.kind === "neuron"
        ? e.layer === at.layer
          ? e.unit
          : null
        : at.layer === e.layer
          ? e.to
          : at.layer === e.layer - 1
            ? e.from
            : null;
    return unit === null ? null : [...Array(dimensions - 1).fill(null), unit];
  }
  if (dimensions !== 2) return null;
  let to = null;
  let from = null;
  if (e.kind === "edge") {
    if (e.layer !== at.layer) return null;
    ({ to, from } = e);
  } else if (e.layer === at.layer) to = e.unit;
  else if (e.layer === at.layer - 1) from = e.unit;
  else return null;
  return convention === "column" ? [to, from] : [from, to];
}

/** @param {number[]} index @param {Pattern} pattern */
export const matches = (index, pattern) =>
  pattern.every((value, i) => value === null || value === index[i]);

/**
 * All elements that the entries of a variable which match a pattern stand for; used to light a row
 * of W as edges.
 * @param {string} variable
 * @param {Pattern} pattern
 * @param {number[]} shape
 * @param {Context} context
 * @returns {string[]}
 */
export function elementsOf(variable, pattern, shape, context) {
  const at = place(variable, context.depth);
  if (!at || shape.length !== pattern.length || shape.length > 2 || !shape.length) return [];
  // Samples have no place in the picture: a whole column of a batch is one neuron.
  const ranges = pattern.map((value, i) =>
    value !== null
      ? [value]
      : !at.matrix && i < shape.length - 1
        ? [0]
        : Array.from({ length: shape[i] }, (_, k) => k),
  );
  const out = [];
  for (const p of ranges[0]) {
    if (ranges.length === 1) out.push(elementOf(variable, [p], context));
    else for (const q of ranges[1]) out.push(elementOf(variable, [p, q], context));
  }
  return out.filter((element) => element !== null);
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
