/**
 * What a lesson asks is not shown before it is answered: from one line on, the numbers of it and
 * all later ones.
 */
import { TEXT } from "../text/en.js";
import { PHASES } from "./lines.js";
import { isOfOptimizer, named } from "./names.js";
import { isOf } from "./trace.js";

/**
 * @typedef {{line: string, from: string, bare: boolean}} Asked the line that a question asks, and
 *   the first that it hides
 * @typedef {{line: string, asked: Asked | null, later: Asked[]}} CardVeil the line of a card,
 *   the question of this card, and the questions of later cards; all of them open
 * @typedef {{from: string, bare: boolean, card?: CardVeil, alone?: boolean}} Veil bare: what a line
 *   is made of, and its shape, are asked too; alone: the line itself, while the reader hands it in
 */

const inLesson = globalThis.document?.body.dataset.lesson !== undefined;
export const NOT_SHOWN = inLesson ? TEXT.core.hiddenInLesson : TEXT.core.notShownYet;

/** @typedef {Pick<Given, "quantity" | "layer">} Value what it is, and where */

/** The quantities of the passes, in their order within a layer. */
const WITHIN = [
  ["z", "a"],
  ["C_data", "penalty", "C"],
  ["dC_da", "da_dz", "dC_dz", "dz_dW", "dC_dW", "dz_db", "dC_db", "dz_da"],
];

/**
 * The place of a line in the order of all possible lines: phase, layer on the way, place within the
 * layer.
 * @param {Value} value @param {number} depth
 */
function rank({ quantity, layer }, depth) {
  const phase = WITHIN.findIndex((within) => within.includes(quantity));
  if (phase < 0) return isOfOptimizer(quantity) ? [3, 0, 0] : null;
  const place = WITHIN[phase].indexOf(quantity);
  return [phase, [layer ?? 0, 0, depth - (layer ?? 0)][phase], place];
}

/** The phase of a line by its name alone. @param {string} id */
export const phaseOf = (id) => PHASES[rank(named(id), 0)?.[0] ?? 1];

/**
 * By its name alone: also what has no line, such as ∂C/∂a of an output that is taken
 * together with the cost.
 * @param {Veil | null} veil @param {Value} value @param {number} depth
 */
export function covers(veil, value, depth) {
  if (!veil) return false;
  const first = named(veil.from);
  if (veil.alone) return value.quantity === first.quantity && value.layer === first.layer;
  const [from, reached] = [rank(first, depth), rank(value, depth)];
  if (!reached) return false; // a given
  if (!from) return true;
  const k = reached.findIndex((value, i) => value !== from[i]);
  return k < 0 || reached[k] > from[k];
}

/** @param {Page} state @param {string} id of a line or a given */
export function veiled({ veil, trace }, id) {
  if (!veil) return false;
  if (veil.alone) return id === veil.from;
  if (!trace) return true;
  const place = (/** @type {string} */ name) => trace.lines.findIndex((line) => line.id === name);
  const position = place(id);
  if (position < 0 && trace.givens.some((given) => given.id === id)) return false;
  const after = (/** @type {string} */ line) =>
    position >= 0 && place(line) >= 0
      ? position >= place(line)
      : covers({ from: line, bare: false }, named(id), trace.gradients.length);
  const { card } = veil;
  if (!card) return after(veil.from);
  if (![card.asked, ...card.later].some((hidden) => hidden && after(hidden.from))) return false;
  // What the card's line is computed from stays, except what a question asks.
  return (
    card.later.some(({ line }) => line === id) ||
    (card.asked !== null && after(card.asked.from)) ||
    !sourcesOf(card.line, trace).has(id)
  );
}

/** A line and all lines that it is computed from. @param {string} id @param {Trace} trace */
function sourcesOf(id, trace) {
  const ids = new Set([id]);
  for (const line of trace.lines.toReversed())
    if (ids.has(line.id)) for (const input of line.inputs) ids.add(input);
  return ids;
}

/**
 * Whether the formula and the shape of a hidden line are asked too.
 * @param {Page} state @param {string} id
 */
export function bareAt(state, id) {
  const { veil, trace } = state;
  if (!veil?.card) return veil?.bare ?? false;
  const { asked, later } = veil.card;
  const inLater = later.some((one) => one.bare && one.line === id);
  return inLater || Boolean(asked?.bare && covers(asked, named(id), trace?.gradients.length ?? 1));
}

/**
 * The line from which on a group of numbers is hidden.
 * @param {string} group a phase, or "line"
 * @param {{id: string, phase: string}[]} lines of the working
 * @param {string} line the shown one
 * @returns {string | null}
 */
export function hideFrom(group, lines, line) {
  if (group === "line") return line;
  if (!PHASES.includes(group)) return null;
  const from = PHASES.slice(PHASES.indexOf(group));
  return lines.find(({ phase }) => from.includes(phase))?.id ?? null;
}

const depthOf = (/** @type {Page} */ { frame }) => frame?.layers.length ?? 1;
/** @param {Page} state @param {string} quantity @param {number | null} [layer] */
const hides = (state, quantity, layer = null) =>
  covers(state.veil, { quantity, layer }, depthOf(state));
/** Is anything of the way back asked? @param {Page} state */
export const gradientsVeiled = (state) => hides(state, "dC_db", 1);
export const costVeiled = (/** @type {Page} */ state) => hides(state, "C");
export const outputVeiled = (/** @type {Page} */ state) => hides(state, "a", depthOf(state));
/**
 * A quantity of one layer in the picture: an output's ∂C/∂a goes with its ∂C/∂z.
 * @param {Page} state @param {string} quantity @param {number} layer from 1
 */
export function quantityVeiled(state, quantity, layer) {
  if (quantity === "dC_da" && layer === depthOf(state))
    return hides(state, "dC_dz", layer) || hides(state, quantity, layer);
  const line = state.veil?.card && state.trace?.lines.find(isOf(quantity, layer));
  return line ? veiled(state, line.id) : hides(state, quantity, layer);
}
