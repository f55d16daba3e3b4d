/** The bar of a lecturer's explorer: its buttons, and read-outs that `lecturer.js` writes. */

import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { button, choice, h } from "../ui/dom.js";
import { menu } from "../ui/fields.js";

/**
 * @param {string} code of the room
 * @param {{follow: (how: string) => void, hideHere: () => void, chooseHidden: (group: string) =>
 *   void, setState: (to: "open" | "closed" | "revealed") => void, ask: () => void, leave: () =>
 *   void}} actions
 */
export function createLecturerBar(code, actions) {
  const here = h("span[data-readout=here]");
  const showing = choice(
    TEXT.lecturer.whatFollows,
    [
      { value: "prepare", text: TEXT.lecturer.prepare, title: TEXT.lecturer.unshown },
      { value: "show", text: TEXT.lecturer.show, title: TEXT.lecturer.shown },
      { value: "hold", text: TEXT.lecturer.hold, title: TEXT.lecturer.holdTitle },
    ],
    actions.follow,
    { "data-control": "showing" },
  );
  const hideHere = button("hide-from-line", TEXT.lecturer.hideHere, actions.hideHere, {
    title: TEXT.lecturer.hideHereTitle,
  });
  const hide = menu(Object.entries(TEXT.lecturer.groups), actions.chooseHidden, {
    "data-control": "hide",
  });
  const question = h("span.bar-question[data-readout=answered]");
  /** @param {string} action @param {string} text @param {"open" | "closed" | "revealed"} to */
  const stateButton = (action, text, to) =>
    h("button", { "data-action": action, onclick: () => actions.setState(to) }, text);
  const close = stateButton("close-answers", TEXT.lecturer.close, "closed");
  const reveal = stateButton("reveal", TEXT.lecturer.reveal, "revealed");
  const ask = button("ask.primary", TEXT.lecturer.ask, actions.ask);
  const bar = h(
    "div.bar-row.side-by-side.wraps",
    h("strong.bar-code[data-readout=code]", code),
    here,
    showing.element,
    hideHere,
    h("label.bar-hide.soft", TEXT.lecturer.hide, " ", hide),
    h("span.bar-space"),
    question,
    close,
    reveal,
    ask,
    h("a.bar-link[target=backprop-teach]", { href: `${ROOT}teach/${code}` }, TEXT.lecturer.view),
    button("leave-class.quiet", "×", actions.leave, {
      "aria-label": TEXT.lecturer.leave,
      title: TEXT.lecturer.leave,
    }),
  );

  return { bar, here, showing, hideHere, hide, question, close, reveal };
}
