/** The page that takes a room's code. */
import { ROOT } from "../core/root.js";
import { find } from "../ui/dom.js";
import { openPage } from "../ui/page.js";

openPage();
const form = find('[data-panel="join"]', HTMLFormElement);
const code = find('[data-field="code"]', HTMLInputElement);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = code.value.replace(/\s/g, "");
  if (typed) location.href = `${ROOT}join/${encodeURIComponent(typed)}`;
  else code.focus();
});
find('[data-action="join"]', HTMLButtonElement, form).disabled = false;
code.focus();
document.body.dataset.ready = "true";
