/** Parts of a printed question: boxes to tick, and a grid to write into. */

import { h } from "../ui/dom.js";

/** A blank one keeps the place of a box. */
export const box = (blank = false) =>
  h("span[aria-hidden=true]", { class: blank ? "sheet-box blank" : "sheet-box" });

export const options = (/** @type {(Node | string | null)[][]} */ rows) =>
  h(
    "ol.sheet-options",
    rows.map((row) => h("li", row)),
  );

/**
 * An array in rows; a vector in one row, a tensor as the rows of its last axis.
 * @param {number[]} shape @param {string[]} cells
 */
export function table(shape, cells) {
  const columns = shape.at(-1) ?? 1;
  const rows = Array.from({ length: cells.length / columns }, (_, i) =>
    h(
      "tr",
      cells.slice(i * columns, (i + 1) * columns).map((cell) => h("td", cell)),
    ),
  );
  return h("table.sheet-grid", h("tbody", rows));
}

/** @param {number[]} shape @returns {Nested} zeros */
export const zeros = ([first, ...rest]) =>
  first === undefined ? 0 : Array.from({ length: first }, () => zeros(rest));
