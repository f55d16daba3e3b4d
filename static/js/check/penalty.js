/** The penalty in the cost: λ₁ and λ₂, and how the program defines it. */

import { typedNumber } from "../core/format.js";
import { isObject } from "../core/leaves.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { menu, numberField as typedField } from "../ui/fields.js";

const NONE = { l1: 0, l2: 0, square: "half", divided_by: "nothing", on: "weights" };
/**
 * Parts of the definition in which programs differ.
 * @type {["square" | "divided_by" | "on", string, Record<string, string>][]}
 */
const CHOICES = [
  ["square", TEXT.check.l2Term, { half: "λ₂/2 Σ W²", whole: "λ₂ Σ W²" }],
  [
    "divided_by",
    TEXT.check.dividedBy,
    { nothing: TEXT.check.nothing, samples: TEXT.check.samples },
  ],
  [
    "on",
    TEXT.check.penaltyOf,
    { weights: TEXT.check.weights, weights_and_biases: TEXT.check.weightsAndBiases },
  ],
];

/**
 * @param {unknown} typed from an address or a store @returns {Penalty | null} null if it is none
 */
export function cleanPenalty(typed) {
  if (!isObject(typed) || !Number.isFinite(typed.l1) || !Number.isFinite(typed.l2)) return null;
  /** @type {any} built field by field */
  const kept = { ...NONE, l1: typed.l1, l2: typed.l2 };
  for (const [name, , options] of CHOICES)
    if (Object.hasOwn(options, String(typed[name]))) kept[name] = typed[name];
  return kept.l1 || kept.l2 ? kept : null;
}

/**
 * The penalty in the definition of the explorer, λ₁ Σ|W| + λ₂/2 ΣW².
 * @param {Penalty | null | undefined} penalty @param {number} samples
 * @returns {{l1: number, l2: number} | null | undefined} undefined: the explorer has none such
 */
export function explorersPenalty(penalty, samples) {
  if (!penalty) return null;
  if (penalty.on === "weights_and_biases") return undefined;
  const part = penalty.divided_by === "samples" ? 1 / samples : 1;
  return { l1: penalty.l1 * part, l2: penalty.l2 * part * (penalty.square === "whole" ? 2 : 1) };
}

/**
 * @param {() => Penalty | null} current @param {(penalty: Penalty | null) => void} change
 * @returns {HTMLElement}
 */
export function penaltyRow(current, change) {
  const now = { ...NONE, ...current() };
  // what is chosen now, which may be later than what is drawn
  /** @param {Partial<Penalty>} part */
  const set = (part) => change(cleanPenalty({ ...NONE, ...current(), ...part }));
  return h(
    "div.settings-row.side-by-side.wraps[role=group]",
    { "aria-label": TEXT.check.penalty },
    h("span.tag", TEXT.check.penaltyTag),
    numberField("L1", TEXT.check.lambda1, "l1"),
    numberField("L2", TEXT.check.lambda2, "l2"),
    current() ? CHOICES.map(choice) : [],
  );

  /** @param {string} title @param {string} meaning @param {"l1" | "l2"} name */
  function numberField(title, meaning, name) {
    const attributes = { placeholder: TEXT.check.none, "data-field": `penalty.${name}` };
    return numberSetting(title, meaning, now[name] ? String(now[name]) : "", attributes, (text) => {
      const value = text.trim() ? typedNumber(text) : 0;
      if (!(value >= 0)) return TEXT.check.numberFromZero;
      set({ [name]: value });
      return null;
    });
  }

  /** @param {typeof CHOICES[number]} entry */
  function choice([name, title, texts]) {
    const change = (/** @type {string} */ value) => set({ [name]: value });
    const named = { "data-field": `penalty.${name}` };
    return setting(title, menu(Object.entries(texts), change, named, now[name]));
  }
}

/** A named control. @param {string} name @param {Element} control @param {string} [title] */
export const setting = (name, control, title) =>
  h("label.setting.soft", { title }, h("span", name), control);

/**
 * @param {string} name @param {string} title @param {string} value
 * @param {Record<string, Attribute>} attributes
 * @param {(text: string) => string | null} take answers what is wrong with the text, if anything
 */
export function numberSetting(name, title, value, attributes, take) {
  const onchange = () => {
    const wrong = take(field.value);
    field.setCustomValidity(wrong ?? "");
    field.setAttribute("aria-invalid", String(wrong !== null));
    if (wrong) field.reportValidity();
  };
  const field = typedField({ value, size: "6", ...attributes, onchange });
  return setting(name, field, title);
}
