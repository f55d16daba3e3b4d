/**
 * The head of the page: drawer, projector.
 */
import { panel, set } from "../ui/dom.js";

/** @param {import("../state/store.js").Store} store */
export function mountTop(store) {
  const drawer = document.querySelector('[data-action="experiment"]');
  const form = panel("experiment");
  const toggleDrawer = (open = form.dataset.open !== "true") => {
    form.dataset.open = String(open);
    set(drawer, { "aria-expanded": String(open) });
  };
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
