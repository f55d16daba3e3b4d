/** The bar of a lecturer's explorer: its buttons, and read-outs that `lecturer.js` writes. */

import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { button, h } from "../ui/dom.js";
import { menu } from "../ui/fields.js";

/**
 * @param {string} code of the room
 * @param {{toggleShowing: () => void, hold: () => void, chooseHidden: (group: string) => void,
 *   setState: (to: "open" | "closed" | "revealed") => void, ask: () => void, leave: () => void}}
 *   actions
 */
export function createLecturerBar(code, actions) {
  const here = h("span", { "data-readout": "here" });
  const toggle = button("showing", TEXT.lecturer.show, actions.toggleShowing, {
    "aria-pressed": "true",
  });
  const hold = button("hold", TEXT.lecturer.hold, actions.hold, {
    "aria-pressed": "false",
    title: TEXT.lecturer.holdTitle,
  });
  const hide = menu(Object.entries(TEXT.lecturer.groups), actions.chooseHidden, {
    "data-control": "hide",
  });
  const question = h("span.bar-question", { "data-readout": "answered" });
  /** @param {string} action @param {string} text @param {"open" | "closed" | "revealed"} to */
  const stateButton = (action, text, to) =>
    h("button", { "data-action": action, onclick: () => actions.setState(to) }, text);
  const close = stateButton("close-answers", TEXT.lecturer.close, "closed");
  const reveal = stateButton("reveal", TEXT.lecturer.reveal, "revealed");
  const ask = button("ask.primary", TEXT.lecturer.ask, actions.ask);
  const bar = h(
    "div.bar-row",
    h("strong.bar-code", { "data-readout": "code" }, code),
    here,
    h("span.choice", toggle, hold),
    h("label.bar-hide.soft", TEXT.lecturer.hide, " ", hide),
    h("span.bar-space"),
    question,
    close,
    reveal,
    ask,
    h("a.bar-link", { href: `${ROOT}teach/${code}`, target: "backprop-teach" }, TEXT.lecturer.view),
    button("leave-class.quiet", "×", actions.leave, {
      "aria-label": TEXT.lecturer.leave,
      title: TEXT.lecturer.leave,
    }),
  );

  return { bar, here, toggle, hold, hide, question, close, reveal };
}
