/**
 * The groups of the form: each a sentence that says what is set, and opens on demand. One is open
 * at a time; beside the form it lies over the figure, so that opening it moves nothing.
 */

import { sentences } from "../core/sentences.js";
import { h, windowIs, write } from "../ui/dom.js";

/** @typedef {import("../core/sentences.js").Group} Group */

const beside = windowIs("wide");

/** @param {HTMLElement} root of the form */
export function createSettings(root) {
  /** @type {Group | null} */
  let opened = null;
  /** @type {Partial<Record<Group, HTMLElement>>} */
  let said = {};

  /** @param {boolean} focus put the focus on what opens the group again */
  function close(focus) {
    const open = root.querySelector("details.group[open]");
    if (!open) return;
    open.removeAttribute("open");
    if (focus) open.querySelector("summary")?.focus();
  }
  const overFigure = () => beside.matches && !document.body.classList.contains("lesson-page");

  document.addEventListener("pointerdown", ({ target }) => {
    const inside = target instanceof Element && target.closest(".experiment, dialog, [popover]");
    // what cannot be stays in sight
    const problem = root.querySelector("details.group[open] .problem:not([hidden])");
    if (opened && !inside && !problem && overFigure()) close(false);
  });
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !opened || !overFigure()) return;
    event.stopPropagation();
    close(true);
  });

  /** @param {Group} name @param {string} title @param {Child[]} children */
  function group(name, title, ...children) {
    const sentence = h("span.group-said.soft.fine.unbroken");
    said[name] = sentence;
    return h(
      "details.group[name=settings]",
      {
        "data-group": name,
        open: opened === name,
        ontoggle: (/** @type {Event} */ { target }) => {
          const details = /** @type {HTMLDetailsElement} */ (target);
          if (details.open) opened = name;
          else if (opened === name && details.isConnected) opened = null;
        },
      },
      h("summary", h("strong", title), sentence),
      h("div.group-body[role=group]", { "aria-label": title }, children),
    );
  }

  return {
    /** The form is built again. @returns {typeof group} */
    begin() {
      said = {};
      // A group may be open whose toggle event has not come yet.
      const open = root.querySelector("details.group[open]");
      opened = /** @type {Group | undefined} */ (open?.getAttribute("data-group")) ?? null;
      return group;
    },
    draw(/** @type {Filled} */ { recipe, catalog, data }) {
      for (const [name, text] of Object.entries(sentences(recipe, catalog, data))) {
        const place = said[/** @type {Group} */ (name)];
        if (place) write(place, text);
      }
    },
  };
}
