/**
 * A lesson's text: paragraphs of words, formulas and code.
 */
import { copyText } from "../ui/clipboard.js";
import { h, math } from "../ui/dom.js";

/** @typedef {import("./wire.js").Piece} Piece */
/** @typedef {import("./wire.js").Text} Text */

/** @param {Piece} piece @returns {Node | string} */
function one(piece) {
  if (piece.kind === "math") return math(piece.formula);
  if (piece.kind === "strong") return h("strong", {}, piece.text);
  return "code" in piece ? h("code", {}, piece.code) : piece.text;
}

/** In one line, for labels and options. @param {Text} paragraphs @returns {(Node | string)[]} */
export const inline = (paragraphs) =>
  paragraphs.flatMap((pieces, k) => [...(k ? [" "] : []), ...pieces.map(one)]);

/** @param {Text} paragraphs @returns {HTMLElement[]} */
export const rich = (paragraphs) =>
  paragraphs.map((pieces) =>
    pieces[0]?.kind === "block" ? block(pieces[0].code) : h("p", {}, pieces.map(one)),
  );

/** @type {Record<string, string>} */
const WORDS = {
  cdot: "times",
  odot: "times, entry by entry,",
  partial: "d",
  top: "transposed",
  sum: "sum",
  to: "to",
  leq: "at most",
  geq: "at least",
  neq: "not equal to",
  approx: "about",
  pm: "plus or minus",
  leftarrow: "becomes",
  mathrm: "",
  text: "",
  left: "",
  right: "",
  quad: "",
  mathbf: "",
  operatorname: "",
  boldsymbol: "",
};

/**
 * A formula in words, for the names of radio buttons: MathML in them is not read out.
 * @param {string} latex
 */
export function spokenFormula(latex) {
  let text = latex;
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replace(/\\frac\{([^{}]*)\}\{([^{}]*)\}/g, " $1 over $2 ")
      .replace(/\\(?:mathrm|text|mathbf|operatorname|boldsymbol)\{([^{}]*)\}/g, "$1")
      .replace(/\^\{?(?:\\top|T)\}?/g, " transposed ")
      .replace(/\^\{\(([^{}()]*)\)\}/g, " of layer $1 ")
      .replace(/_\{([^{}]*)\}/g, " $1 ")
      .replace(/\^\{([^{}]*)\}/g, " to the $1 ");
  }
  return text
    .replace(/\\([a-zA-Z]+)/g, (_, word) => ` ${WORDS[word] ?? word} `)
    .replace(/\\./g, " ")
    .replace(/[{}]/g, "")
    .replace(/_/g, " ")
    .replace(/\^/g, " to the ")
    .replace(/(^|\s)-(?=\S)/g, " minus ")
    .replace(/\s+/g, " ")
    .trim();
}

/** @param {Piece} piece */
const pieceInWords = (piece) => {
  if (piece.kind === "math") return spokenFormula(piece.formula.latex);
  return "code" in piece ? piece.code : piece.text;
};

/** In words alone. @param {Text} paragraphs */
export const spoken = (paragraphs) =>
  paragraphs
    .flatMap((pieces) => pieces.map(pieceInWords))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();

/** Code with a button that copies it. @param {string} code */
function block(code) {
  const button = h("button", { type: "button", class: "quiet copy-code", onclick: copy }, "copy");
  async function copy() {
    button.textContent = (await copyText(code)) ? "copied" : "not allowed here";
    setTimeout(() => (button.textContent = "copy"), 1500);
  }
  return h("div", { class: "code-block" }, h("pre", {}, h("code", {}, code)), button);
}
