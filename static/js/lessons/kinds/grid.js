/** Cells laid out as the array that they are the entries of. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { sizeOf } from "../printed.js";

/**
 * The place of an entry as code writes it, counted from 0 as in the lessons: "entry [1, 0]".
 * @param {number[]} shape @param {number} k in row-major order
 */
export function cellName(shape, k) {
  if (!shape.length) return TEXT.lesson.theNumber;
  const index = shape.map((_, axis) => Math.floor(k / sizeOf(shape.slice(axis + 1))) % shape[axis]);
  return TEXT.lesson.entry(index.join(", "));
}

/**
 * A vector as a column, a matrix in rows, a tensor as the matrices of its last two axes.
 * @param {number[]} shape @param {HTMLElement[]} cells in row-major order @returns {HTMLElement}
 */
export function grid(shape, cells) {
  if (shape.length > 2) {
    const each = sizeOf(shape.slice(1));
    return h(
      "div.slices",
      Array.from({ length: shape[0] }, (_, k) =>
        h(
          "div.slice",
          h("span.slice-name", `[${k}]`),
          grid(shape.slice(1), cells.slice(k * each, (k + 1) * each)),
        ),
      ),
    );
  }
  const columns = shape[1] ?? 1;
  const rows = Array.from({ length: cells.length / columns }, (_, i) =>
    h("div.grid-row", cells.slice(i * columns, (i + 1) * columns)),
  );
  return h("div", { class: shape.length ? "bracketed grid" : "grid" }, rows);
}
