/**
 * Names of lines: how `dC_dW2` is written in the ribbon, on an axis, and read out.
 */
import { number, subscript } from "./format.js";

/** Mathematical italic letters, so that labels outside MathML (ribbon, figures) look the same. */
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
export const italic = (letter) => ITALIC[letter] ?? letter;

export const PHASES = ["forward", "cost", "backward", "update"];
export const PHASE_TITLES = {
  forward: "forward",
  cost: "cost",
  backward: "backward",
  update: "update",
};

/**
 * @param {string} id
 * @returns {{kind: string, letter: string, layer: number | null, state: string | null, above?: string, aboveLayer?: number}}
 * kind: "value" (z, a, W, b, x), "gradient" (of C by letter), "jacobian" (of `above` by letter), "next", "state" (of an
 * optimizer), "other"
 */
export function parse(id) {
  let m = /^dC_d([a-zA-Z])(\d+)$/.exec(id);
  if (m) return { kind: "gradient", letter: m[1], layer: +m[2], state: null };
  m = /^([Wb])(\d+)_next$/.exec(id);
  if (m) return { kind: "next", letter: m[1], layer: +m[2], state: null };
  m = /^(.+?)_([Wb])(\d+)(_next)?$/.exec(id);
  if (m) return { kind: "state", letter: m[2], layer: +m[3], state: m[1] };
  m = /^([azWb])(\d+)$/.exec(id);
  if (m) return { kind: "value", letter: m[1], layer: +m[2], state: null };
  m = /^d([az])(\d+)_d([azWb])(\d+)$/.exec(id);
  if (m)
    return {
      kind: "jacobian",
      letter: m[3],
      layer: +m[4],
      state: null,
      above: m[1],
      aboveLayer: +m[2],
    };
  if (id === "x") return { kind: "value", letter: "x", layer: 0, state: null };
  return { kind: "other", letter: id, layer: null, state: null };
}

/** Lines that are not about one variable of one layer. */
const SPECIAL = { C_data: "𝐶 data", learning_rate: "𝜂", base_learning_rate: "𝜂₀" };
const SPOKEN = { C: "cost", C_data: "cost of the data", learning_rate: "learning rate" };

/** Short label for the ribbon; the group's heading already says "∂C/∂". @param {string} id */
export function ribbonLabel(id) {
  const { kind, letter, layer, state, above, aboveLayer } = parse(id);
  if (kind === "jacobian")
    return `∂${italic(above)}${subscript(aboveLayer)}/∂${italic(letter)}${subscript(layer)}`;
  if (kind === "other") {
    const penalty = /^penalty(\d+)$/.exec(id);
    return penalty ? `𝑅${subscript(penalty[1])}` : (SPECIAL[id] ?? italic(letter));
  }
  const name = italic(letter) + (layer ? subscript(layer) : "");
  if (kind === "next") return `${name}′`;
  if (kind === "state") return `${stateLetter(state)} ${name}`;
  return name;
}

const STATE_LETTERS = {
  velocity: "𝑣",
  m: "𝑚",
  v: "𝑣",
  m_hat: "𝑚̂",
  v_hat: "𝑣̂",
  sum: "𝑠",
  square: "𝑠",
};
const stateLetter = (state) => STATE_LETTERS[state] ?? state.replace(/_/g, " ");

/** Full label: ∂𝐶/∂𝑧₂. @param {string} id */
export function label(id) {
  const { kind, letter, layer, state } = parse(id);
  if (kind === "gradient") return `∂𝐶/∂${italic(letter)}${subscript(layer)}`;
  if (kind === "state") return `${stateLetter(state)} of ${italic(letter)}${subscript(layer)}`;
  return ribbonLabel(id);
}

/** As a person reads it out. @param {string} id */
export function spokenName(id) {
  const { kind, letter, layer, state, above, aboveLayer } = parse(id);
  if (kind === "jacobian") return `layer ${aboveLayer}, Jacobian d${above}/d${letter}`;
  const at = layer ? `layer ${layer}, ` : "";
  if (kind === "gradient") return `${at}dC/d${letter}`;
  if (kind === "next") return `${at}new ${letter}`;
  if (kind === "state") return `${at}${state.replace(/_/g, " ")} of ${letter}`;
  if (kind === "other")
    return SPOKEN[id] ?? id.replace(/_/g, " ").replace(/^penalty(\d+)$/, "penalty of layer $1");
  return `${at}${letter}`;
}

/**
 * What a screen reader says on entering a line: "layer 2, dC/dz, 4 values, largest −0.49".
 * @param {any} line
 */
export function spoken(line) {
  if (line.left_out)
    return `${spokenName(line.id)}, ${line.shape.reduce((all, n) => all * n, 1)} values`;
  const values = flat(line.value);
  if (values.length === 1) return `${spokenName(line.id)}, ${number(values[0], 2)}`;
  const largest = values.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
  return `${spokenName(line.id)}, ${values.length} values, largest ${number(largest, 2)}`;
}

/** @param {any} value nested lists or a number @returns {number[]} */
export function flat(value) {
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}

/** Layer that a line is about in the picture; the cost belongs to the output. @param {any} line @param {number} depth */
export const layerOf = (line, depth) => line.layer ?? depth;
