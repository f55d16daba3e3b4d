/** Below a right answer: whether one's course writes it so. */

import { course, courseAsked, forgetCourse, keepCourse } from "../core/course.js";
import { TEXT } from "../text/en.js";
import { button, h } from "../ui/dom.js";

/**
 * The question below a right answer, once; later what is remembered, with a way to forget it.
 * @param {Check} result @param {() => void} again checks again with what was answered
 * @returns {HTMLElement | null}
 */
export function courseQuestion({ settings, verdict }, again) {
  const conventions = course();
  if (conventions)
    return h(
      "p.aside.course[data-note=course]",
      TEXT.check.courseKept(TEXT.check.convention3(conventions)),
      " ",
      button("forget-course.quiet", TEXT.check.forgetCourse, () => {
        forgetCourse();
        again();
      }),
    );
  if (courseAsked() || !settings || !["correct", "other_convention"].includes(verdict)) return null;
  const { reduction, convention, step } = settings;
  const kind = { reduction, convention, step };
  const element = h(
    "p.aside.course[data-note=course]",
    TEXT.check.courseAsked(TEXT.check.convention3(kind)),
    " ",
    button("keep-course.quiet", TEXT.check.keepCourse, () => {
      keepCourse(kind);
      again();
    }),
    button("no-course.quiet", TEXT.check.noCourse, () => {
      keepCourse(null);
      element.remove();
    }),
  );
  return element;
}
