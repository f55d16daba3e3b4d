/** Boxes over the page: a native dialog with a title, and where a smaller one stands. */

import { TEXT } from "../text/en.js";
import { h } from "./dom.js";

/**
 * A closed dialog, in the page.
 * @param {{name: string, title: string, id?: string}} what name: its class, and the start of the
 *   title's id
 * @param {...Node} content below the title @returns {HTMLDialogElement}
 */
export function titledDialog({ name, title, id }, ...content) {
  const titleId = `${name}-title`;
  const dialog = h(
    "dialog",
    { class: `help ${name}`, id, "aria-labelledby": titleId },
    h(
      "header",
      h("h2", { id: titleId }, title),
      h("button", { "aria-label": TEXT.ui.close, onclick: () => dialog.close() }, "×"),
    ),
    ...content,
  );
  document.body.append(dialog);
  return dialog;
}

const GAP = 8; // px

/**
 * Below what it belongs to, above it if there is no room; on a phone the style sheet places it.
 * @param {HTMLElement} box shown, fixed @param {Element} target
 */
export function placeAt(box, target) {
  const { left, top, bottom } = target.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = box;
  const x = Math.max(GAP, Math.min(left, innerWidth - offsetWidth - GAP));
  const below = bottom + GAP + offsetHeight <= innerHeight;
  const y = below ? bottom + GAP : Math.max(GAP, top - GAP - offsetHeight);
  box.style.setProperty("--left", `${x}px`);
  box.style.setProperty("--top", `${y}px`);
}
