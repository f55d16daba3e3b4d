/** A function that the student writes: the cell of a notebook that checks it, and its code. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { block } from "../rich.js";
import { oneField } from "./shape.js";

const CODE = /^[a-z]{3}[\s-]?[a-z]{3}$/i;

/** @type {Kind<Pick<Schemas["FunctionQuestion"], "function">>} */
export function written({ function: asked }, { name, onChange }) {
  const control = oneField(TEXT.lesson.codeThatItPrints, TEXT.lesson.typeCode, {
    ...{ class: "shape-field mono", id: name, oninput: onChange },
    ...{ autocapitalize: "characters", placeholder: "KQT-MXR" },
  });
  const called = h(
    "p",
    TEXT.lesson.checkCalls,
    h("code", asked.call),
    ...(asked.results ? [TEXT.lesson.andExpects, h("code", asked.results)] : []),
    TEXT.lesson.end,
  );
  return { ...control, element: h("div.written", called, block(asked.cell), control.element) };
}

/**
 * The control of another kind with a fold below it, whose code is an answer, too.
 * @param {Control} control @param {Schemas["CardFunction"]} asked
 * @param {AnswerForm} form @returns {Control}
 */
export function withFunction(control, asked, form) {
  const code = written({ function: asked }, { ...form, name: `${form.name}-code` });
  const fold = h("details.folded", h("summary", TEXT.lesson.checkMyFunction), code.element);
  const used = () => ("value" in code.read() ? code : control);
  return {
    element: h("div", control.element, fold),
    read: () => used().read(),
    mark: (mark) => used().mark(mark),
    clear() {
      control.clear();
      code.clear();
    },
    fill(answer) {
      fold.open = typeof answer === "string" && CODE.test(answer);
      (fold.open ? code : control).fill(answer);
    },
    lock() {
      control.lock();
      code.lock();
    },
    focus: (at) => used().focus(at),
  };
}

/** @type {OnPaper<Schemas["FunctionQuestion"]>} */
export const writtenOnPaper = ({ function: asked }) => ({
  room: h("div", h("p", TEXT.lesson.checkCalls, h("code", asked.call)), h("div.sheet-room")),
  attempt: "",
  solution: (answer) => h("p", String(answer)),
});
