/**
 * What the network figure shows: for each layer the variable on its neurons and its numbers, for
 * each edge the weight or its gradient. At rest this follows the current line: a layer that the
 * line reads or computes shows that very variable, so that the picture and the written-out sum have
 * the same numbers.
 */
import { place } from "../core/elements.js";
import { isUpdate, named } from "../core/names.js";
import { isOf, lineOf, quantityIn, variable } from "../core/trace.js";
import { covers, quantityVeiled } from "../core/veil.js";
import { TEXT } from "../text/en.js";

const ROUNDING = 1e-14;

/** Units of each layer, input first. @param {State} state @returns {number[]} */
export const sizesOf = (state) => [
  state.data.features.length,
  ...state.frame.layers.map((layer) => layer.units),
];

/** What a line is about. */
const OF_LINES = ["x", "z", "a", "dC_dz", "dC_da"];

/** It comes before parameters, the target last: a neuron has one number. @param {Given} value */
const precedence = ({ quantity }) =>
  quantity === "target" ? 2 : OF_LINES.includes(quantity) ? 0 : 1;

/**
 * What a layer shows that the line does not touch, the latest first.
 * @type {Record<string, string[]>}
 */
const COMPUTED = {
  forward: ["a", "z"],
  cost: ["a", "z"],
  backward: ["dC_dz", "dC_da"],
  update: ["a"],
};

/**
 * The variable that each layer's neurons show on a line, input first.
 * @param {Trace} trace @param {Line} line @returns {Standing[]}
 */
export function neuronsOfLine(trace, line) {
  const depth = trace.activations.length;
  /** @type {Standing[]} */
  const layers = new Array(depth + 1).fill(null);
  /** @param {Given} array @param {Role} role */
  const put = (array, role) => {
    const at = place(array, depth);
    if (at && !at.matrix) layers[at.layer] ??= { variable: array, role };
  };
  put(line, "writes");
  const inputs = line.inputs.flatMap((id) => variable(trace, id) ?? []);
  for (const input of inputs.sort((p, q) => precedence(p) - precedence(q))) put(input, "reads");
  const done = trace.lines.slice(0, trace.lines.indexOf(line) + 1);
  return layers.map((filled, layer) => {
    if (filled) return filled;
    const array = layer
      ? COMPUTED[line.phase].flatMap((quantity) => done.find(isOf(quantity, layer)) ?? [])[0]
      : quantityIn(trace, "x");
    return array ? { variable: array, role: "known" } : { variable: null, role: "pending" };
  });
}

/**
 * Whether the figure follows the line. While a number is held, what it changes is shown up to the
 * output, before the line has come there.
 */
const following = (/** @type {State} */ state) =>
  state.neurons === "line" &&
  !isAhead(state) &&
  !state.first &&
  Boolean(lineOf(state.trace, state.line)) &&
  state.trace.activations.length === state.frame.layers.length;

const isAhead = (/** @type {State} */ { held, trace, line }) =>
  held && /forward|cost/.test(lineOf(trace, line)?.phase ?? "");

/** The one quantity of all layers where the figure does not follow the line. */
function uniform(/** @type {State} */ state) {
  if (state.neurons !== "line") return state.neurons;
  if (state.first || isAhead(state)) return "a";
  const line = lineOf(state.trace, state.line);
  if (line?.phase === "backward") return line.quantity.endsWith("_da") ? "dC_da" : "dC_dz";
  return line?.quantity === "z" ? "z" : "a";
}

/**
 * The variable that the neurons of each layer show, input first. While the run plays all lines are
 * computed again and again: nothing is pending.
 * @param {State} state @returns {Standing[]}
 */
function variables(state) {
  const line = following(state) ? lineOf(state.trace, state.line) : undefined;
  const ofLine = line ? neuronsOfLine(state.trace, line) : [];
  /** @param {number} layer @returns {Standing} */
  const known = (layer) => {
    const quantity = layer ? uniform(state) : "x";
    const array = quantityIn(state.trace, quantity, layer || null);
    return { variable: array ?? named(quantity + (layer || "")), role: "known" };
  };
  return sizesOf(state).map((_, layer) =>
    ofLine[layer] && !(state.playing && ofLine[layer].role === "pending")
      ? ofLine[layer]
      : known(layer),
  );
}

/**
 * The lines and givens of the working whose values the page shows: those of the current line, of
 * the neurons, of the edges and of the cost.
 * @param {State} state @returns {string[]} none if the working does not have the current line
 */
export function shownIds(state) {
  const { trace } = state;
  const line = lineOf(trace, state.line);
  if (!line) return [];
  const neurons = variables(state).flatMap((layer) => layer.variable?.id ?? []);
  const edges = edgeQuantity(state) === "dC_dW" ? trace.lines : [];
  const gradients = edges.filter(({ quantity }) => quantity === "dC_dW").map(({ id }) => id);
  const ids = new Set([line.id, ...line.inputs, ...neurons, ...gradients, "C"]);
  return [...ids].filter((id) => variable(trace, id));
}

/**
 * What the neurons of each layer show, input first; no numbers that are still on their way.
 * @param {State} state @returns {Shown[]}
 */
export function shownNeurons(state) {
  return variables(state).map((layer) => {
    const value = layer.variable;
    const unknown = !value || value.id === state.arriving || neuronVeiled(state, value);
    const values = unknown ? null : valuesOf(state, value.quantity, value.layer);
    return { ...layer, quantity: value?.quantity ?? "", values };
  });
}

/** Does a lesson ask for the variable of a layer? @param {State} state @param {Named} value */
function neuronVeiled(state, value) {
  return value.quantity === "dC_da" && value.layer !== null
    ? quantityVeiled(state, value.quantity, value.layer)
    : covers(state.veil, value, state.frame.layers.length);
}

/** Does the trace belong to the step and the sample that are shown? @param {State} state */
const current = ({ trace, frame, sample }) =>
  Boolean(trace) && trace.step === frame.step && (sample === "batch") === (trace.batch !== null);

/**
 * Whether the line's numbers are on their way, the batch's or again one sample's: until they come,
 * what is on screen stays.
 */
export const awaitsNumbers = (/** @type {State} */ { trace, line, sample }) =>
  sample === "batch" ? isUpdate(line) && trace?.batch === null : Boolean(trace?.batch);

/**
 * One number for each unit. Of a batch the mean, and the sum of gradients, as its parameters'
 * gradient adds them up. The numbers of the working come first: another scaling of the cost changes
 * them, and the frame does not know of it.
 * @param {State} state @param {string} quantity @param {number | null} layer
 * @returns {ArrayLike<number> | null}
 */
export function valuesOf(state, quantity, layer) {
  const array = current(state) ? quantityIn(state.trace, quantity, layer) : null;
  if (!array || array.left_out) return ofFrame(state, quantity, layer);
  /** @param {(number | null)[]} row @returns {number[]} */
  const numbers = (row) => row.map((value) => value ?? NaN);
  if (array.shape.length < 2) return numbers(array.value);
  /** @type {number[][]} */
  const rows = array.value.map(numbers);
  const sums = rows[0].map((_, unit) => rows.reduce((total, row) => total + row[unit], 0));
  if (quantity.startsWith("dC")) return sums;
  const sizes = rows[0].map((_, unit) =>
    rows.reduce((total, row) => total + Math.abs(row[unit]), 0),
  );
  // The mean of a standardised feature is 0 except for rounding errors, which would be scaled to
  // the full range of colours.
  return sums.map((sum, unit) => (Math.abs(sum) < ROUNDING * sizes[unit] ? 0 : sum / rows.length));
}

/**
 * @param {State} state @param {string} quantity @param {number | null} layer
 * @returns {ArrayLike<number> | null}
 */
function ofFrame({ frame, sample }, quantity, layer) {
  if (quantity === "x") return frame.input ?? null;
  const arrays = layer === null ? undefined : frame.layers[layer - 1];
  if (quantity === "b" || (quantity === "dC_db" && sample === "batch"))
    return arrays?.[quantity]?.data ?? null;
  return arrays?.neurons?.[quantity] ?? null;
}

/** What all edges show. @param {State} state @returns {"W" | "dC_dW"} */
export function edgeQuantity(state) {
  if (state.edges !== "line") return /** @type {"W" | "dC_dW"} */ (state.edges);
  const line = lineOf(state.trace, state.line);
  const matrix = place(line, 0)?.matrix && line?.phase !== "forward";
  return matrix ? "dC_dW" : "W";
}

/**
 * The weights' gradients that are shown: of layers whose line has not come yet there are none.
 * @param {State} state @returns {({data: ArrayLike<number>} | null)[]}
 */
export function shownEdges(state) {
  const quantity = edgeQuantity(state);
  const follows = state.edges === "line" && !state.playing && quantity === "dC_dW";
  const { lines } = state.trace ?? { lines: [] };
  const until = lines.findIndex(({ id }) => id === state.line);
  const pending = (/** @type {number} */ layer) => {
    const at = lines.findIndex(isOf(quantity, layer));
    return follows && (lines[at]?.id === state.arriving || at > until);
  };
  /** @param {{data: ArrayLike<number>}} edges */
  const none = (edges) => ({ data: new Float64Array(edges.data.length) });
  return edgesOf(state, quantity).map((edges, i) =>
    edges && (quantityVeiled(state, quantity, i + 1) || pending(i + 1)) ? none(edges) : edges,
  );
}

/** What neurons and edges show; edges of which nothing may be shown have no numbers. */
export const shownValues = (/** @type {State} */ state) => ({
  layers: shownNeurons(state),
  edges: shownEdges(state).map((edges) => edges ?? { data: [] }),
});

/** Is it the gradient of one sample that the edges show? @param {State} state */
const ofSample = (state) => current(state) && state.sample !== "batch";

/**
 * Weights or their gradient, (n_in, n_out) each. The frame has the gradient of the batch; when one
 * sample is followed the picture must show what the working shows, the gradient of that sample.
 * @param {State} state @param {"W" | "dC_dW"} name @returns {({data: ArrayLike<number>} | null)[]}
 */
export function edgesOf(state, name) {
  const { frame, trace } = state;
  if (name === "W" || !ofSample(state)) return frame.layers.map((layer) => layer[name] ?? null);
  return frame.layers.map((layer, i) => {
    const line = quantityIn(trace, name, i + 1);
    if (!line?.value) return layer[name];
    /** @type {(number | null)[][]} */
    const matrix = line.value;
    const rows = line.axes[0] === TEXT.core.unit ? transposed(matrix) : matrix;
    return { data: rows.flat().map((v) => v ?? NaN) };
  });
}

/** @template T @param {T[][]} rows @returns {T[][]} */
const transposed = (rows) => rows[0].map((_, column) => rows.map((row) => row[column]));

/** Whose gradient the edges show. @param {State} state */
export const edgesOwner = (state) => (ofSample(state) ? "sample" : "batch");
