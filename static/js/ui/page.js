/** What pages have in common. */
import { ROOT } from "../core/root.js";
import { createStore, TABLE } from "../state/store.js";
import { hashOf } from "../state/url.js";
import { set } from "./dom.js";
import { mountNotice } from "./notice.js";
import { mountTheme } from "./theme.js";

/** A page beside the explorer: its theme, and a notice of what went wrong. */
export function openPage() {
  const { theme, failure, catalog } = TABLE;
  const store = createStore({ theme, failure, catalog });
  mountTheme(store);
  mountNotice(store);
  return store;
}

/**
 * A link leads to what is on the page when it is followed.
 * @param {HTMLAnchorElement | null} link @param {Page} state @param {string} [path]
 */
export function leadTo(link, state, path = "") {
  if (!link) return;
  const lead = () => state.experiment && set(link, { href: `${ROOT}${path}#${hashOf(state)}` });
  for (const event of ["pointerdown", "focus"]) link.addEventListener(event, lead);
}
