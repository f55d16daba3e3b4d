/** Cells laid out as the array that they are the entries of. */
import { h } from "../../ui/dom.js";
import { sizeOf } from "../printed.js";

/** Which entry it is, in words: "row 2, column 1". @param {number[]} shape @param {number} k in row-major order */
export function cellName(shape, k) {
  if (!shape.length) return "the number";
  const index = shape.map((_, axis) => Math.floor(k / sizeOf(shape.slice(axis + 1))) % shape[axis]);
  const words = { 1: ["entry"], 2: ["row", "column"] }[shape.length] ?? [
    ...Array(shape.length - 2).fill("slice"),
    "row",
    "column",
  ];
  return index.map((i, axis) => `${words[axis]} ${i + 1}`).join(", ");
}

/**
 * A vector stands upright, a matrix in rows, a tensor as the matrices that its last two axes hold.
 * @param {number[]} shape @param {HTMLElement[]} cells in row-major order
 */
export function grid(shape, cells) {
  if (shape.length > 2) {
    const each = sizeOf(shape.slice(1));
    return h(
      "div",
      { class: "slices" },
      Array.from({ length: shape[0] }, (_, k) =>
        h(
          "div",
          { class: "slice" },
          h("span", { class: "slice-name" }, `[${k}]`),
          grid(shape.slice(1), cells.slice(k * each, (k + 1) * each)),
        ),
      ),
    );
  }
  const columns = shape[1] ?? 1;
  const rows = Array.from({ length: cells.length / columns }, (_, i) =>
    h("div", { class: "grid-row" }, cells.slice(i * columns, (i + 1) * columns)),
  );
  return h("div", { class: shape.length ? "bracketed grid" : "grid" }, rows);
}
