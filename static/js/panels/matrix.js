/**
 * A matrix, vector or number of the working: aligned numbers between brackets that stretch, large ones folded to their
 * corners. Every entry can be pointed at.
 */
import { h, math } from "../dom.js";
import { at } from "../entries.js";
import { fold } from "../equation.js";
import { aligned, full, number, shape as written, styleOf, superscript } from "../format.js";
import { flat } from "../lines.js";
import { ASKED } from "../veil.js";

const SLICES = 4; // of a tensor, on screen
const coarse = (style) => ({ ...style, decimals: Math.min(style.decimals, 2) }); // slices stand side by side

/**
 * @param {{id: string, symbol: any, shape: number[], value: any}} variable
 * @param {{role: "output" | "input", transposed?: boolean, rows: number, columns: number, keep?: number[][], name: string, veil?: "entries" | "all"}} options
 *   keep: indices that must not be folded away; veil: the numbers are asked in a lesson, or the shape too
 * @returns {HTMLElement}
 */
export function matrixView(variable, { role, transposed = false, rows, columns, keep = [], name, veil }) {
  const { id, value, shape } = variable;
  if (veil === "all") return h("figure", { class: `matrix ${role}`, "data-variable": id }, h("figcaption", {}, h("span", {}, math(variable.symbol))), h("p", { class: "scalar", title: ASKED }, "?"));
  const style = veil ? { decimals: 0, power: null } : shape.length > 2 ? coarse(styleOf(flat(value))) : styleOf(flat(value));
  // what-if.js takes these
  const settable = role === "input" && /^([Wb]\d+|x|target)$/.test(id);
  const caption = h(
    "figcaption",
    {},
    h("span", { title: variable.text ?? null }, math(variable.symbol)),
    transposed ? h("span", { class: "transposed", title: "used transposed" }, "ᵀ") : null,
    shape.length ? h("span", { class: "shape" }, written(shape)) : id === "cost_factor" ? h("span", { class: "shape" }, "factor") : null,
    shape.length && !veil ? h("button", { type: "button", class: "copy", tabindex: "-1", "data-copy": id, title: "Copy as NumPy", "aria-label": `Copy ${name} as NumPy` }, "copy") : null,
  );
  if (shape.length > 2) return slices();
  const power = style.power === null || !shape.length ? null : h("span", { class: "power", title: "every entry times this" }, `·10${superscript(style.power)}`);
  return h("figure", { class: `matrix ${role}`, "data-variable": id }, caption, h("div", { class: "numbers" }, body(), power));

  /** A tensor as the matrices that its last two axes hold; of a batch those of one sample. */
  function slices() {
    const sample = shape.length > 3 ? [keep[0]?.[0] ?? 0] : [];
    const axis = sample.length;
    const shown = fold(shape[axis], SLICES, keep.map((index) => index[axis]));
    const each = shown.map((j) => (j === null ? h("span", { class: "operator" }, "…") : h("div", { class: "slice" }, h("span", { class: "slice-name" }, `${sample.length ? `sample ${sample[0] + 1}, ` : ""}row ${j + 1}`), body([...sample, j]))));
    return h("figure", { class: `matrix tensor ${role}`, "data-variable": id }, caption, h("div", { class: "slices" }, each));
  }

  /** @param {number[]} [prefix] of a slice */
  function body(prefix = []) {
    const [height, width] = shape.slice(prefix.length);
    if (!shape.length) return h("output", { class: "scalar", "data-index": "", title: veil ? ASKED : full(value) }, veil ? "?" : plain(value));
    const vector = shape.length === 1;
    const down = fold(height, rows, keep.map((index) => index[prefix.length]));
    const across = vector ? [0] : fold(width, columns, keep.map((index) => index[prefix.length + 1]));
    const cells = down.map((i) =>
      h(
        "tr",
        {},
        across.map((j) => {
          if (i === null || j === null) return h("td", { class: "fold" }, i === null && j === null ? "⋱" : i === null ? "⋮" : "…");
          const index = vector ? [i] : [...prefix, i, j];
          if (veil) return h("td", { "data-index": index.join(), tabindex: "-1", class: "zero", title: ASKED }, "?");
          const number = at(value, index);
          return h("td", { "data-index": index.join(), tabindex: "-1", class: [number === 0 ? "zero" : "", settable ? "settable" : ""].join(" ").trim() || null, title: full(number) }, number === 0 && prefix.length ? "0" : aligned(number, style));
        }),
      ),
    );
    const table = h("table", { class: "entries", "aria-label": `${name}${prefix.length ? `, slice ${prefix.map((k) => k + 1).join()}` : ""}, ${written(shape)}${veil ? `, ${ASKED}` : ""}` }, h("tbody", {}, cells));
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
