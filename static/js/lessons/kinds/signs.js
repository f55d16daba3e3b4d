/** The sign of every entry: three buttons each, in the shape of the answer. */

import { flat } from "../../core/lines.js";
import { TEXT } from "../../text/en.js";
import { choice, h, set } from "../../ui/dom.js";
import { box, options, table, zeros } from "../paper.js";
import { bracketed, sizeOf } from "../printed.js";
import { inline, spoken } from "../rich.js";
import { cellName, grid } from "./grid.js";

const SIGNS = [
  { value: -1, text: "\u2212", said: TEXT.lesson.negative },
  { value: 0, text: "0", said: TEXT.lesson.zero },
  { value: 1, text: "+", said: TEXT.lesson.positive },
];

/** @type {Kind<Schemas["SignsQuestion"]>} */
export function signs({ shape, names }, { onChange }) {
  /** @type {(number | null)[]} */
  const values = Array(sizeOf(shape)).fill(null);
  const pickers = values.map((_, k) => {
    const said = names[k] ? spoken(names[k]) : cellName(shape, k);
    return choice(TEXT.lesson.signOf(said), SIGNS, (value) => choose(k, value));
  });
  const cells = pickers.map(({ element }, k) =>
    h(
      "div.entry",
      { "data-entry": k },
      names[k] && h("span.entry-label", inline(names[k])),
      element,
      h("span.sign[aria-hidden=true]"),
    ),
  );

  /** @param {number} k @param {number} value */
  function choose(k, value) {
    if (element.dataset.locked) return;
    values[k] = value;
    delete cells[k].dataset.mark;
    pickers[k].show(value);
    onChange();
  }

  const element = h("div.signs", names.length ? h("div.named-entries", cells) : grid(shape, cells));
  const open = () => values.indexOf(null);
  const first = () =>
    Math.max(
      0,
      cells.findIndex(({ dataset }) => dataset.mark === "wrong"),
    );
  return {
    element,
    read: () =>
      open() < 0
        ? { value: JSON.parse(bracketed(values.map(String), shape)) }
        : { problem: TEXT.lesson.chooseEverySign, at: open() },
    mark({ right, entries }) {
      const marks = entries === null ? values.map(() => right) : flat(entries);
      cells.forEach((cell, k) => {
        cell.dataset.mark = marks[k] ? "right" : "wrong";
      });
    },
    clear() {},
    fill(answer) {
      flat(answer).forEach((value, k) => {
        values[k] = value;
        pickers[k].show(value);
      });
    },
    lock() {
      element.dataset.locked = "true";
      for (const button of element.querySelectorAll("button"))
        set(button, { "aria-disabled": "true" });
    },
    focus: (k = first()) => cells[k].querySelector("button")?.focus(),
  };
}

/** @type {OnPaper<Schemas["SignsQuestion"]>} */
export const signsOnPaper = ({ shape, names }) => ({
  room: options(
    Array.from({ length: sizeOf(shape) }, (_, k) => [
      ...["+", "0", "−"].flatMap((sign) => [box(), sign]),
      h("span", names[k] ? inline(names[k]) : `[${k}]`),
    ]),
  ),
  attempt: zeros(shape),
  solution: (answer) =>
    table(
      shape,
      [answer].flat(Infinity).map((sign) => ["−", "0", "+"][Number(sign) + 1]),
    ),
});
