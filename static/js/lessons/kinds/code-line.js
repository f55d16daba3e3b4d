/** The line of a program that is wrong. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { box, options } from "../paper.js";
import { indented } from "../rich.js";
import { radios } from "./choice.js";

/** @type {Kind<Schemas["CodeLineQuestion"]>} */
export const codeLine = ({ code }, form) =>
  radios(
    ["div.code-lines", "div.code-line"],
    code.map((text, k) => ({
      label: [
        h(
          "span.line-number.soft.fine",
          h("span.visually-hidden", TEXT.lesson.lineBefore),
          String(k + 1),
        ),
        indented("code", text || " "),
      ],
      said: TEXT.lesson.codeLine(k + 1, text.trim()),
      blank: text.trim() === "",
    })),
    form,
    TEXT.lesson.chooseLine,
  );

/** @type {OnPaper<Schemas["CodeLineQuestion"]>} */
export const codeLineOnPaper = ({ code }) => ({
  room: options(
    code.map((line, k) => [
      box(line.trim() === ""),
      h("span.sheet-number", `${k + 1}`),
      h("code", line),
    ]),
  ),
  attempt: 0,
  solution: (answer) =>
    h("p", TEXT.sheet.line(Number(answer) + 1), h("code", code[Number(answer)].trim())),
});
