/** One entry of a line written out as arithmetic: z₂ = 0.31·0.50 + (−1.20)·0.25 + 0.10 = −0.045. */

import { at, reads, writeOut } from "../core/entries.js";
import { digitsApart, full, number, subscript } from "../core/format.js";
import { isJacobian, nameOf } from "../core/names.js";
import { TEXT } from "../text/en.js";
import { h } from "./dom.js";

const LONG = 40; // characters of a term that may be broken
const NO_BREAK = "\u00a0";

/** @param {number[]} index */
const sub = (index) => subscript(index.join(index.some((i) => i > 9) ? " " : ""));

/**
 * ∂𝐶/∂𝑊⁽²⁾₁₃: layer above, entry below, counted from 0 as in NumPy.
 * @param {Pick<Given, "label" | "quantity">} variable @param {number[]} index
 */
export function entryName(variable, index) {
  const name = nameOf(variable);
  if (isJacobian(variable.quantity)) {
    const axes = index.slice(variable.quantity === "dz_dW" ? -3 : -2); // without the sample
    return name.replace("/", `${sub(axes.slice(0, 1))}/`) + sub(axes.slice(1));
  }
  // of a part: (∂C/∂x)₀₀ through K
  const [, whole, through] = /^(∂.*?)( through .*)$/.exec(name) ?? [];
  if (whole) return whole + sub(index) + through;
  if (index.length && / [-+*/@] /.test(name) && !name.endsWith(")"))
    return `(${name})${sub(index)}`;
  return name.endsWith("′") && variable.quantity
    ? TEXT.ui.nextOf(name.slice(0, -1) + sub(index))
    : name + sub(index);
}

/**
 * More digits where four hide what a function of one number does: tanh(−0.02477) = −0.02477.
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs values
 */
export function digitsOf(line, index, inputs) {
  const [read, ...more] = reads(line, index);
  return more.length || !read || read.includes(null)
    ? 4
    : digitsApart(at(inputs[0], /** @type {number[]} */ (read)), at(line.value, index));
}

/** What is left out of a sum. @param {import("../core/entries.js").Folded} folded */
export const smallerTerms = ({ count, sum, zeros }) =>
  zeros
    ? TEXT.ui.zeroTerms(count)
    : TEXT.ui.smallerTerms(count, sum === null ? "" : TEXT.ui.together(number(sum)));

/**
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs values
 * @param {{terms: number, onMore: () => void}} options @returns {HTMLElement[]}
 */
export function writtenOut(line, index, inputs, { terms, onMore }) {
  const digits = digitsOf(line, index, inputs);
  const { parts, folded, value } = writeOut(line, index, inputs, { terms, digits });
  const isLong = (/** @type {string | Part} */ part) =>
    typeof part !== "string" && part.room.length > LONG;
  // what is set as a block has no space before it
  const space = () => h("span.operator", " ");
  const pieces = parts.flatMap((part, k) => {
    // the sign of a long term goes into its row
    if (/^ [+−] $/.test(String(part)) && isLong(parts[k + 1] ?? "")) return [];
    if (part === "folded" && folded) {
      const all = { title: TEXT.ui.writeAllTerms, onclick: onMore };
      return [space(), h("button.more", all, smallerTerms(folded))];
    }
    if (typeof part === "string") return h("span.operator", part);
    const cells = part.reads
      .map(({ input, index: where }) => `${line.inputs[input]}:${where.join()}`)
      .join(" ");
    const term = h(
      "span",
      { class: isLong(part) ? "term long" : "term", "data-reads": cells },
      (isLong(part) && /^ [+−] $/.exec(String(parts[k - 1]))?.[0]) || "",
      part.text,
    );
    return isLong(part) ? [space(), term] : term;
  });
  return [
    h("span.entry-name.math", entryName(line, index)),
    h("span.operator", " = "),
    ...pieces,
    h("span.operator", ` =${NO_BREAK}`), // "=" and the result are in one row
    h("strong.result", { title: full(value) }, number(value, digits)),
  ];
}
