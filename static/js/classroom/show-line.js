/** A program's page in a lecture: the line that it shows goes to the class. */
import { TEXT } from "../text/en.js";
import { button, slot, write } from "../ui/dom.js";
import { openKept } from "./kept.js";
import { createRoom, unlessRefused } from "./room.js";
import { common } from "./scenes.js";

/**
 * @param {{api: Api, store: Store}} services @param {string} program path of the page
 * @param {() => string} view the part of the address after #
 * @returns {Command[]} none outside of a class
 */
export function mountShowLine({ api, store }, program, view) {
  const kept = openKept();
  const code = kept.shown();
  if (!code) return [];
  const room = createRoom(api, code, { key: kept.of(code).key });
  const show = () =>
    unlessRefused(store, async () => {
      const { hold } = await room.state();
      await room.show({ program, view: common(view()) }, hold);
      write(slot("announce"), TEXT.lecturer.lineShown(code));
      write(shown, TEXT.lecturer.lineShown(code));
      setTimeout(() => write(shown, TEXT.lecturer.showLine), 2000);
    });
  const shown = button("show-line.tool", TEXT.lecturer.showLine, show);
  slot("share").before(shown);
  return [{ text: TEXT.lecturer.showLine, keys: { c: show } }];
}
