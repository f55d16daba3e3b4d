/**
 * A sum written out as a ledger: a row for each term, with its product, and the total below. Also
 * other arithmetic that is done in steps: a slope and what it scales, a parameter and its move.
 */

import { at, reads, sourceOf, writeOut } from "../core/entries.js";
import { factor, full, number } from "../core/format.js";
import { named, nameOf } from "../core/names.js";
import { slopeOf } from "../core/slopes.js";
import { TEXT } from "../text/en.js";
import { h, set, write } from "./dom.js";
import { entryName, smallerTerms, writtenOut } from "./written-out.js";

/** @typedef {{terms: number, onMore: () => void}} Options */

/** The terms of a plain sum of products, else null: other arithmetic is written in one line. */
export function termsOf(/** @type {(string | Part)[]} */ parts) {
  const terms = parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  const plain = parts.every(
    (part) => typeof part !== "string" || part === "folded" || /^\s*\+\s*$/.test(part),
  );
  return plain && terms.length > 1 && terms.every(({ value }) => value !== null) ? terms : null;
}

/** @typedef {{of: string, reads: string, text: string, value: number | null}} Row text: "": a
 * single number */

/** @param {Line} line @param {Part["reads"]} read */
const cellsOf = (line, read) =>
  read.map(({ input, index: where }) => `${line.inputs[input]}:${where.join()}`).join(" ");

/**
 * First the slope, then what it leaves of the gradient; null for other lines.
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs
 */
function slopeRows(line, index, inputs) {
  const slope = slopeOf(line);
  const [p, q] = /** @type {number[][]} */ (reads(line, index));
  if (!slope || [p, q].some((read) => !read?.every((k) => k !== null))) return null;
  const [gradient, fraction] = [at(inputs[0], p), slope.at(at(inputs[1], q))];
  const { parts } = writeOut({ ...line, entry: slope.entry }, index, inputs);
  const text = parts.map((part) => (typeof part === "string" ? part : part.text)).join("");
  const scaled = `${factor(gradient)} · ${factor(fraction)}`;
  return [
    { of: TEXT.ui.slope, reads: `${line.inputs[1]}:${q.join()}`, text, value: fraction },
    {
      of: TEXT.ui.scaled,
      reads: `${line.inputs[0]}:${p.join()}`,
      text: scaled,
      value: at(line.value, index),
    },
  ];
}

/**
 * A parameter before, and its move; null for other lines.
 * @param {Line} line @param {number[]} index @param {(string | Part)[]} parts
 */
function moveRows(line, index, parts) {
  const [before, minus, ...rest] = parts;
  const moves = line.phase === "update" && typeof minus === "string" && minus.startsWith(" − ");
  if (!moves || typeof before === "string" || !rest.length) return null;
  const text =
    minus.slice(1) + rest.map((part) => (typeof part === "string" ? part : part.text)).join("");
  const read = rest.flatMap((part) => (typeof part === "string" ? [] : part.reads));
  const value = at(line.value, index) - Number(before.value);
  return [
    { of: TEXT.ui.before, reads: cellsOf(line, before.reads), text: "", value: before.value },
    { of: TEXT.ui.move, reads: cellsOf(line, read), text, value },
  ];
}

/**
 * What a ledger says; null where the arithmetic has no steps.
 * @param {Line} line @param {number[]} index @param {Nested[]} inputs @param {Options} options
 */
function contentOf(line, index, inputs, options) {
  const { parts, folded, value } = writeOut(line, index, inputs, options);
  const terms = termsOf(parts);
  const steps = terms ? null : (slopeRows(line, index, inputs) ?? moveRows(line, index, parts));
  if (!terms && !steps) return null;
  /** @type {Row[]} */
  const rows =
    terms?.map((term) => ({
      of: sourceOf(term, line) || nameOf(named(line.inputs[term.reads[0].input])),
      reads: cellsOf(line, term.reads),
      text: term.reads.length > 1 ? term.text : "",
      value: term.value,
    })) ??
    steps ??
    [];
  // Only the largest terms are written, and after the next update these may be others: the name
  // column is as wide as the name of the last term, which is the longest.
  const run = terms?.[0].run;
  const end = rows.length + (folded?.count ?? 0) - 1;
  const last =
    folded && run && !line.axes_of
      ? sourceOf({ run: { ...run, index: end }, reads: [] }, line)
      : null;
  return { rows, folded, last, value };
}

const [LONG, LONGER] = [19, 24]; // characters of a term that is set smaller
/** @param {string} text */
const smaller = ({ length }) => (length > LONGER ? "longer" : String(length > LONG));

/** With spaces as wide as a sign: digits stand below each other. @param {number | null} value */
const signed = (value) => (Number(value) < 0 ? "" : "\u2007\u2009") + number(value);

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
    const { text, value } = content.rows[k];
    const [, term, cell] = row.children;
    set(term, { "data-long": smaller(text) });
    write(term, text);
    write(/** @type {Text} */ (cell.lastChild), signed(value));
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
  const rows = content.rows.map(({ of, reads, text, value }) =>
    h(
      "div.ledger-row",
      h("span.ledger-of.soft.unbroken", { "data-room": last }, of),
      h("span.term", { "data-long": smaller(text), "data-reads": reads }, text),
      h("span.ledger-product", h("span.operator", text ? " = " : ""), signed(value)),
    ),
  );
  const more = folded
    ? h(
        "button.more.ledger-more",
        { title: TEXT.ui.writeAllTerms, onclick: options.onMore },
        smallerTerms(folded),
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
          h("span.operator", " = "),
          h("strong.result", { title: full(value) }, number(value)),
        ),
      ),
    ),
  ];
}
