/**
 * The control of each kind of question. A kind is one entry here and one file in kinds/.
 */
import { choice } from "./kinds/choice.js";
import { codeLine } from "./kinds/code-line.js";
import { shape } from "./kinds/shape.js";
import { signs } from "./kinds/signs.js";
import { values } from "./kinds/values.js";

/**
 * @typedef {{right: boolean, entries: any}} Mark
 * @typedef {{element: HTMLElement, read: () => {value: any} | {problem: string, at?: number}, mark: (mark: Mark) => void,
 *   clear: () => void, fill: (answer: any) => void, lock: () => void, focus: (at?: number) => void}} Control
 * read: what is sent, or what is still missing and where; clear: what was marked is being changed
 * @typedef {(question: any, surroundings: {name: string, onChange: () => void}) => Control} Kind
 */

/** @type {Record<string, Kind>} */
export const CONTROLS = { choice, code_line: codeLine, shape, signs, values, line: values };
