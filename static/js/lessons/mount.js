/** The explorer on a lesson's page. Its scripts are loaded there alone. */
import { TEXT } from "../text/en.js";

/**
 * @param {Parameters<typeof import("./guide.js").createGuide>[0]} services
 * @returns {{read: () => Promise<LinkedView>, commands: Command[]} | null} null on other pages
 */
export function mountLesson(services) {
  if (!document.body.dataset.lesson) return null;
  const guide = import("./guide.js").then(({ createGuide }) => createGuide(services));
  const turn = (/** @type {number} */ by) => async () => (await guide).turnBy(by);
  return {
    read: async () => (await guide).read(),
    commands: [{ text: TEXT.lesson.cardKeys, keys: { k: turn(-1), l: turn(1) } }],
  };
}
