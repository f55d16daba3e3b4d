/**
 * A lost server and other failures, said once, at the top, without hiding the page.
 */
import { h, slot } from "./dom.js";

/** @param {import("../state/store.js").Store} store */
export function mountNotice(store) {
  const root = slot("notice");
  store.on(["failure"], ({ failure }) => {
    root.hidden = !failure;
    if (!failure) return root.replaceChildren();
    root.dataset.kind = failure.kind;
    root.replaceChildren(
      h("p", {}, failure.text),
      failure.kind === "lost"
        ? h("span", { class: "spinner", "aria-hidden": "true" })
        : h("button", { type: "button", onclick: () => store.set({ failure: null }) }, "Close"),
    );
    const { action } = failure;
    if (action)
      root.lastChild.before(
        h("button", { type: "button", "data-action": "failure", onclick: action.run }, action.text),
      );
  });
}
