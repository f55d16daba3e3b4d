/**
 * Each kind of question, as a control and printed. A kind is one file in kinds/ and its entries
 * here.
 */
import { h } from "../ui/dom.js";
import { choice, choiceOnPaper } from "./kinds/choice.js";
import { codeLine, codeLineOnPaper } from "./kinds/code-line.js";
import { withFunction, written, writtenOnPaper } from "./kinds/function.js";
import { shape, shapeOnPaper } from "./kinds/shape.js";
import { signs, signsOnPaper } from "./kinds/signs.js";
import { values, valuesOnPaper } from "./kinds/values.js";

/** @typedef {{[K in Question["kind"]]: OnPaper<Extract<Question, {kind: K}>>}} Printed */
/** @typedef {{[K in Question["kind"]]: Kind<Extract<Question, {kind: K}>>}} Controls */

/** @type {Controls} */
export const CONTROLS = {
  choice,
  code_line: codeLine,
  shape,
  signs,
  function: written,
  values,
  line: values,
};

/** @param {Question} question @param {AnswerForm} form @returns {Control} */
export function controlOf(question, form) {
  const kind = /** @type {Kind<Question>} the entry of its kind */ (CONTROLS[question.kind]);
  const control = kind(question, form);
  const asked = question.kind !== "function" && "function" in question ? question.function : null;
  return asked ? withFunction(control, asked, form) : control;
}

/**
 * The form of a question, whose prompt says what it is about.
 * @param {string} kind @param {string} name of its fields
 * @param {(event: Event) => void} onsubmit @param {...Child} children
 */
export function questionForm(kind, name, onsubmit, ...children) {
  const attributes = { "data-kind": kind, novalidate: true, autocomplete: "off", onsubmit };
  return h("form.question", { ...attributes, "aria-labelledby": `${name}-prompt` }, children);
}

/** @type {Printed} */
const ON_PAPER = {
  choice: choiceOnPaper,
  code_line: codeLineOnPaper,
  shape: shapeOnPaper,
  signs: signsOnPaper,
  function: writtenOnPaper,
  values: valuesOnPaper,
  line: valuesOnPaper,
};

export function onPaper(/** @type {Question} */ question) {
  const kind = /** @type {OnPaper<Question>} the entry of its kind */ (ON_PAPER[question.kind]);
  return kind(question);
}
