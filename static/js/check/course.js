/** The convention of one's course: asked once, and kept in this browser. */

import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";

/** @typedef {{reduction: string, convention: string, step: "subtract" | "add"}} Course */

const KEY = "backprop-explorer.course";
const NONE = "none"; // asked, and not to be asked again

/** @returns {Course | null} */
export function course() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return typeof kept?.reduction === "string" ? kept : null;
  } catch {
    return null;
  }
}

/** @param {Course | null} kept null: there is none, and the question is not asked again */
function remember(kept) {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept ?? NONE));
  } catch {
    // forbidden: it is asked again
  }
}

const asked = () => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
};

/** Ask again with the next answer. */
export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}

/**
 * The question below a right answer, once; later what is remembered, with a way to forget it.
 * @param {Check} result
 * @param {() => void} again checks again with what was answered
 * @returns {HTMLElement | null}
 */
export function courseQuestion({ settings, verdict }, again) {
  const kept = course();
  if (kept)
    return h(
      "p.aside.course",
      { "data-note": "course" },
      TEXT.check.courseKept(TEXT.check.convention3(kept)),
      " ",
      button("forget-course", TEXT.check.forgetCourse, () => {
        forget();
        again();
      }),
    );
  if (asked() || !settings || !["correct", "other_convention"].includes(verdict)) return null;
  const { reduction, convention, step } = settings;
  const found = { reduction, convention, step };
  const element = h(
    "p.aside.course",
    { "data-note": "course" },
    TEXT.check.courseAsked(TEXT.check.convention3(found)),
    " ",
    button("keep-course", TEXT.check.keepCourse, () => {
      remember(found);
      again();
    }),
    button("no-course", TEXT.check.noCourse, () => {
      remember(null);
      element.remove();
    }),
  );
  return element;
}

/** @param {string} action @param {string} text @param {() => void} onclick */
const button = (action, text, onclick) =>
  h("button.quiet", { "data-action": action, onclick }, text);
