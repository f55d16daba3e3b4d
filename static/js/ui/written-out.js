/**
 * One entry of a line written out as arithmetic: z₂ = 0.31·0.50 + (−1.20)·0.25 + 0.10 = −0.045.
 */

import { writeOut } from "../core/entries.js";
import { full, number, subscript, superscript } from "../core/format.js";
import { italic, label, parse } from "../core/lines.js";
import { TEXT } from "../text/en.js";
import { h } from "./dom.js";

const LONG = 40; // characters of a term that may be broken
const NO_BREAK = "\u00a0";

/**
 * ∂𝐶/∂𝑊⁽²⁾₁₃: layer above, entry below, counted from 0 as in NumPy.
 * @param {string} id
 * @param {number[]} index
 */
export function entryName(id, index) {
  const { kind, letter, layer, state, above: upper, aboveLayer } = parse(id);
  if (kind === "jacobian") {
    const [j, ...rest] = index.slice(letter === "W" ? -3 : -2);
    /** @param {number[]} numbers */
    const sub = (numbers) => subscript(numbers.join(numbers.some((i) => i > 9) ? " " : ""));
    const of = `∂${italic(upper)}⁽${superscript(aboveLayer)}⁾${sub([j])}`;
    return `${of}/∂${italic(letter)}⁽${superscript(layer)}⁾${sub(rest)}`;
  }
  if (kind === "other") return label(id);
  const place = index.length ? subscript(index.join(index.some((i) => i > 9) ? " " : "")) : "";
  const above = layer ? `⁽${superscript(layer)}⁾` : "";
  if (kind === "gradient") return `∂𝐶/∂${italic(letter)}${above}${place}`;
  if (kind === "next") return TEXT.ui.nextOf(italic(letter), above, place);
  if (kind === "state")
    return TEXT.ui.stateOf(state.replace(/_/g, " "), italic(letter), above, place);
  return `${italic(letter)}${above}${place}`;
}

/**
 * @param {import("../core/wire.js").Line} line @param {number[]} index
 * @param {import("../core/wire.js").Nested[]} inputs values
 * @param {{terms: number, onMore: () => void}} options
 * @returns {HTMLElement[]}
 */
export function writtenOut(line, index, inputs, { terms, onMore }) {
  const { parts, folded, value } = writeOut(line, index, inputs, { terms });
  const pieces = parts.map((part) => {
    if (part === "folded" && folded) {
      const sum = folded.sum === null ? "" : TEXT.ui.together(number(folded.sum));
      return h(
        "button.more",
        { title: TEXT.ui.writeAllTerms, onclick: onMore },
        TEXT.ui.smallerTerms(folded.count, sum),
      );
    }
    if (typeof part === "string") return h("span.operator", part);
    const cells = part.reads
      .map(({ input, index: where }) => `${line.inputs[input]}:${where.join()}`)
      .join(" ");
    return h(
      "span",
      { class: part.room.length > LONG ? "term long" : "term", "data-reads": cells },
      part.text,
    );
  });
  return [
    h("span.entry-name.math", entryName(line.id, index)),
    h("span.operator", " = "),
    ...pieces,
    h("span.operator", ` =${NO_BREAK}`), // "=" and the result are in one row
    h("strong.result", { title: full(value) }, number(value)),
  ];
}
