/** The explorer in a class: a student's page, or the window that a lecturer shows. */
import { ROOT } from "../core/root.js";
import { toHash } from "../state/url.js";
import { set, slot } from "../ui/dom.js";
import { openKept } from "./kept.js";
import { mountLecturer } from "./lecturer.js";
import { mountStudent } from "./student.js";

/**
 * @param {ClassServices} context
 * @returns {ReturnType<typeof mountStudent> | ReturnType<typeof mountLecturer> | null} null outside
 *   of a class
 */
export function mountClass(context) {
  const { room } = document.body.dataset;
  if (room) return mountStudent(context, room);
  const { state } = context.store;
  const teach = slot("teach");
  // What is on the page is what a new room shows at first.
  const go = () =>
    state.experiment &&
    set(teach, { href: `${ROOT}teach#${toHash({ ...state, recipe: state.experiment.recipe })}` });
  for (const event of ["pointerdown", "focus"]) teach?.addEventListener(event, go);
  const shown = openKept().shown();
  return shown ? mountLecturer(context, shown) : null;
}
