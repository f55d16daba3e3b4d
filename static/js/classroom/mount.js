/**
 * The explorer in a class: a student's page, or the window that a lecturer shows. Its scripts are
 * loaded in a class alone.
 */
import { TEXT } from "../text/en.js";
import { slot } from "../ui/dom.js";
import { leadTo } from "../ui/page.js";
import { openKept } from "./kept.js";

/**
 * @param {ClassServices} context
 * @returns {{read: () => Promise<LinkedView>, begun: () => Promise<void>, commands: Command[]} |
 *   null} null outside of a class
 */
export function mountClass(context) {
  const { room } = document.body.dataset;
  if (room) {
    const student = import("./student.js").then(({ mountStudent }) => mountStudent(context, room));
    return {
      read: async () => (await student).read(),
      begun: async () => (await student).begun(),
      commands: [],
    };
  }
  // What is on the page is what a new room shows at first.
  leadTo(slot("teach"), context.store.state, "teach");
  const shown = openKept().shown();
  if (!shown) return null;
  const lecturer = import("./lecturer.js").then((module) => module.mountLecturer(context, shown));
  const ask = async () => (await lecturer).ask();
  const hide = async () => (await lecturer).hideHere();
  return {
    read: async () => (await lecturer).read(),
    begun: async () => (await lecturer).begun(),
    commands: [
      { text: TEXT.lecturer.askAboutLine, keys: { a: ask } },
      { text: TEXT.lecturer.hideFromLine, keys: { x: hide } },
    ],
  };
}
