/**
 * A sum written out as a ledger: a row for each term, with its product and a bar of its size and
 * sign, and the total below.
 */

import { writeOut } from "../core/entries.js";
import { full, number, WIDEST } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { h, s, set, write } from "./dom.js";
import { entryName, writtenOut } from "./written-out.js";

/** @typedef {import("../core/entries.js").Part} Part */
const ROOM = ` = ${number(WIDEST)}`; // of a product and of the total

/** @typedef {{terms: number, onMore: () => void}} Options */

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
 * @param {Pick<Part, "run">} term
 * @param {Line} line
 */
export function sourceOf({ run }, line) {
  if (!run) return line.op === "affine" ? TEXT.ui.bias : "";
  if (run.letter === "n") return TEXT.ui.sampleNumber(run.index);
  return line.inputs.includes("x") ? TEXT.ui.inputNumber(run.index) : TEXT.ui.unit(run.index);
}

/**
 * @typedef {{of: string, reads: string, text: string, room: string, product: string,
 *   share: number}} Row
 */

/**
 * What a ledger says; null where the arithmetic is no plain sum.
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs @param {Options} options
 */
function contentOf(line, index, inputs, options) {
  const { parts, folded, value } = writeOut(line, index, inputs, options);
  const terms = termsOf(parts);
  if (!terms) return null;
  const largest = Math.max(...terms.map(({ size }) => size), Number.MIN_VALUE);
  /** @type {Row[]} */
  const rows = terms.map((term) => ({
    of: sourceOf(term, line),
    reads: term.reads
      .map(({ input, index: where }) => `${line.inputs[input]}:${where.join()}`)
      .join(" "),
    text: term.text,
    room: term.room,
    product: term.reads.length > 1 ? ` = ${number(term.value)}` : "",
    share: (term.value ?? 0) / largest,
  }));
  // Only the largest terms are written, and at the next step these may be others: the name column
  // is as wide as the name of the last term, which is the longest.
  const [{ run }] = terms;
  const end = rows.length + (folded?.count ?? 0) - 1;
  const last = folded && run ? sourceOf({ run: { ...run, index: end } }, line) : null;
  return { rows, folded, last, value };
}

/** @param {number} share of the largest term, −1 to 1 */
const barOf = (share) => ({
  class: share < 0 ? "below" : "above",
  x: Math.min(0, share),
  width: Math.abs(share),
});

/** @param {number} share */
function bar(share) {
  const svg = s("svg", {
    class: "ledger-bar",
    viewBox: "-1 0 2 1",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  svg.append(
    s("rect", { ...barOf(share), y: 0.14, height: 0.72 }),
    s("line", { x1: 0, x2: 0, y1: 0, y2: 1 }),
  );
  return svg;
}

/**
 * Other numbers in a ledger that is there.
 * @param {Element} box with what `ledger` returned
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs @param {Options} options
 * @returns {boolean} false: it needs other rows, nothing was changed
 */
export function renumberLedger(box, line, index, inputs, options) {
  const content = contentOf(line, index, inputs, options);
  const rows = [...box.querySelectorAll(".ledger-row:not(.ledger-total)")];
  const result = box.querySelector(".ledger .result");
  const fits =
    content?.folded === null &&
    result &&
    box.querySelector(".entry-name")?.textContent === entryName(line, index) &&
    rows.map((row) => row.querySelector(".term")?.getAttribute("data-reads")).join() ===
      content.rows.map(({ reads }) => reads).join();
  if (!fits) return false;
  rows.forEach((row, k) => {
    const { text, product, share } = content.rows[k];
    const [, , term, own, svg] = row.children;
    write(term, text);
    write(own, product);
    set(svg.children[0], barOf(share));
  });
  write(result, number(content.value));
  set(result, { title: full(content.value) });
  return true;
}

/**
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs values
 * @param {Options} options
 * @returns {HTMLElement[]} as `writtenOut`, with the terms below each other where they are a sum
 */
export function ledger(line, index, inputs, options) {
  const content = contentOf(line, index, inputs, options);
  if (!content) return writtenOut(line, index, inputs, options);
  const { folded, last, value } = content;
  const rows = content.rows.map(({ of, reads, text, room, product, share }, k) =>
    h(
      "div.ledger-row",
      h("span.ledger-of", { "data-room": last }, of),
      h("span.operator", k ? " + " : ""),
      h("span.term", { "data-reads": reads, "data-room": room }, text),
      h("span.ledger-product", { "data-room": ROOM }, product),
      bar(share),
    ),
  );
  const more = folded
    ? h(
        "button.more.ledger-more",
        { title: TEXT.ui.writeAllTerms, onclick: options.onMore },
        TEXT.ui.smallerTerms(
          folded.count,
          folded.sum === null ? "" : TEXT.ui.together(number(folded.sum)),
        ),
      )
    : null;
  return [
    h(
      "div.ledger",
      rows,
      more,
      h(
        "div.ledger-row.ledger-total",
        h("span.entry-name.math", entryName(line, index)),
        h(
          "span.ledger-product",
          { "data-room": ROOM },
          h("span.operator", " = "),
          h("strong.result", { title: full(value) }, number(value)),
        ),
      ),
    ),
  ];
}
