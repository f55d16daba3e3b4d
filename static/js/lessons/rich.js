/**
 * A lesson's text: paragraphs of words, formulas and code.
 */
import { copyText } from "../ui/clipboard.js";
import { h, math } from "../ui/dom.js";

/** @typedef {{kind: string, text?: string, code?: string, formula?: {latex: string, mathml: string}}} Piece */

/** @param {Piece} piece @returns {Node | string} */
function one({ kind, text, code, formula }) {
  if (kind === "math") return math(formula);
  if (kind === "code") return h("code", {}, code);
  if (kind === "strong") return h("strong", {}, text);
  return text;
}

/** In one line: for labels and options. @param {Piece[][]} paragraphs @returns {(Node | string)[]} */
export const inline = (paragraphs) =>
  paragraphs.flatMap((pieces, k) => [...(k ? [" "] : []), ...pieces.map(one)]);

/** @param {Piece[][]} paragraphs @returns {HTMLElement[]} */
export const rich = (paragraphs) =>
  paragraphs.map((pieces) =>
    pieces[0]?.kind === "block" ? block(pieces[0].code) : h("p", {}, pieces.map(one)),
  );

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

/** A formula as it is read out: a list of radio buttons cannot be heard from MathML alone. @param {string} latex */
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

/** In words alone. @param {Piece[][]} paragraphs */
export const spoken = (paragraphs) =>
  paragraphs
    .flatMap((pieces) =>
      pieces.map(({ text, code, formula }) => text ?? code ?? spokenFormula(formula.latex)),
    )
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
