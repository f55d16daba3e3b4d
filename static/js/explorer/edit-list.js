/** The changes on the way, in the form: each can be gone to, and taken back. */

import { describeEdit, describeEdits } from "../core/edits.js";
import { TEXT } from "../text/en.js";
import { button, h, panel } from "../ui/dom.js";

/**
 * Beside the fields: later changes of what they set for the start.
 * @param {Recipe} recipe @param {RegExp} about
 */
export function editsHere({ edits = [] }, about) {
  const said = describeEdits(edits.filter(({ set }) => about.test(set)));
  const more = said.length > 2 ? TEXT.stage.andMore(said.length - 2) : "";
  const first = said.slice(0, 2).join("; ");
  return first ? h("p.later[data-readout=later]", first + more) : null;
}

/** At the top of the form, because the list is at its foot. @param {Recipe} recipe */
export function editCount({ edits = [] }) {
  if (!edits.length) return null;
  const show = () => {
    const list = panel("edits");
    list.scrollIntoView({ block: "nearest" });
    list.querySelector("button").focus({ preventScroll: true });
  };
  return button(
    "edits.edit-count",
    [TEXT.experiment.changesCount(edits.length), h("span[aria-hidden=true]", " ↓")],
    show,
  );
}

/**
 * @param {Recipe} recipe
 * @param {{go: (step: number) => void, takeBack: (k: number) => void}} actions
 */
export function editList({ edits = [] }, { go, takeBack }) {
  if (!edits.length) return null;
  return h(
    "fieldset.group.edits[data-panel=edits]",
    h("legend", TEXT.experiment.changesOnTheWay),
    h(
      "ol",
      edits.map((edit, k) =>
        h(
          "li",
          h(
            "button.link",
            { title: TEXT.experiment.goToStep, onclick: () => go(edit.step) },
            TEXT.experiment.step(edit.step),
          ),
          h("span", describeEdit(edit)),
          button("edit-remove.small.remove", "×", () => takeBack(k), {
            "aria-label": TEXT.experiment.takeBackEdit(edit.step, describeEdit(edit)),
            title: TEXT.experiment.takeBack,
          }),
        ),
      ),
    ),
  );
}
