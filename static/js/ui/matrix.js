/**
 * A matrix, vector or number of the working: aligned numbers between brackets that stretch, large
 * ones folded to their corners. Every entry can be pointed at.
 */

import { at } from "../core/entries.js";
import { drawnShape, fold } from "../core/equation.js";
import { aligned, full, number, styleOf, superscript, shape as written } from "../core/format.js";
import { flat } from "../core/lines.js";
import { cellId, letterOf } from "../core/names.js";
import { NOT_SHOWN } from "../core/veil.js";
import { TEXT } from "../text/en.js";
import { h, math, set, write } from "./dom.js";

const MASKED = "·"; // an entry that takes no part
const SLICES = 4; // of a tensor, on screen
/**
 * Fewer decimals, because slices stand side by side.
 * @param {import("../core/format.js").Style} style
 */
const coarse = (style) => ({ ...style, decimals: Math.min(style.decimals, 2) });

/** @param {{value: Nested, shape: number[], mask?: Nested}} variable @param {boolean} [isCoarse] */
const styleFor = ({ value, shape, mask }, isCoarse = shape.length > 2) => {
  const hidden = mask ? flat(mask) : [];
  const style = styleOf(flat(value).filter((_, k) => !hidden[k]));
  return isCoarse ? coarse(style) : style;
};

/**
 * How a variable is drawn, apart from its numbers.
 * @param {{value: Nested, shape: number[]}} variable
 */
export const formOf = (variable) => JSON.stringify([variable.shape, styleFor(variable)]);

/**
 * @param {number | null} value of an entry
 * @param {import("../core/format.js").Style} style @param {number} depth axes of the variable
 */
const entryText = (value, style, depth) =>
  depth === 0 ? plain(value) : value === 0 && depth > 2 ? "0" : aligned(value, style);

/**
 * Other numbers in a matrix whose form is the same.
 * @param {Element} element of `matrixView`, without a veil
 * @param {{value: Nested, shape: number[]}} variable
 */
export function renumber(element, variable) {
  const style = styleFor(variable, element.hasAttribute("data-coarse") || undefined);
  for (const cell of element.querySelectorAll("[data-index]")) {
    const value = at(variable.value, entryOfCell(cell)?.index ?? []);
    write(/** @type {Text} */ (cell.firstChild), entryText(value, style, variable.shape.length));
    set(cell, { title: full(value) });
    if (variable.shape.length) cell.classList.toggle("zero", value === 0);
  }
}

/**
 * `data-index` is the index of an entry in the variable itself, `data-cell` its place as drawn:
 * "W2.0.1" is row 0, column 1 of the matrix as drawn, "z2.1" entry 1 of a column.
 * @param {{id: string, symbol: Formula | null, shape: number[], value: Nested, text?: string,
 *   mask?: Nested}} variable
 * @param {{role: "output" | "input", piece?: {transposed: boolean, product?: string, role?:
 *   string}, rowVectors?: boolean, rows: number, columns: number, coarse?: boolean, keep?:
 *   number[][], name: string, note?: Child, unfolds?: boolean, settable?:
 *   boolean, derived?: boolean, veil?: "entries" | "all", leading?: (number | null)[], axes?:
 *   string[]}} options note: beside the symbol of a number; rowVectors: a vector lies, unless its
 *   piece is transposed; rows, columns: most of them on screen; coarse: with few decimals; keep:
 *   indices that must not be folded away; unfolds: what is folded away is a button, see foldOf;
 *   settable: the reader can change it; derived: no line or given, so that nothing is copied; veil:
 *   the numbers are asked in a lesson, or the shape too; leading: places along all axes but the
 *   last two, null for all of an axis; axes: their names
 * @returns {HTMLElement}
 */
export function matrixView(variable, options) {
  const { role, piece = { transposed: false }, rowVectors = false, rows, columns, name } = options;
  const { coarse: isCoarse, keep = [], note, unfolds, settable, derived, veil } = options;
  const { leading, axes = [] } = options;
  const { id, value, shape } = variable;
  const { transposed } = piece;
  const attributes = {
    class: `matrix ${role}`,
    "data-variable": id,
    "data-coarse": isCoarse || null,
    "data-letter": letterOf(id),
  };
  if (veil === "all")
    return h(
      "figure",
      attributes,
      h("figcaption", h("span", math(variable.symbol))),
      h("p.scalar", { title: NOT_SHOWN }, "?"),
    );
  const style = veil ? { decimals: 0, power: null } : styleFor(variable, isCoarse || undefined);
  const caption = h(
    "figcaption",
    h(
      "span",
      { title: variable.text ?? null },
      // fractions and indices of indices would be tiny
      !variable.symbol || /^\\frac|_\{\w\^/.test(variable.symbol.latex)
        ? h("span.math", name)
        : math(variable.symbol),
    ),
    transposed && h("span.transposed.soft", { title: TEXT.ui.transposed }, "ᵀ"),
    shape.length
      ? h("span.shape", written(drawnShape(shape, piece)))
      : id === "cost_factor"
        ? h("span.shape", note ?? TEXT.ui.factor)
        : null,
    shape.length && !veil && !derived
      ? h(
          "button.copy",
          {
            "data-copy": id,
            title: transposed ? TEXT.ui.copyNotTransposed : TEXT.ui.copyAsNumPy,
            "aria-label": TEXT.ui.copyNamed(name),
          },
          TEXT.ui.copyShort,
        )
      : null,
  );
  if (shape.length > 2) return slices();
  const power =
    style.power === null || !shape.length
      ? null
      : h("span.power", { title: TEXT.ui.everyEntryTimes }, `·10${superscript(style.power)}`);
  // a caption that is wider than the numbers would lie on a power at their corner
  const across = shape.length > 1 ? shape[transposed ? 0 : 1] : rowVectors === transposed ? 1 : 2;
  const narrow = across === 1 || (caption.textContent ?? "").length > 9 * across;
  if (power && narrow) caption.append(power);
  return h("figure", attributes, caption, h("div.numbers", body(), !narrow && power));

  /**
   * A tensor as the matrices that its last two axes hold: of a batch those of one sample, or one
   * matrix, of the leading places that are given.
   */
  function slices() {
    const places = leading ?? [...(shape.length > 3 ? [keep[0]?.[0] ?? 0] : []), null];
    const axis = places.indexOf(null);
    const before = /** @type {number[]} */ (places.slice(0, axis < 0 ? places.length : axis));
    const after = /** @type {number[]} */ (
      axis < 0 ? [] : places.slice(axis + 1).map((k) => k ?? 0)
    );
    const shown = fold(
      axis < 0 ? 1 : shape[axis],
      SLICES,
      keep.map((index) => index[axis]),
    );
    const nameOf = (/** @type {number} */ j) =>
      leading
        ? places.map((k, at) => `${axes[at] ?? ""} ${k ?? (at === axis ? j : 0)}`).join(", ")
        : TEXT.ui.rowOf(before.length ? TEXT.ui.sampleBefore(before[0]) : "", j);
    const each = shown.map((j) =>
      j === null
        ? h("span.operator", "…")
        : h(
            "div.slice",
            h("span.slice-name", nameOf(j)),
            body([...before, ...(axis < 0 ? [] : [j]), ...after]),
          ),
    );
    const kind = axis < 0 ? "single" : "several";
    return h(
      "figure",
      { ...attributes, class: `matrix tensor ${kind} ${role}` },
      caption,
      h("div.slices", each),
    );
  }

  /** @param {number[]} [prefix] of a slice */
  function body(prefix = []) {
    if (!shape.length)
      return h(
        "output.scalar",
        { "data-index": "", "data-cell": cellId(id), title: veil ? NOT_SHOWN : full(value) },
        veil ? "?" : entryText(value, style, 0),
      );
    const sides = shape.slice(prefix.length);
    const column = sides.length === 1 && rowVectors === transposed;
    // axis of the variable that runs down, and the one that runs across; −1: there is only one row
    // or column
    const [down, across] =
      sides.length === 1 ? (column ? [0, -1] : [-1, 0]) : transposed ? [1, 0] : [0, 1];
    /** @param {number} axis @param {number} room */
    const places = (axis, room) =>
      axis < 0
        ? [0]
        : fold(
            sides[axis],
            room,
            keep.map((index) => index[prefix.length + axis]),
          );
    const [tall, wide] = [places(down, rows), places(across, columns)];
    /** @param {number} i @param {number} j */
    const entry = (i, j) => {
      const index = [...prefix];
      if (down >= 0) index[prefix.length + down] = i;
      if (across >= 0) index[prefix.length + across] = j;
      return index;
    };
    /**
     * What stands for rows or columns that are not shown; with `unfolds` a button.
     * @param {number | null} i @param {number | null} j @param {number} r @param {number} c places
     */
    const folded = (i, j, r, c) => {
      const text = i === null && j === null ? "⋱" : i === null ? "⋮" : "…";
      if (!unfolds || i === j) return text;
      const index = ((i === null ? tall[r - 1] : wide[c - 1]) ?? -1) + 1; // the first left out
      const says = (i === null ? TEXT.ui.showRow : TEXT.ui.showColumn)(index + 1);
      return h(
        "button.unfold",
        {
          "data-fold": [prefix.length + (i === null ? down : across), index].join(),
          title: says,
          "aria-label": says,
          tabindex: (i === null ? c : r) ? "-1" : null,
        },
        text,
      );
    };
    const cells = tall.map((i, r) =>
      h(
        "tr",
        wide.map((j, c) => {
          if (i === null || j === null) return h("td.fold", folded(i, j, r, c));
          const index = entry(i, j);
          const attributes = {
            "data-index": index.join(),
            "data-cell": cellId(id, ...prefix, i, ...(column ? [] : [j])),
            tabindex: "-1",
          };
          if (veil) return h("td.zero", { ...attributes, title: NOT_SHOWN }, "?");
          const number = at(value, index);
          return h(
            "td",
            {
              ...attributes,
              class:
                [number === 0 ? "zero" : "", settable ? "settable" : ""].join(" ").trim() || null,
              title: full(number),
            },
            variable.mask && at(variable.mask, index)
              ? MASKED
              : entryText(number, style, shape.length),
          );
        }),
      ),
    );
    const spoken = [
      name + (transposed ? TEXT.ui.transposedAfter : ""),
      prefix.length ? TEXT.ui.slice(prefix.join()) : "",
      written(drawnShape(shape, piece)),
      veil ? NOT_SHOWN : "",
    ];
    const table = h(
      "table.entries",
      { "aria-label": spoken.filter(Boolean).join(", ") },
      h("tbody", cells),
    );
    const first = table.querySelector("[data-index]");
    first?.setAttribute("tabindex", "0");
    return h("div.bracketed", table);
  }
}

/** A single number: as it was given if that is short (0.1), else to 4 digits. */
const plain = (/** @type {number | null} */ value) =>
  value !== null && String(value).length <= 7 ? full(value) : number(value);

/**
 * @param {EventTarget | null} cell
 * @returns {{variable: string, index: number[]} | null} what a cell stands for
 */
export function entryOfCell(cell) {
  const holder = cell instanceof Element ? cell.closest("[data-index]") : null;
  const variable = holder?.closest("[data-variable]")?.getAttribute("data-variable");
  if (!variable) return null;
  const text = holder?.getAttribute("data-index");
  return { variable, index: text ? text.split(",").map(Number) : [] };
}

/**
 * What a button for rows or columns that are not shown would bring: an index along an axis.
 * @param {EventTarget | null} target
 * @returns {{variable: string, axis: number, index: number} | null}
 */
export function foldOf(target) {
  const button = target instanceof Element ? target.closest("[data-fold]") : null;
  const variable = button?.closest("[data-variable]")?.getAttribute("data-variable");
  if (!button || !variable) return null;
  const [axis, index] = (button.getAttribute("data-fold") ?? "").split(",").map(Number);
  return { variable, axis, index };
}
