/**
 * A sum written out as a ledger: a row for each term, with its product and a bar of its size and
 * sign, and the total below.
 */

import { writeOut } from "../core/entries.js";
import { full, number } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { h, s } from "./dom.js";
import { entryName, writtenOut } from "./written-out.js";

/** @typedef {import("../core/entries.js").Part} Part */

/**
 * The terms of a plain sum of products, else null: other arithmetic is written in one line.
 * @param {(string | Part)[]} parts
 */
export function termsOf(parts) {
  const terms = parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  const plain = parts.every(
    (part) => typeof part !== "string" || part === "folded" || /^\s*\+\s*$/.test(part),
  );
  return plain && terms.length > 1 && terms.every(({ value }) => value !== null) ? terms : null;
}

/**
 * What a term is of: an input, a unit, a sample, the bias.
 * @param {Part} term
 * @param {import("../core/wire.js").Line} line
 */
function sourceOf({ run, reads }, line) {
  const id = line.inputs[reads[0]?.input] ?? "";
  if (!run) return /^b\d+$/.test(id) ? TEXT.ui.bias : "";
  if (run.letter === "n") return TEXT.ui.sampleNumber(run.index + 1);
  return line.inputs.includes("x")
    ? TEXT.ui.inputNumber(run.index + 1)
    : TEXT.ui.unit(run.index + 1);
}

/** @param {number} share of the largest term, −1 to 1 */
function bar(share) {
  const svg = s("svg", {
    class: "ledger-bar",
    viewBox: "-1 0 2 1",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  svg.append(
    s("rect", {
      class: share < 0 ? "below" : "above",
      x: Math.min(0, share),
      y: 0.14,
      width: Math.abs(share),
      height: 0.72,
    }),
    s("line", { x1: 0, x2: 0, y1: 0, y2: 1 }),
  );
  return svg;
}

/**
 * @param {import("../core/wire.js").Line} line @param {number[]} index
 * @param {import("../core/wire.js").Nested[]} inputs values
 * @param {{terms: number, onMore: () => void}} options
 * @returns {HTMLElement[]} as `writtenOut`, with the terms below each other where they are a sum
 */
export function ledger(line, index, inputs, options) {
  const { parts, folded, value } = writeOut(line, index, inputs, options);
  const terms = termsOf(parts);
  if (!terms) return writtenOut(line, index, inputs, options);
  const largest = Math.max(...terms.map(({ size }) => size), Number.MIN_VALUE);
  const rows = terms.map((term, k) =>
    h(
      "div",
      { class: "ledger-row" },
      h("span", { class: "ledger-of" }, sourceOf(term, line)),
      h("span", { class: "operator" }, k ? " + " : ""),
      h(
        "span",
        {
          class: "term",
          "data-reads": term.reads
            .map(({ input, index: where }) => `${line.inputs[input]}:${where.join()}`)
            .join(" "),
        },
        term.text,
      ),
      h(
        "span",
        { class: "ledger-product" },
        term.reads.length > 1 ? ` = ${number(term.value)}` : "",
      ),
      bar((term.value ?? 0) / largest),
    ),
  );
  const more = folded
    ? h(
        "button",
        {
          type: "button",
          class: "more ledger-more",
          title: TEXT.ui.writeAllTerms,
          onclick: options.onMore,
        },
        TEXT.ui.smallerTerms(
          folded.count,
          folded.sum === null ? "" : TEXT.ui.together(number(folded.sum)),
        ),
      )
    : null;
  return [
    h(
      "div",
      { class: "ledger" },
      rows,
      more,
      h(
        "div",
        { class: "ledger-row ledger-total" },
        h("span", { class: "entry-name math" }, entryName(line.id, index)),
        h("span", { class: "operator" }),
        h("span", {}),
        h(
          "span",
          { class: "ledger-product" },
          h("span", { class: "operator" }, " = "),
          h("strong", { class: "result", title: full(value) }, number(value)),
        ),
      ),
    ),
  ];
}
