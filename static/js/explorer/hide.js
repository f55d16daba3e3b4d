/**
 * What a link hides (`?hide=…`). The style sheet hide.css hides groups of controls, and their keys
 * are left out here. The numbers of a phase, and of all after it, are veiled.
 */

import { PHASES } from "../core/lines.js";
import { hideFrom } from "../core/veil.js";
import { TEXT } from "../text/en.js";

/** Groups that are a part of another one. @type {Record<string, string>} */
const WITHIN = { walk: "lines", pages: "head", examples: "head", share: "head" };

/** The names that the server has read from the link. */
export const hiddenNames = () => (document.body.dataset.hide ?? "").split(" ").filter(Boolean);

/** The commands whose group is not hidden. @param {Command[]} commands @param {string[]} hidden */
export const allowed = (commands, hidden) =>
  commands.filter(({ group }) => !group || !hidden.some((n) => n === group || n === WITHIN[group]));

/**
 * @param {Store} store
 * @param {{names: string[], unknown?: string, all: string}} link all: every name that there is
 */
export function mountHide(store, { names, unknown, all }) {
  if (unknown) store.set({ failure: { kind: "error", text: TEXT.ui.nothingToHide(unknown, all) } });
  const phase = PHASES.find((each) => names.includes(each));
  if (!phase) return;
  // before the lines are known, everything
  store.set({ veil: { from: "", bare: false } });
  store.on(["trace"], ({ trace, veil }) => {
    const from = trace && hideFrom(phase, trace.lines, "");
    if (from && veil?.from !== from) store.set({ veil: { from, bare: false } });
  });
}
