/**
 * Names of lines: how `dC_dW2` is written in the ribbon, on an axis, and read out.
 */
import { TEXT } from "../text/en.js";
import { number, superscript } from "./format.js";

/** Mathematical italic letters, so that labels outside MathML (ribbon, figures) look the same. */
/** @type {Record<string, string>} */
const ITALIC = {
  a: "𝑎",
  b: "𝑏",
  z: "𝑧",
  x: "𝑥",
  t: "𝑡",
  W: "𝑊",
  C: "𝐶",
  m: "𝑚",
  v: "𝑣",
  h: "ℎ",
  s: "𝑠",
  η: "𝜂",
};
/** @param {string} letter */
export const italic = (letter) => ITALIC[letter] ?? letter;

export const PHASES = ["forward", "cost", "backward", "update"];
export const PHASE_TITLES = TEXT.core.phases;

/**
 * What the id of a line or a given says. `kind` is "value" (z, a, W, b, x), "gradient" (of C by
 * `letter`), "jacobian" (of `above` by `letter`), "next", "state" (of an optimizer) or "other".
 * `layer` is 0 where there is none, `state`, `above` and `aboveLayer` are empty where they do not
 * apply.
 * @typedef {{kind: string, letter: string, layer: number, state: string, above: string, aboveLayer:
 *   number}} Name
 */

/** @param {string} kind @param {string} letter @param {string | number} layer @returns {Name} */
const named = (kind, letter, layer) => ({
  ...{ kind, letter, layer: Number(layer) },
  ...{ state: "", above: "", aboveLayer: 0 },
});

/** @param {string} id @returns {Name} */
export function parse(id) {
  let m = /^dC_d([a-zA-Z])(\d+)$/.exec(id);
  if (m) return named("gradient", m[1], m[2]);
  m = /^([Wb])(\d+)_next$/.exec(id);
  if (m) return named("next", m[1], m[2]);
  m = /^(.+?)_([Wb])(\d+)(_next)?$/.exec(id);
  if (m) return { ...named("state", m[2], m[3]), state: m[1] };
  m = /^([azWb])(\d+)$/.exec(id);
  if (m) return named("value", m[1], m[2]);
  m = /^d([az])(\d+)_d([azWb])(\d+)$/.exec(id);
  if (m) return { ...named("jacobian", m[3], m[4]), above: m[1], aboveLayer: Number(m[2]) };
  return id === "x" ? named("value", "x", 0) : named("other", id, 0);
}

/** Is it a line of the update? @param {string} id */
export const isUpdate = (id) => /_next$|_hat_|^learning_rate\d*$/.test(id);

/** Lines that are not about one variable of one layer. @type {Record<string, string>} */
const SPECIAL = { C_data: "𝐶 data", learning_rate: "𝜂", base_learning_rate: "𝜂₀" };
/** @type {Record<string, string>} */
const SPOKEN = {
  C: TEXT.core.cost,
  C_data: TEXT.core.costOfData,
  learning_rate: TEXT.core.learningRate,
};

/** The learning rate of one layer. */
const OF_LAYER = /^learning_rate(\d+)$/;

/** "⁽²⁾", as in formulas: a number below would be that of an entry. @param {number} layer */
const ofLayer = (layer) => (layer ? `⁽${superscript(layer)}⁾` : "");

/** Short label for the ribbon; the group's heading already says "∂C/∂". @param {string} id */
export function ribbonLabel(id) {
  const { kind, letter, layer, state, above, aboveLayer } = parse(id);
  if (kind === "jacobian")
    return `∂${italic(above)}${ofLayer(aboveLayer)}/∂${italic(letter)}${ofLayer(layer)}`;
  if (kind === "other") {
    const rate = OF_LAYER.exec(id);
    if (rate) return `𝜂${ofLayer(Number(rate[1]))}`;
    const penalty = /^penalty(\d+)$/.exec(id);
    return penalty ? `𝑅${ofLayer(Number(penalty[1]))}` : (SPECIAL[id] ?? italic(letter));
  }
  const name = italic(letter) + ofLayer(layer);
  if (kind === "next") return `${name}′`;
  if (kind === "state") return `${stateLetter(state)} ${name}`;
  return name;
}

/** @type {Record<string, string>} */
const STATE_LETTERS = {
  velocity: "𝑣",
  m: "𝑚",
  v: "𝑣",
  m_hat: "𝑚̂",
  v_hat: "𝑣̂",
  sum: "𝑠",
  square: "𝑠",
};
/** @param {string} state */
const stateLetter = (state) => STATE_LETTERS[state] ?? state.replace(/_/g, " ");

/** Full label: ∂𝐶/∂𝑧⁽²⁾. @param {string} id */
export function label(id) {
  const { kind, letter, layer, state } = parse(id);
  if (kind === "gradient") return `∂𝐶/∂${italic(letter)}${ofLayer(layer)}`;
  if (kind === "state")
    return TEXT.core.stateOf("", stateLetter(state), `${italic(letter)}${ofLayer(layer)}`);
  return ribbonLabel(id);
}

/** As a person reads it out. @param {string} id */
export function spokenName(id) {
  const { kind, letter, layer, state, above, aboveLayer } = parse(id);
  if (kind === "jacobian") return TEXT.core.jacobianOf(aboveLayer, above, letter);
  const at = layer ? TEXT.core.inLayer(layer) : "";
  if (kind === "gradient") return `${at}dC/d${letter}`;
  if (kind === "next") return TEXT.core.newOf(at, letter);
  if (kind === "state") return TEXT.core.stateOf(at, state.replace(/_/g, " "), letter);
  if (kind === "other")
    return SPOKEN[id] ?? id.replace(/_/g, " ").replace(/^penalty(\d+)$/, TEXT.core.penaltyOfLayer);
  return `${at}${letter}`;
}

/**
 * What a screen reader says on entering a line: "layer 2, dC/dz, 4 values, largest −0.49".
 * @param {import("./wire.js").Line} line
 */
export function spoken(line) {
  if (line.left_out)
    return TEXT.core.lineSize(
      spokenName(line.id),
      line.shape.reduce((all, n) => all * n, 1),
    );
  const values = flat(line.value);
  if (values.length === 1) return `${spokenName(line.id)}, ${number(values[0], 2)}`;
  const largest = values.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
  return TEXT.core.lineRead(spokenName(line.id), values.length, number(largest, 2));
}

/** @param {import("./wire.js").Nested} value nested lists or a number @returns {number[]} */
export function flat(value) {
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}

/**
 * Layer that a line is about in the picture; the cost belongs to the output.
 * @param {import("./wire.js").Line} line
 * @param {number} depth
 */
export const layerOf = (line, depth) => line.layer ?? depth;
