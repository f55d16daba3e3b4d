/**
 * A matrix, vector or number of the working: aligned numbers between brackets that stretch, large ones folded to their
 * corners. Every entry can be pointed at.
 */
import { h, math } from "../dom.js";
import { at } from "../entries.js";
import { fold } from "../equation.js";
import { aligned, full, number, shape as written, styleOf, superscript } from "../format.js";
import { flat } from "../lines.js";

/**
 * @param {{id: string, symbol: any, shape: number[], value: any}} variable
 * @param {{role: "output" | "input", transposed?: boolean, rows: number, columns: number, keep?: number[][], name: string}} options
 *   keep: indices that must not be folded away
 * @returns {HTMLElement}
 */
export function matrixView(variable, { role, transposed = false, rows, columns, keep = [], name }) {
  const { id, value, shape } = variable;
  const style = styleOf(flat(value));
  const caption = h(
    "figcaption",
    {},
    h("span", { title: variable.text ?? null }, math(variable.symbol)),
    transposed ? h("span", { class: "transposed", title: "used transposed" }, "ᵀ") : null,
    shape.length ? h("span", { class: "shape" }, written(shape)) : null,
  );
  const power = style.power === null || !shape.length ? null : h("span", { class: "power", title: "every entry times this" }, `·10${superscript(style.power)}`);
  return h("figure", { class: `matrix ${role}`, "data-variable": id }, caption, h("div", { class: "numbers" }, body(), power));

  function body() {
    if (!shape.length) return h("output", { class: "scalar", "data-index": "", title: full(value) }, plain(value));
    const vector = shape.length === 1;
    const down = fold(shape[0], rows, keep.map((index) => index[0]));
    const across = vector ? [0] : fold(shape[1], columns, keep.map((index) => index[1]));
    const cells = down.map((i) =>
      h(
        "tr",
        {},
        across.map((j) => {
          if (i === null || j === null) return h("td", { class: "fold" }, i === null && j === null ? "⋱" : i === null ? "⋮" : "…");
          const index = vector ? [i] : [i, j];
          const number = at(value, index);
          return h("td", { "data-index": index.join(), tabindex: "-1", class: number === 0 ? "zero" : null, title: full(number) }, aligned(number, style));
        }),
      ),
    );
    const table = h("table", { class: "entries", "aria-label": `${name}, ${written(shape)}` }, h("tbody", {}, cells));
    const first = table.querySelector("[data-index]");
    if (first) first.tabIndex = 0;
    return h("div", { class: "bracketed" }, table);
  }
}

/** A number on its own: as it was given if that is short (0.1), else to 4 digits. @param {number | null} value */
const plain = (value) => (value !== null && String(value).length <= 7 ? full(value) : number(value));

/** @param {Element | null} cell @returns {{variable: string, index: number[]} | null} what a cell stands for */
export function entryOfCell(cell) {
  const holder = cell?.closest("[data-index]");
  const variable = holder?.closest("[data-variable]")?.getAttribute("data-variable");
  if (!variable) return null;
  const text = holder.getAttribute("data-index");
  return { variable, index: text === "" ? [] : text.split(",").map(Number) };
}
