/** Numbers in the shape of the answer: typed into a grid, or pasted as NumPy prints them. */

import { number } from "../../core/format.js";
import { flat } from "../../core/lines.js";
import { TEXT } from "../../text/en.js";
import { h, write } from "../../ui/dom.js";
import { numberField, pasteField } from "../../ui/fields.js";
import { table, zeros } from "../paper.js";
import { bracketed, numeral, readPrinted, sixDigits, sizeOf } from "../printed.js";
import { cellName, grid } from "./grid.js";

const MOST_FIELDS = 24;
const MOST_PRINTED = 40; // cells of a grid on paper

/** @type {Kind<Schemas["ValuesQuestion"] | Schemas["LineQuestion"]>} */
export function values({ shape }, { name, onChange }) {
  const fits = sizeOf(shape) <= MOST_FIELDS;
  const inputs = fits
    ? Array.from({ length: sizeOf(shape) }, (_, k) =>
        numberField({ "aria-label": cellName(shape, k), oninput: () => typed(k), onpaste: paste }),
      )
    : [];
  const cells = inputs.map((input, k) =>
    h("div.entry", { "data-entry": k }, input, h("span.sign[aria-hidden=true]")),
  );
  const text = pasteField({
    ...{ id: `${name}-paste`, rows: "4" },
    placeholder: "[[0.1 0.2]\n [0.3 0.4]]",
    oninput: () => pasted(text.value),
  });
  const area = h(
    "div.paste-area",
    { hidden: fits },
    h(
      "label",
      { for: `${name}-paste` },
      TEXT.lesson.arrayAsPrinted(
        shape.length ? TEXT.lesson.shapeIs(shape.join(", ")) : TEXT.lesson.oneNumber,
      ),
    ),
    text,
  );
  const said = h("p.soft[role=status]");
  const toggle =
    fits && shape.length
      ? h(
          "button.quiet[aria-expanded=false]",
          { onclick: () => show(area.hidden === true) },
          TEXT.lesson.pasteFromNumPy,
        )
      : null;
  const element = h(
    "div.values",
    { "data-columns": shape.length > 1 ? shape.at(-1) : 1 },
    fits && grid(shape, cells),
    toggle,
    area,
    said,
  );
  let locked = false;

  function show(/** @type {boolean} */ on) {
    area.hidden = !on;
    toggle?.setAttribute("aria-expanded", String(on));
    if (on) text.focus();
  }
  function typed(/** @type {number} */ k) {
    delete cells[k].dataset.mark;
    inputs[k].removeAttribute("aria-invalid");
    onChange();
  }
  /** Write numbers into the fields. @param {string[]} numerals */
  function enter(numerals) {
    inputs.forEach((input, k) => {
      input.value = numerals[k];
    });
  }
  /** Whether an array has the right shape. One number fits a single field, in any brackets. */
  const isFitting = (/** @type {NonNullable<ReturnType<typeof readPrinted>>} */ array) =>
    array.shape.join() === shape.join() || (array.numerals.length === 1 && inputs.length === 1);
  /**
   * An array of the right shape fills the fields. Any other stays as text, and the server says what
   * is wrong with it.
   */
  function pasted(/** @type {string} */ value) {
    const array = fits ? readPrinted(value) : null;
    if (array && isFitting(array)) {
      enter(array.numerals);
      text.value = "";
      show(false);
      write(
        said,
        array.numerals.length === 1
          ? TEXT.lesson.numberFilledIn
          : TEXT.lesson.numbersFilledIn(array.numerals.length),
      );
      inputs[0].focus();
      for (const cell of cells) delete cell.dataset.mark;
    } else write(said, "");
    onChange();
  }
  function paste(/** @type {ClipboardEvent} */ event) {
    const value = event.clipboardData?.getData("text") ?? "";
    if (locked || numeral(value) !== null) return;
    event.preventDefault();
    const array = readPrinted(value);
    if (!array || !isFitting(array)) {
      show(true);
      text.value = value;
    }
    pasted(value);
  }

  const wrong = () => cells.findIndex(({ dataset }) => dataset.mark === "wrong");
  return {
    element,
    read() {
      if (text.value.trim()) return { value: text.value.trim() };
      if (!fits) return { problem: TEXT.lesson.pasteArray };
      const numerals = inputs.flatMap(({ value }) => numeral(value) ?? []);
      if (numerals.length === inputs.length) return { value: bracketed(numerals, shape) };
      const at = inputs.findIndex(({ value }) => numeral(value) === null);
      if (inputs[at].value.trim()) inputs[at].setAttribute("aria-invalid", "true");
      return {
        problem: inputs[at].value.trim()
          ? TEXT.lesson.notANumber(cellName(shape, at))
          : TEXT.lesson.fillEvery,
        at,
      };
    },
    mark({ right, entries }) {
      element.dataset.mark = right ? "right" : "wrong";
      const marks = entries === null ? (right ? inputs.map(() => true) : []) : flat(entries);
      if (marks.length !== cells.length) return;
      if (text.value.trim()) {
        const array = readPrinted(text.value);
        // text that only the server can read stays
        if (array?.numerals.length === inputs.length) {
          enter(array.numerals);
          text.value = "";
          show(false);
        }
      }
      cells.forEach((cell, k) => {
        cell.dataset.mark = marks[k] ? "right" : "wrong";
        inputs[k].setAttribute(
          "aria-label",
          TEXT.lesson.cellMark(
            cellName(shape, k),
            marks[k] ? TEXT.lesson.entryRight : TEXT.lesson.entryWrong,
          ),
        );
      });
    },
    clear() {
      delete element.dataset.mark;
    },
    fill(answer) {
      const numbers =
        typeof answer === "string"
          ? (readPrinted(answer)?.numerals ?? [])
          : flat(answer).map(sixDigits);
      if (fits && numbers.length === inputs.length) enter(numbers);
      else text.value = typeof answer === "string" ? answer : bracketed(numbers, shape);
    },
    lock() {
      locked = true;
      for (const input of [...inputs, text]) input.readOnly = true;
      if (toggle) toggle.hidden = true;
      write(said, "");
    },
    focus(k = Math.max(0, wrong())) {
      (area.hidden ? inputs[k] : text).focus();
    },
  };
}

/** @type {OnPaper<Schemas["ValuesQuestion"] | Schemas["LineQuestion"]>} */
export const valuesOnPaper = ({ shape }) => ({
  room:
    sizeOf(shape) > MOST_PRINTED
      ? h("div.sheet-room")
      : table(shape, Array(sizeOf(shape)).fill("")),
  attempt: zeros(shape),
  solution: (answer) =>
    table(
      shape,
      [answer].flat(Infinity).map((value) => number(Number(value), 4)),
    ),
});
