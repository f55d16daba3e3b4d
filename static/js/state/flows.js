/**
 * What a line carries from neuron to neuron: the terms of its sums, W_ij times what unit i or j
 * holds. Sizes are fractions of the largest of the whole pass, so that a gradient that fades from
 * layer to layer is seen to fade.
 */
import { edge, neuron, place } from "../core/elements.js";
import { variable } from "../core/trace.js";
import { edgesOf, valuesOf } from "./shown.js";

/**
 * @typedef {{from: string, to: string, along: string, fraction: number}} Flow elements; along: the
 *   edge; fraction: 0 to 1
 * @typedef {(size: number, from: string, to: string, along: string) => void} Visit
 */

/**
 * Each term that a line carries along an edge.
 * @param {State} state @param {Line} line
 * @param {(size: number, layer: number, from: number, to: number, back: boolean) => void} visit
 *   layer: of the edge's upper end; back: it is carried from there down
 */
function eachTerm(state, line, visit) {
  const depth = state.frame.layers.length;
  const target = place(line, depth);
  if (!target) return;
  if (target.matrix) {
    if (line.phase !== "backward") return;
    const gradients = edgesOf(state, "dC_dW")[target.layer - 1]?.data;
    if (gradients) eachEdge(state, target.layer, gradients, () => 1, false, visit);
    return;
  }
  for (const id of line.inputs) {
    const input = variable(state.trace, id);
    const source = place(input, depth);
    if (!input || !source || source.matrix || Math.abs(source.layer - target.layer) !== 1) continue;
    const upper = Math.max(source.layer, target.layer);
    const back = source.layer > target.layer;
    const [weights, values] = [
      state.frame.layers[upper - 1]?.W?.data,
      valuesOf(state, input.quantity, input.layer),
    ];
    if (!weights || !values) continue;
    eachEdge(state, upper, weights, (i, j) => values[back ? j : i], back, visit);
  }
}

/**
 * @param {State} state @param {number} layer @param {ArrayLike<number>} matrix (n_in, n_out)
 * @param {(from: number, to: number) => number} factor @param {boolean} back
 * @param {Parameters<typeof eachTerm>[2]} visit
 */
function eachEdge({ frame }, layer, matrix, factor, back, visit) {
  const outputs = frame.layers[layer - 1].units;
  for (let k = 0; k < matrix.length; k++) {
    const [i, j] = [Math.floor(k / outputs), k % outputs];
    const size = Math.abs(matrix[k] * factor(i, j));
    visit(Number.isFinite(size) ? size : 0, layer, i, j, back);
  }
}

/** @param {State} state @param {Line} line */
const isGradient = ({ frame }, line) => place(line, frame.layers.length)?.matrix ?? false;

/**
 * The largest term of the lines of the same phase and kind.
 * @param {State} state @param {Line} line
 */
function largestTerm(state, line) {
  let largest = 0;
  for (const each of state.trace.lines)
    if (each.phase === line.phase && isGradient(state, each) === isGradient(state, line))
      eachTerm(state, each, (size) => {
        largest = Math.max(largest, size);
      });
  return largest;
}

/**
 * The terms that a line carries along edges, the largest if there are too many.
 * @param {State} state @param {Line} line @param {number} most @returns {Flow[]}
 */
export function flowsOf(state, line, most) {
  /** @type {number[]} */
  const sizes = [];
  eachTerm(state, line, (size) => sizes.push(size));
  const least = sizes.length > most ? [...sizes].sort((a, b) => b - a)[most - 1] : 0;
  const largest = largestTerm(state, line) || 1;
  const ofEdge = isGradient(state, line);
  /** @type {Flow[]} */
  const flows = [];
  eachTerm(state, line, (size, layer, i, j, back) => {
    if (size < least || flows.length >= (ofEdge ? 2 : 1) * most) return;
    const [below, above] = [neuron(layer - 1, i), neuron(layer, j)];
    const along = edge(layer, i, j);
    const fraction = size / largest;
    if (ofEdge)
      flows.push(
        { from: below, to: along, along, fraction },
        { from: above, to: along, along, fraction },
      );
    else flows.push({ from: back ? above : below, to: back ? below : above, along, fraction });
  });
  return flows;
}

/**
 * The size of each unit that a line writes, as a fraction of the largest in its phase.
 * @param {State} state @param {Line} line @returns {{element: string, fraction: number}[]}
 */
export function unitsOf(state, line) {
  const depth = state.frame.layers.length;
  const of = (/** @type {Line} */ each) => {
    const at = place(each, depth);
    return at && !at.matrix ? valuesOf(state, each.quantity, each.layer) : null;
  };
  const values = of(line);
  if (!values) return [];
  let largest = 0;
  for (const each of state.trace.lines)
    if (each.phase === line.phase)
      for (const value of Array.from(of(each) ?? []))
        if (Math.abs(value) > largest) largest = Math.abs(value);
  const { layer } = /** @type {{layer: number}} */ (place(line, depth));
  return Array.from(values, (value, unit) => ({
    element: neuron(layer, unit),
    fraction: Math.abs(value) / (largest || 1) || 0,
  }));
}
