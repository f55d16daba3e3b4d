/**
 * Names of values by their ids alone, as links, edits and rooms send them: those of a dense
 * network. Lines and givens of a working have the same fields, of any program.
 */
import { TEXT } from "../text/en.js";
import { superscript } from "./format.js";

/** @typedef {Pick<Given, "id" | "quantity" | "layer" | "label" | "spoken">} Named */

/** The first code points of mathematical italic letters. */
const ITALICS = [
  { from: "A", to: "Z", first: 0x1d434 },
  { from: "a", to: "z", first: 0x1d44e },
  { from: "α", to: "ω", first: 0x1d6fc },
];

function slanted(/** @type {string} */ letter) {
  if (letter === "h") return "ℎ"; // its place among the others is empty
  const italics = ITALICS.find(({ from, to }) => from <= letter && letter <= to);
  if (!italics) return letter;
  const at = /** @type {number} */ (letter.codePointAt(0)) - italics.from.charCodeAt(0);
  return String.fromCodePoint(italics.first + at);
}

/**
 * Letters that stand alone as in formulas, so that labels outside MathML look the same.
 * @param {string} text
 */
export const italic = (text) => text.replace(/(?<!\p{L})\p{L}(?!\p{L})/gu, slanted);

/** Whether a value is a number that the program writes. */
export const isConstant = (/** @type {string} */ id) => /^-?[\d.]+(e[-+]?\d+)?$/.test(id);

/** As formulas have it. @param {Pick<Named, "label">} value */
export const nameOf = ({ label }) => italic(label);

/** Short, where a heading says that it is a gradient or an update. */
export const shortName = (/** @type {Pick<Named, "label">} */ value) =>
  nameOf(value).replace("∂𝐶/∂", "").replace(TEXT.core.stateOf("", ""), " ");

/** Letters of quantities with longer names. @type {Record<string, string>} */
const LETTERS = {
  ...{ velocity: "v", sum: "s", square: "s", m_hat: "m\u0302", v_hat: "v\u0302" },
  ...{ penalty: "R", layer_factor: "q", learning_rate: "η", base_learning_rate: "η₀" },
  C_data: "C data",
};
/** @type {Record<string, string>} */
const SPOKEN = {
  C: TEXT.core.cost,
  C_data: TEXT.core.costOfData,
  learning_rate: TEXT.core.learningRate,
};
const PARTS = new RegExp(
  "^(?<gradient>dC_d)?(?:d(?<above>[az])(?<layer>\\d+)_d)?(?:(?<state>\\w+?)_(?=[Wb]\\d))?" +
    "(?<letter>[azWb]|penalty|learning_rate|layer_factor)(?<suffix>\\d+)(?<next>_next)?$",
);

/** @param {string} id of a value of a dense network @returns {Named} */
export function named(id) {
  const parts = PARTS.exec(id)?.groups;
  if (!parts) {
    const words = id.replace(/_/g, " ");
    return {
      ...{ id, quantity: id, layer: null },
      ...{ label: LETTERS[id] ?? words, spoken: SPOKEN[id] ?? words },
    };
  }
  const { gradient, above, state, letter, suffix, next = "" } = parts;
  const layer = Number(parts.layer ?? suffix);
  /** @param {string} name @param {string} number */
  const raised = (name, number) => `${LETTERS[name] ?? name}⁽${superscript(Number(number))}⁾`;
  const [variable, prime] = [raised(letter, suffix), next && "′"];
  const words = (state ?? "").replace(/_/g, " ");
  const value = state ? TEXT.core.stateOf(words, letter) : letter;
  const at = TEXT.core.inLayer(layer);
  return {
    id,
    quantity: [gradient, above && `d${above}_d`, state && `${state}_`, letter, next].join(""),
    layer,
    label: gradient
      ? `∂C/∂${variable}`
      : above
        ? `∂${raised(above, parts.layer)}/∂${variable}`
        : state
          ? TEXT.core.stateOf((LETTERS[state] ?? words) + prime, variable)
          : variable + prime,
    spoken: gradient
      ? `${at}dC/d${letter}`
      : above
        ? TEXT.core.jacobianOf(at, above, letter)
        : next
          ? TEXT.core.newOf(at, value)
          : letter === "penalty"
            ? TEXT.core.penaltyOfLayer(layer)
            : at + value.replace(/_/g, " "),
  };
}

/**
 * The id of a quantity of a layer: "W1_next" of W_next.
 * @param {string} quantity @param {number} layer from 1
 */
export const idOf = (quantity, layer) => quantity.replace(/([azWb])(_next)?$/, `$1${layer}$2`);

/**
 * As edits, links and cuts through the cost name an entry: "W1[0,2]" is the weight from 0 to 2.
 * @param {string} id @param {number[]} index
 */
export const entryId = (id, ...index) => `${id}[${index.join()}]`;

/**
 * The value and index of an entry's name. It is read from the right: ids of programs have brackets
 * and dots, as in "h[t=2][0,1]" and "self.W1[3]".
 */
export function readEntry(/** @type {string} */ text) {
  const [, id, index] = /^(.+)\[(\d+(?:,\d+)*)\]$/s.exec(text) ?? [];
  return id ? { id, index: index.split(",").map(Number) } : null;
}

/** A weight or bias of a dense network, by its place? @param {string} text */
export function isParameter(text) {
  const entry = readEntry(text);
  const { quantity, layer } = named(entry?.id ?? "");
  return layer !== null && entry?.index.length === { W: 2, b: 1 }[quantity];
}

/**
 * As `data-cell` names an entry as drawn: "W2.0.1" is row 0, column 1.
 * @param {string} id @param {(number | string)[]} index
 */
export const cellId = (id, ...index) => [id, ...index].join(".");

/**
 * Selects elements by an attribute that has an id, which may have quotes: "params['W1']".
 * @param {"data-variable" | "data-line" | "data-cell" | "data-node"} attribute @param {string} id
 */
export const withId = (attribute, id) => `[${attribute}="${id.replace(/["\\]/g, "\\$&")}"]`;

/** A parameter or state after the update. @param {string} id */
export const updatedName = (id) => `${id}_next`;

/** "W" of W1 and of W1_next. @param {string} id */
export const letterOf = (id) => named(id).quantity.replace("_next", "");

/** "m hat" of m_hat_W1. @param {string} id of a state of the optimizer */
export const stateWords = (id) => (PARTS.exec(id)?.groups?.state ?? id).replace(/_/g, " ");

/** Has the optimizer made it, or carried it over? @param {string} quantity */
export const isOfOptimizer = (quantity) => /_[Wb]|_next/.test(quantity);

/** Is it a line of the update? @param {string} id */
export const isUpdate = (id) => /_next$|_hat_|^learning_rate\d*$/.test(id);

/** Is it ∂C by another value? @param {Partial<Pick<Line, "of" | "phase">> & Named} value */
export const isGradient = ({ of, phase, quantity }) =>
  phase === "backward" && Boolean(of) && !isJacobian(quantity);

/** Is it ∂z or ∂a by another value? @param {string} quantity */
export const isJacobian = (quantity) => /^d[az]_d/.test(quantity);

/** The id of the gradient of a value. @param {string} id */
export const gradientName = (id) => `dC_d${id}`;
