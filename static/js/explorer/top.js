/** The head of the page: drawer, projector. */
import { panel, set } from "../ui/dom.js";

export function mountTop(/** @type {Store} */ store) {
  const drawer = /** @type {HTMLElement} */ (document.querySelector('[data-action="experiment"]'));
  const form = panel("experiment");
  const isOpen = () => form.dataset.open === "true";
  const showDrawer = (/** @type {boolean} */ open) => {
    form.dataset.open = String(open);
    set(drawer, { "aria-expanded": String(open) });
  };
  form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && isOpen()) {
      event.stopPropagation();
      showDrawer(false);
      drawer.focus();
    }
  });
  panel("stage").addEventListener("pointerdown", () => showDrawer(false));

  const leave = /** @type {HTMLButtonElement} */ (
    document.querySelector('[data-action="leave-projector"]')
  );
  leave.addEventListener("click", () => store.set({ projector: false }));
  const projector = () => {
    document.body.dataset.projector = String(store.state.projector);
    leave.hidden = !store.state.projector;
  };
  store.on(["projector"], projector);
  projector();
  return { toggleDrawer: () => showDrawer(!isOpen()) };
}
