/** The page that takes a room's code. */
import { ROOT } from "../core/root.js";
import { createStore } from "../state/store.js";
import { slot, write } from "../ui/dom.js";
import { onUncaught } from "../ui/notice.js";
import { mountTheme } from "../ui/theme.js";

mountTheme(createStore({ theme: { initial: "auto" } }));
onUncaught((text) => write(slot("code-said"), text));
const form = /** @type {HTMLFormElement} */ (document.querySelector('[data-panel="join"]'));
const code = /** @type {HTMLInputElement} */ (document.querySelector('[data-field="code"]'));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = code.value.replace(/\s/g, "");
  if (typed) location.href = `${ROOT}join/${encodeURIComponent(typed)}`;
  else code.focus();
});
/** @type {HTMLButtonElement} */ (form.querySelector('[data-action="join"]')).disabled = false;
code.focus();
document.body.dataset.ready = "true";
