/** The line of a program that is wrong. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { box, options } from "../paper.js";
import { radios } from "./choice.js";

/** @type {Kind<Schemas["CodeLineQuestion"]>} */
export function codeLine({ code }, { name, onChange }) {
  const inputs = code.map((_, k) =>
    h("input", {
      type: "radio",
      name,
      value: String(k),
      id: `${name}-${k}`,
      "aria-label": TEXT.lesson.codeLine(k + 1, code[k].trim()),
      onchange: onChange,
      hidden: code[k].trim() === "",
    }),
  );
  const rows = code.map((text, k) =>
    h(
      "div.code-line",
      { "data-option": k },
      inputs[k],
      h(
        "label",
        { for: `${name}-${k}` },
        h("span.line-number", h("span.visually-hidden", TEXT.lesson.lineBefore), String(k + 1)),
        h("code", text || " "),
      ),
      h("span.sign", { "aria-hidden": "true" }),
    ),
  );
  return radios(
    h("div.code-lines", { role: "radiogroup" }, rows),
    rows,
    inputs,
    TEXT.lesson.chooseLine,
  );
}

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
