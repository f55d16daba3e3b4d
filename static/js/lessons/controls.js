/**
 * The control of each kind of question. A kind is one entry here and one file in kinds/.
 */
import { choice } from "./kinds/choice.js";
import { codeLine } from "./kinds/code-line.js";
import { shape } from "./kinds/shape.js";
import { signs } from "./kinds/signs.js";
import { values } from "./kinds/values.js";

/** @typedef {import("./wire.js").Answer} Answer */
/** @typedef {import("./wire.js").Question} Question */
/** @typedef {{right: boolean, entries: import("../core/wire.js").Nested | null}} Mark */
/**
 * read: the answer to send, or what is missing and in which entry; clear: the answer was changed
 * after it was marked; fill: show an answer; lock: allow no more changes
 * @typedef {{element: HTMLElement,
 *   read: () => {value: Answer} | {problem: string, at?: number}, mark: (mark: Mark) => void,
 *   clear: () => void, fill: (answer: Answer) => void, lock: () => void,
 *   focus: (at?: number) => void}} Control
 */
/** @typedef {{name: string, onChange: () => void}} Form name: of its fields */
/**
 * @template {Question} Q
 * @typedef {(question: Q, form: Form) => Control} Kind
 */
/** @typedef {{[K in Question["kind"]]: Kind<Extract<Question, {kind: K}>>}} Controls */

/** @type {Controls} */
export const CONTROLS = { choice, code_line: codeLine, shape, signs, values, line: values };

/** @param {Question} question @param {Form} form @returns {Control} */
export function controlOf(question, form) {
  const kind = /** @type {Kind<Question>} the entry of its own kind */ (CONTROLS[question.kind]);
  return kind(question, form);
}
