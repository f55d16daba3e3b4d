/**
 * What Swagger UI leaves out for those who do not see or point: names of its fields, order of its
 * headings, keys for what scrolls. It draws anew whenever something is opened, so this follows.
 */
import { TEXT } from "../text/en.js";

/** @param {Element} element @param {string} text */
const name = (element, text) =>
  element.getAttribute("aria-label") !== text && element.setAttribute("aria-label", text);

/** @type {[string, (element: Element) => void][]} */
const REPAIRS = [
  [".opblock-tag", (heading) => heading.setAttribute("aria-level", "2")],
  [".models h4", (heading) => heading.setAttribute("aria-level", "2")],
  [".opblock-body h4, .opblock-body h5", (heading) => heading.setAttribute("aria-level", "3")],
  // a link inside of a button: the button does the same
  [".opblock-summary-control a[href]", (link) => link.removeAttribute("href")],
  [".copy-to-clipboard button", (button) => name(button, TEXT.ui.copy)],
  ["textarea.body-param__text", (field) => name(field, TEXT.ui.requestBody)],
  [".examples-select-element", (select) => name(select, TEXT.ui.example)],
  [
    ".parameters-col_description select, .parameters-col_description input",
    (field) => name(field, field.closest("tr")?.dataset.paramName ?? TEXT.ui.value),
  ],
  [
    ".content-type, .response-controls select, .content-type-wrapper select",
    (select) => name(select, TEXT.ui.mediaType),
  ],
  [
    ".responses-table[role=region]",
    (table) => name(table, TEXT.ui.responses(table.id.replace(/_/g, " "))),
  ],
  [
    "pre.microlight, .highlight-code pre, .body-param__example",
    (code) =>
      code instanceof HTMLElement && code.tabIndex < 0 && code.setAttribute("tabindex", "0"),
  ],
];

export function repair(/** @type {Element} */ place) {
  const run = () => {
    for (const [selector, mend] of REPAIRS)
      for (const element of place.querySelectorAll(selector)) mend(element);
  };
  new MutationObserver(run).observe(place, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["href", "id"],
  });
  run();
}
