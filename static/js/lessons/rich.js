/** A lesson's text: paragraphs of words, formulas and code. */
import { TEXT } from "../text/en.js";
import { copyText } from "../ui/clipboard.js";
import { h, math } from "../ui/dom.js";

/** @param {Piece} piece @returns {Node | string} */
function one(piece) {
  if (piece.kind === "math") return math(piece.formula);
  if (piece.kind === "strong") return h("strong", piece.text);
  return "code" in piece ? h("code", piece.code) : piece.text;
}

/** In one line, for labels. @param {RichText} paragraphs @returns {(Node | string)[]} */
export const inline = (paragraphs) =>
  paragraphs.flatMap((pieces, k) => [...(k ? [" "] : []), ...pieces.map(one)]);

/** @param {RichText} paragraphs @returns {HTMLElement[]} */
export const rich = (paragraphs) =>
  paragraphs.map((pieces) =>
    pieces[0]?.kind === "block" ? block(pieces[0].code) : h("p", pieces.map(one)),
  );

/** A formula in words, for the names of radio buttons: MathML in them is not read out. */
export function spokenFormula(/** @type {string} */ latex) {
  let text = latex;
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replace(/\\frac\{([^{}]*)\}\{([^{}]*)\}/g, TEXT.lesson.over)
      .replace(/\\(?:mathrm|text|mathbf|operatorname|boldsymbol)\{([^{}]*)\}/g, "$1")
      .replace(/\^\{?(?:\\top|T)\}?/g, TEXT.lesson.transposed)
      .replace(/\^\{\(([^{}()]*)\)\}/g, TEXT.lesson.ofLayer)
      .replace(/_\{([^{}]*)\}/g, " $1 ")
      .replace(/\^\{([^{}]*)\}/g, TEXT.lesson.toThe);
  }
  return text
    .replace(/\\([a-zA-Z]+)/g, (_, word) => ` ${TEXT.lesson.formulaWords[word] ?? word} `)
    .replace(/\\./g, " ")
    .replace(/[{}]/g, "")
    .replace(/_/g, " ")
    .replace(/\^/g, TEXT.lesson.power)
    .replace(/(^|\s)-(?=\S)/g, TEXT.lesson.minus)
    .replace(/\s+/g, " ")
    .trim();
}

const pieceInWords = (/** @type {Piece} */ piece) => {
  if (piece.kind === "math") return spokenFormula(piece.formula.latex);
  return "code" in piece ? piece.code : piece.text;
};

/** In words alone. @param {RichText} paragraphs */
export const spoken = (paragraphs) =>
  paragraphs
    .flatMap((pieces) => pieces.map(pieceInWords))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();

/**
 * A line of code for itself: what a phone wraps of it is indented further than the line.
 * @param {"span" | "code"} tag @param {string} line
 */
export function indented(tag, line) {
  const element = h(tag, line);
  element.style.setProperty("--indent", String(line.search(/\S|$/)));
  return element;
}

/** Code with a button that copies it. @param {string} code */
export function block(code) {
  const button = h("button.quiet.copy-code", { onclick: copy }, TEXT.ui.copyShort);
  async function copy() {
    button.textContent = (await copyText(code)) ? TEXT.share.copied : TEXT.lesson.notAllowed;
    setTimeout(() => (button.textContent = TEXT.ui.copyShort), 1500);
  }
  const lines = code
    .split("\n")
    .flatMap((line, k) => [...(k ? ["\n"] : []), indented("span", line)]);
  return h("div.code-block", h("pre[tabindex=0]", h("code", lines)), button);
}
