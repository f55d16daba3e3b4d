/** Fields and menus. */
import { h } from "./dom.js";

/** A row of text that the browser neither corrects nor completes. */
export const textField = (/** @type {Record<string, Attribute>} */ attributes) =>
  h("input[type=text][autocomplete=off][spellcheck=false]", attributes);

/** Several rows of it, as NumPy prints arrays. @param {Record<string, Attribute>} attributes */
export const pasteField = (attributes) =>
  h("textarea.paste[autocomplete=off][spellcheck=false]", attributes);

/** For a number as one types it, "−0,5" too. @param {Record<string, Attribute>} attributes */
export const numberField = (attributes) => textField({ inputmode: "decimal", ...attributes });

/**
 * @typedef {[value: string, text: string] | {name: string, title?: string | null,
 *   description?: string}} Choice what a menu offers, such as an entry of the catalog
 */

export const options = (/** @type {Choice[]} */ choices) =>
  choices.map((choice) =>
    Array.isArray(choice)
      ? h("option", { value: choice[0] }, choice[1])
      : h("option", { value: choice.name, title: choice.description }, choice.title ?? choice.name),
  );

/**
 * @param {Choice[]} choices @param {(value: string) => void} change
 * @param {Record<string, Attribute>} [attributes]
 * @param {string} [value] the one that is chosen at first
 */
export function menu(choices, change, attributes = {}, value) {
  const onchange = () => change(element.value);
  const element = h("select", { ...attributes, onchange }, options(choices));
  if (value !== undefined) element.value = value;
  return element;
}

/**
 * What is typed into a field as an answer, see `Control` in lessons/controls.js.
 * @param {HTMLInputElement | HTMLTextAreaElement} field @param {string} need said of an empty one
 */
export const typedAnswer = (field, need) => ({
  read: () => (field.value.trim() ? { value: field.value.trim() } : { problem: need }),
  mark() {},
  clear() {},
  fill(/** @type {unknown} */ answer) {
    field.value = String(answer);
  },
  lock() {
    field.readOnly = true;
  },
  focus: () => field.focus(),
});
