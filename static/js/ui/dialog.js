/** A native dialog with a title and a button that closes it. */

import { TEXT } from "../text/en.js";
import { h } from "./dom.js";

/**
 * A closed dialog, in the page.
 * @param {{name: string, title: string, id?: string}} what name: its class, and the start of the
 *   title's id
 * @param {...Node} content below the title
 * @returns {HTMLDialogElement}
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
