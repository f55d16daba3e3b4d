/** The explorer in a class: a student's page, or the window that a lecturer shows. */
import { slot } from "../ui/dom.js";
import { leadTo } from "../ui/page.js";
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
  // What is on the page is what a new room shows at first.
  leadTo(slot("teach"), context.store.state, "teach");
  const shown = openKept().shown();
  return shown ? mountLecturer(context, shown) : null;
}
