/**
 * What the network figure shows: for each layer the variable on its neurons and its numbers, for
 * each edge the weight or its gradient. At rest this follows the current line: a layer that the
 * line reads or computes shows that very variable, so that the picture and the written-out sum have
 * the same numbers.
 */
import { place } from "../core/elements.js";
import { isUpdate, parse } from "../core/lines.js";
import { lineOf, variable } from "../core/trace.js";
import { covers, quantityVeiled } from "../core/veil.js";

const ROUNDING = 1e-14;

/**
 * @typedef {"reads" | "writes" | "known" | "pending"} Role what the line does with the layer's
 *   variable; known: computed before, or the figure does not follow the line; pending: no line up
 *   to here has computed it
 * @typedef {{id: string | null, quantity: string, role: Role, values: ArrayLike<number> | null}}
 *   Shown id: of a line or a given, "a2"; quantity: the id without its layer, "a"; values: null if
 *   unknown or veiled
 */

/**
 * Units of each layer, input first.
 * @param {import("./store.js").State} state
 * @returns {number[]}
 */
export const sizesOf = (state) => [
  state.data.features.length,
  ...state.frame.layers.map((layer) => layer.units),
];

/** "dC_dz2" → "dC_dz", "m_b1_next" → "m_b_next". @param {string | null} id */
export const quantityOf = (id) => (id ?? "").replace(/([azWb])\d+(?=_next$|$)/, "$1");

/**
 * What a line is about comes before parameters, the target last: a neuron has one number.
 * @param {string} id
 */
const precedence = (id) => (id === "target" ? 2 : /^(x|[az]\d+|dC_d[az]\d+)$/.test(id) ? 0 : 1);

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
 * @param {import("../core/wire.js").Trace} trace @param {string} id of the line
 * @returns {{id: string | null, role: Role}[]}
 */
export function neuronsOfLine(trace, id) {
  const depth = trace.activations.length;
  const until = trace.lines.findIndex((each) => each.id === id);
  const line = trace.lines[until];
  /** @type {{id: string | null, role: Role}[]} */
  const layers = new Array(depth + 1).fill(null);
  /** @param {string} name @param {Role} role */
  const put = (name, role) => {
    const at = place(name, depth);
    if (at && !at.matrix) layers[at.layer] ??= { id: name, role };
  };
  put(line.id, "writes");
  for (const name of [...line.inputs].sort((p, q) => precedence(p) - precedence(q)))
    put(name, "reads");
  layers[0] ??= { id: "x", role: "known" };
  /** @param {string} name */
  const computed = (name) =>
    trace.lines.findIndex((each) => each.id === name) <= until && lineOf(trace, name);
  return layers.map((own, layer) => {
    if (own) return own;
    const found = COMPUTED[line.phase].map((letter) => letter + layer).find(computed);
    return found ? { id: found, role: "known" } : { id: null, role: "pending" };
  });
}

/**
 * Whether the figure follows the line.
 * @param {import("./store.js").State} state
 */
const following = (state) =>
  state.neurons === "line" &&
  Boolean(lineOf(state.trace, state.line)) &&
  state.trace.activations.length === state.frame.layers.length;

/**
 * The one quantity of all layers where the figure does not follow the line.
 * @param {import("./store.js").State} state
 */
function uniform(state) {
  if (state.neurons !== "line") return state.neurons;
  const line = lineOf(state.trace, state.line);
  const { letter } = parse(line?.id ?? "");
  if (line?.phase === "backward") return letter === "a" ? "dC_da" : "dC_dz";
  return line?.phase === "forward" && letter === "z" ? "z" : "a";
}

/**
 * The variable that the neurons of each layer show, input first. While the run plays all lines are
 * computed again and again: nothing is pending.
 * @param {import("./store.js").State} state
 * @returns {{id: string | null, role: Role}[]}
 */
function variables(state) {
  const own = following(state) ? neuronsOfLine(state.trace, state.line) : [];
  /** @param {number} layer @returns {{id: string, role: Role}} */
  const known = (layer) => ({ id: layer ? uniform(state) + layer : "x", role: "known" });
  return sizesOf(state).map((_, layer) =>
    own[layer] && !(state.playing && own[layer].role === "pending") ? own[layer] : known(layer),
  );
}

/**
 * The lines and givens of the working whose values the page shows: those of the current line, of
 * the neurons, of the edges and of the cost.
 * @param {import("./store.js").State} state
 * @returns {string[]} none if the working does not have the current line
 */
export function shownIds(state) {
  const line = lineOf(state.trace, state.line);
  if (!line) return [];
  const neurons = variables(state).map(({ id }) => id);
  const edges = edgeQuantity(state) === "dC_dW" ? state.trace.activations : [];
  const gradients = edges.map((_, k) => `dC_dW${k + 1}`);
  return [...new Set([line.id, ...line.inputs, ...neurons, ...gradients, "C"])].flatMap((id) =>
    id !== null && variable(state.trace, id) ? [id] : [],
  );
}

/**
 * What the neurons of each layer show, input first; no numbers that are still on their way.
 * @param {import("./store.js").State} state
 * @returns {Shown[]}
 */
export function shownNeurons(state) {
  return variables(state).map(({ id, role }) => ({
    id,
    role,
    quantity: quantityOf(id),
    values:
      id === null || id === state.arriving || neuronVeiled(state, id) ? null : valuesOf(state, id),
  }));
}

/**
 * Does a lesson ask for the variable of a layer?
 * @param {import("./store.js").State} state
 * @param {string} id
 */
function neuronVeiled(state, id) {
  const { layer } = parse(id);
  const quantity = quantityOf(id);
  return quantity === "dC_da"
    ? quantityVeiled(state, quantity, layer)
    : covers(state.veil, id, state.frame.layers.length);
}

/**
 * Does the trace belong to the step and the sample that are shown?
 * @param {import("./store.js").State} state
 */
const current = ({ trace, frame, sample }) =>
  Boolean(trace) && trace.step === frame.step && (sample === "batch") === (trace.batch !== null);

/**
 * Is the line one of the update whose batch is still on its way? Until then nothing of it is shown.
 * @param {import("./store.js").State} state
 */
export const awaitsBatch = ({ trace, line, sample }) =>
  isUpdate(line) && sample === "batch" && trace?.batch === null;

/**
 * One number for each unit. Of a batch the mean, and the sum of gradients, as its parameters'
 * gradient adds them up. The working's own numbers come first: another scaling of the cost changes
 * them, and the frame does not know of it.
 * @param {import("./store.js").State} state
 * @param {string} id
 * @returns {ArrayLike<number> | null}
 */
export function valuesOf(state, id) {
  const own = current(state) ? variable(state.trace, id) : null;
  if (!own || own.left_out) return ofFrame(state, id);
  /** @param {(number | null)[]} row @returns {number[]} */
  const numbers = (row) => row.map((value) => value ?? NaN);
  if (own.shape.length < 2) return numbers(own.value);
  /** @type {number[][]} */
  const rows = own.value.map(numbers);
  const sums = rows[0].map((_, unit) => rows.reduce((total, row) => total + row[unit], 0));
  if (id.startsWith("dC")) return sums;
  const sizes = rows[0].map((_, unit) =>
    rows.reduce((total, row) => total + Math.abs(row[unit]), 0),
  );
  // The mean of a standardised feature is 0 except for rounding errors, which would be scaled to
  // the full range of colours.
  return sums.map((sum, unit) => (Math.abs(sum) < ROUNDING * sizes[unit] ? 0 : sum / rows.length));
}

/**
 * @param {import("./store.js").State} state
 * @param {string} id
 * @returns {ArrayLike<number> | null}
 */
function ofFrame({ frame, sample }, id) {
  if (id === "x") return frame.input ?? null;
  const { kind, letter, layer } = parse(id);
  const own = frame.layers[layer - 1];
  if (letter === "b")
    return kind === "value"
      ? (own?.b?.data ?? null)
      : kind === "gradient" && sample === "batch"
        ? (own?.dC_db?.data ?? null)
        : null;
  return own?.neurons?.[quantityOf(id)] ?? null;
}

/** What all edges show. @param {import("./store.js").State} state @returns {"W" | "dC_dW"} */
export function edgeQuantity(state) {
  if (state.edges !== "line") return /** @type {"W" | "dC_dW"} */ (state.edges);
  const line = lineOf(state.trace, state.line);
  const { kind, letter } = parse(line?.id ?? "");
  return letter === "W" && (kind === "gradient" || line?.phase === "update") ? "dC_dW" : "W";
}

/**
 * The weights' gradients that are shown: of layers whose line has not come yet there are none.
 * @param {import("./store.js").State} state @returns {({data: ArrayLike<number>} | null)[]}
 */
export function shownEdges(state) {
  const quantity = edgeQuantity(state);
  const follows = state.edges === "line" && !state.playing && quantity === "dC_dW";
  const until = follows ? state.trace.lines.findIndex(({ id }) => id === state.line) : Infinity;
  /** @param {string} id */
  const pending = (id) =>
    follows &&
    (id === state.arriving || state.trace.lines.findIndex((line) => line.id === id) > until);
  /** @param {{data: ArrayLike<number>}} edges */
  const none = (edges) => ({
    data: new Float64Array(edges.data.length),
  });
  return edgesOf(state, quantity).map((edges, i) =>
    edges && (quantityVeiled(state, quantity, i + 1) || pending(`${quantity}${i + 1}`))
      ? none(edges)
      : edges,
  );
}

/**
 * Is it the gradient of one sample that the edges show?
 * @param {import("./store.js").State} state
 */
const ofSample = (state) => current(state) && state.sample !== "batch";

/**
 * Weights or their gradient, (n_in, n_out) each. The frame has the gradient of the batch; when one
 * sample is followed the picture must show what the working shows, the gradient of that sample.
 * @param {import("./store.js").State} state
 * @param {"W" | "dC_dW"} name
 * @returns {({data: ArrayLike<number>} | null)[]}
 */
export function edgesOf(state, name) {
  const { frame, trace } = state;
  if (name === "W" || !ofSample(state)) return frame.layers.map((layer) => layer[name] ?? null);
  return frame.layers.map((layer, i) => {
    const value = lineOf(trace, `dC_dW${i + 1}`)?.value;
    if (!value) return layer[name];
    /** @type {number[][]} */
    const matrix = value;
    const rows =
      trace.convention === "column"
        ? matrix[0].map((_, from) => matrix.map((row) => row[from]))
        : matrix;
    return { data: rows.flat().map((v) => v ?? NaN) };
  });
}

/** Whose gradient the edges show. @param {import("./store.js").State} state */
export const edgesOwner = (state) => (ofSample(state) ? "sample" : "batch");
