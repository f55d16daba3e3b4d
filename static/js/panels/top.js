/**
 * The head of the page: link to this view, drawer, projector.
 */
import { panel, set, slot, write } from "../dom.js";

/** @param {import("../store.js").Store} store */
export function mountTop(store) {
  const share = document.querySelector('[data-action="share"]');
  share.addEventListener("click", async () => {
    // the address is written a moment after the view; give it that moment
    await new Promise((resolve) => setTimeout(resolve, 250));
    let done = true;
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      done = false; // no permission, or not a secure address: the address bar has the link
    }
    write(share, done ? "Link copied" : "Link is in the address bar");
    write(slot("announce"), share.textContent);
    setTimeout(() => write(share, "Share"), 2200);
  });

  const drawer = document.querySelector('[data-action="experiment"]');
  const form = panel("experiment");
  const toggleDrawer = (open = form.dataset.open !== "true") => {
    form.dataset.open = String(open);
    set(drawer, { "aria-expanded": String(open) });
  };
  drawer.addEventListener("click", () => toggleDrawer());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && form.dataset.open === "true") {
      event.stopPropagation();
      toggleDrawer(false);
      drawer.focus();
    }
  });
  panel("stage").addEventListener("pointerdown", () => toggleDrawer(false));

  const projector = () => (document.body.dataset.projector = String(store.state.projector));
  store.on(["projector"], projector);
  projector();
  return { toggleDrawer };
}
