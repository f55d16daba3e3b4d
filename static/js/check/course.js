/** The convention of one's course: asked once, and kept in this browser. */

import { keep, kept, keptJson } from "../core/storage.js";
import { TEXT } from "../text/en.js";
import { button, h } from "../ui/dom.js";

/** @typedef {{reduction: string, convention: string, step: "subtract" | "add"}} Course */

const KEY = "backprop-explorer.course";
const NONE = "none"; // asked, and not to be asked again

/** @returns {Course | null} */
export const course = () => {
  const found = keptJson(KEY);
  return typeof found?.reduction === "string" ? found : null;
};

/** Ask again with the next answer. */
export const forget = () => keep(KEY, null);

/**
 * The question below a right answer, once; later what is remembered, with a way to forget it.
 * @param {Check} result @param {() => void} again checks again with what was answered
 * @returns {HTMLElement | null}
 */
export function courseQuestion({ settings, verdict }, again) {
  const own = course();
  if (own)
    return h(
      "p.aside.course",
      { "data-note": "course" },
      TEXT.check.courseKept(TEXT.check.convention3(own)),
      " ",
      button("forget-course.quiet", TEXT.check.forgetCourse, () => {
        forget();
        again();
      }),
    );
  if (kept(KEY) !== null || !settings || !["correct", "other_convention"].includes(verdict))
    return null;
  const { reduction, convention, step } = settings;
  const found = { reduction, convention, step };
  const element = h(
    "p.aside.course",
    { "data-note": "course" },
    TEXT.check.courseAsked(TEXT.check.convention3(found)),
    " ",
    button("keep-course.quiet", TEXT.check.keepCourse, () => {
      keep(KEY, JSON.stringify(found));
      again();
    }),
    button("no-course.quiet", TEXT.check.noCourse, () => {
      keep(KEY, JSON.stringify(NONE));
      element.remove();
    }),
  );
  return element;
}
