/** The problem that submitted numbers belong to, and which of them can be marked. */

import { flat } from "../core/lines.js";
import { quantityIn } from "../core/trace.js";

/** @typedef {ParsedArray} Piece */

/** The problem that the numbers belong to, for POST /check. @param {State} state */
export function givensOf({ trace, experiment }) {
  const { cost, penalty } = experiment.recipe;
  /** @param {string} quantity @param {number} [layer] */
  const value = (quantity, layer) => quantityIn(trace, quantity, layer)?.value;
  const layers = trace.activations.map((activation, k) => ({
    W: value("W", k + 1),
    b: value("b", k + 1),
    activation,
  }));
  const plain = trace.lines.some(({ op }) => op === "descend");
  return {
    layers,
    x: value("x"),
    target: value("target"),
    cost: cost.name,
    reduction: trace.reduction,
    convention: trace.convention,
    penalty,
    ...(plain ? { optimizer: { name: "sgd", learning_rate: value("learning_rate") } } : {}),
  };
}

/**
 * Only plain descent needs nothing but the givens: other methods go on from a state of the step
 * before.
 * @param {Line} line
 */
export const markable = (line) => line.phase !== "update" || line.op === "descend";

/** Equal for workings of the same givens. @param {Trace | null} trace */
export const givensKey = (trace) =>
  JSON.stringify([trace?.givens, trace?.reduction, trace?.convention]);

/**
 * "0,5" is one number where the line has one, in as many brackets as there.
 * @param {Piece} piece @param {Line} line @returns {Nested}
 */
export function valueFor({ value, decimal }, line) {
  const count = flat(line.value).length;
  const numbers = decimal !== undefined && flat(decimal).length === count ? decimal : value;
  if (typeof numbers !== "number" || count !== 1) return numbers;
  return line.shape.reduce((/** @type {Nested} */ inner) => [inner], numbers);
}
