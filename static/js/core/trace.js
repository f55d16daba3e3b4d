/** How a working is written: fields of the page's state, and parameters of a request for one. */
export const NOTATION = /** @type {const} */ (["convention", "reduction", "jacobians", "fused"]);
/** Looking things up in a trace. */

/** Lines of traces by id. @type {WeakMap<Line[], Map<string, Line>>} */
const byId = new WeakMap();

/** @param {Trace | null} trace @param {string} id */
export function lineOf(trace, id) {
  if (!trace) return undefined;
  const known = byId.get(trace.lines) ?? new Map(trace.lines.map((line) => [line.id, line]));
  byId.set(trace.lines, known);
  return known.get(id);
}

/**
 * A line or a given: whatever an input refers to.
 * @param {Trace | null} trace @param {string} id
 */
export const variable = (trace, id) =>
  lineOf(trace, id) ?? trace?.givens.find((given) => given.id === id);

/** @param {Trace} trace @param {string} id @returns {number[]} */
export const shapeOfInput = (trace, id) => variable(trace, id)?.shape ?? [];

/**
 * @param {string} quantity @param {number | null} layer
 * @returns {(value: Pick<Given, "quantity" | "layer">) => boolean}
 */
export const isOf = (quantity, layer) => (value) =>
  value.quantity === quantity && value.layer === layer;

/**
 * The quantity of a layer: a line or a given.
 * @param {Trace | null} trace @param {string} quantity such as dC_dW @param {number | null} [layer]
 */
export const quantityIn = (trace, quantity, layer = null) =>
  trace?.lines.find(isOf(quantity, layer)) ?? trace?.givens.find(isOf(quantity, layer));

const MOST_ENTRIES = 100000;

/**
 * ∂z/∂W has n_out² n_in entries for each sample: the server answers up to a limit.
 * @param {Recipe} recipe @param {Data} data @param {number | "batch"} sample
 */
export function jacobiansFit({ network, batch }, data, sample) {
  const rows = data.train.x.length;
  const samples = sample === "batch" ? Math.min(rows, batch?.size ?? rows) : 1;
  const sizes = [data.features.length, ...network.layers.map(({ units }) => units)];
  return sizes.slice(1).every((n, i) => samples * n * n * sizes[i] <= MOST_ENTRIES);
}

/**
 * The line before or after; stays at the ends.
 * @param {{lines: {id: string}[]} | null} trace @param {string} id @param {number} by
 */
export function neighbour(trace, id, by) {
  if (!trace) return id;
  const k = trace.lines.findIndex((line) => line.id === id);
  return trace.lines[Math.max(0, Math.min(trace.lines.length - 1, k + by))].id;
}

/**
 * The line and what it reads, as far as their values were too large to come with the trace.
 * @param {Trace | null} trace @param {string} id @returns {string[]}
 */
export function leftOut(trace, id) {
  const line = lineOf(trace, id);
  return line ? leftOutOf(trace, [...new Set([id, ...line.inputs])]) : [];
}

/**
 * Those of some lines and givens whose values did not come with the trace.
 * @param {Trace | null} trace @param {string[]} ids
 */
export const leftOutOf = (trace, ids) => ids.filter((id) => variable(trace, id)?.left_out);

/**
 * The trace with values that were left out of it.
 * @param {Trace} trace @param {Given[]} answers lines and givens
 */
export function withValues(trace, answers) {
  const values = new Map(answers.map((each) => [each.id, each]));
  /** @template {Given} T @param {T} each @returns {T} */
  const filled = (each) =>
    values.has(each.id)
      ? { ...each, left_out: undefined, finite: undefined, ...values.get(each.id) }
      : each;
  return { ...trace, lines: trace.lines.map(filled), givens: trace.givens.map(filled) };
}

/**
 * The working of another step of the same run: formulas of the one before, values as far as they
 * came.
 * @param {Trace} before @param {Trace} after lines and givens, or some of them, without formulas
 * @returns {Trace}
 */
export function atStep(before, after) {
  /** @template {Given} T @param {T} each @returns {T} */
  const emptied = (each) => ({ ...each, value: null, left_out: true });
  const [lines, givens] = [before.lines.map(emptied), before.givens.map(emptied)];
  const gradients = after.gradients.length ? after.gradients : before.gradients;
  const empty = { ...after, gradients, lines, givens };
  return withValues(empty, [...after.lines, ...after.givens]);
}
