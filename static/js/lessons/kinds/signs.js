/** The sign of every entry: three buttons each, in the shape of the answer. */

import { flat } from "../../core/lines.js";
import { TEXT } from "../../text/en.js";
import { h, set } from "../../ui/dom.js";
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
  const cells = values.map((_, k) => {
    const buttons = SIGNS.map(({ value, text, said: sign }) =>
      h(
        "button",
        {
          "aria-pressed": "false",
          "aria-label": sign,
          title: sign,
          onclick: () => choose(k, value),
        },
        text,
      ),
    );
    const label = names[k] ? h("span.entry-label", inline(names[k])) : null;
    const said = label ? spoken(names[k]) : cellName(shape, k);
    const group = h(
      "div.choice",
      { role: "group", "aria-label": TEXT.lesson.signOf(said) },
      buttons,
    );
    return h(
      "div.entry",
      { "data-entry": k },
      label,
      group,
      h("span.sign", { "aria-hidden": "true" }),
    );
  });

  /** @param {number} k @param {number} value */
  function choose(k, value) {
    if (element.dataset.locked) return;
    values[k] = value;
    delete cells[k].dataset.mark;
    show(k);
    onChange();
  }
  /** @param {number} k */
  function show(k) {
    cells[k].querySelectorAll("button").forEach((button, i) => {
      set(button, { "aria-pressed": String(SIGNS[i].value === values[k]) });
    });
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
        show(k);
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
