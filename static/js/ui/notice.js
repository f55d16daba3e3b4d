/** A lost server and other failures, said once, at the top, without hiding the page. */
import { TEXT } from "../text/en.js";
import { button, h, slot } from "./dom.js";

export function mountNotice(/** @type {Store} */ store) {
  const root = slot("notice");
  // Errors that no code caught: the page may be wrong from then on, and says so.
  const uncaught = (/** @type {unknown} */ error) => {
    if (error instanceof Error)
      // else a notice of the browser, such as of a resize loop
      store.set({ failure: { kind: "error", text: TEXT.ui.uncaught(error.message) } });
  };
  addEventListener("error", ({ error }) => uncaught(error));
  addEventListener("unhandledrejection", ({ reason }) => uncaught(reason));
  store.on(["failure"], ({ failure }) => {
    root.hidden = !failure;
    if (!failure) return root.replaceChildren();
    root.dataset.kind = failure.kind;
    root.replaceChildren(
      h("p", failure.text),
      failure.kind === "lost"
        ? h("span.spinner[aria-hidden=true]")
        : h("button", { onclick: () => store.set({ failure: null }) }, TEXT.ui.close),
    );
    const { action } = failure;
    if (action) root.lastChild.before(button("failure", action.text, action.run));
  });
}
