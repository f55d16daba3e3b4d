/** The page of a program in a student's page, in the place of the explorer. */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { find, h } from "../ui/dom.js";
import { common } from "./scenes.js";

export function createProgramFrame() {
  const frame = h("iframe.class-program", { title: TEXT.student.program });
  let path = "";
  return {
    /** @param {RoomScene | null} scene null, or without a program: the explorer is shown */
    show(scene) {
      const { program = "", view = "" } = scene ?? {};
      document.body.dataset.program = String(Boolean(program));
      if (!program) return frame.remove();
      if (!frame.isConnected) path = "";
      const address = `${ROOT}${program}?embed=1#${common(view)}`;
      // of the same page the line alone changes
      if (path === program) frame.contentWindow?.location.replace(address);
      else frame.src = address;
      path = program;
      if (!frame.isConnected) find(".desk", HTMLElement).append(frame);
    },
  };
}
