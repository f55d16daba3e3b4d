/**
 * The address follows the view, and the view the address: a link, the back button, and an edited
 * address all work.
 */

import { ROOT } from "../core/root.js";
import { IN_ADDRESS, TABLE } from "../state/store.js";
import { clean, fromHash, hashOf, toHash } from "../state/url.js";
import { set, slot } from "../ui/dom.js";

const INTERVAL = 160; // ms between two changes of the address; browsers refuse too many

/**
 * @param {Store} store
 * @param {{open: (recipe: RecipePart, step: number) => Promise<boolean>, go: (step: number) =>
 *   Promise<boolean>, next: () => {recipe: RecipePart, step: number} | null}} actions next: what
 *   the page will show
 */
export function mountAddress(store, { open, go, next }) {
  const { state } = store;
  let timer = 0;
  let last = -INTERVAL;
  let written = "";
  let due = ""; // the last view of the experiment in the address, while it is not written yet
  /** @type {string | null} */
  let lastId = null;
  let reading = false;
  let arrivedAt = NaN; // the last requested step: another one may be on its way

  function follow() {
    clearTimeout(timer);
    if (reading || state.playing || state.pending || !state.experiment) return;
    const wait = last + INTERVAL - performance.now();
    if (wait <= 0) return writeDown();
    timer = setTimeout(writeDown, wait);
    if (state.experiment.id === lastId) due = shown();
  }

  /** The view of the address. A first visit has none: opened again, it is one again. */
  const shown = () => (state.first && state.watch === null ? "" : hashOf(state));

  function writeDown() {
    if (!state.experiment) return;
    const hash = shown();
    if (hash === written) return;
    // another experiment is a new page in the browser's history, another step of it is not
    const fresh = lastId !== null && lastId !== state.experiment.id;
    // the way back leads to what was shown last
    if (fresh && due && due !== written) history.replaceState(null, "", `#${due}`);
    history[fresh ? "pushState" : "replaceState"](null, "", hash ? `#${hash}` : "./");
    due = "";
    lastId = state.experiment.id;
    // this experiment, step and sample are what is given there
    set(slot("check"), { href: `${ROOT}check#${hash}` });
    written = hash;
    last = performance.now();
  }

  /**
   * The view of the address is taken at once, but for recipe and step, which come with what they
   * show. The recipe may be a part of one, which the server completes.
   * @returns {LinkedView}
   */
  function read() {
    const { recipe = {}, ...view } = clean(fromHash(location.hash));
    const initial = Object.fromEntries(IN_ADDRESS.map((name) => [name, TABLE[name].initial]));
    const { step, ...shown } = { ...initial, ...view };
    written = location.hash.slice(1);
    due = "";
    reading = true; // the experiment of this view is not there yet: together they are no address
    store.set({ ...shown, recipe: state.recipe, ...(state.frame ? {} : { step }) });
    reading = false;
    return { recipe, step };
  }

  store.on([...IN_ADDRESS, "first", "playing", "pending", "experiment"], follow);
  async function arrive() {
    if (location.hash.slice(1) === written) return;
    const { recipe, step } = read();
    const there = step === state.frame?.step && step === arrivedAt;
    arrivedAt = step;
    if (JSON.stringify(recipe) === JSON.stringify(state.recipe)) return there || go(step);
    lastId = null; // going back is not a new page
    await open(recipe, step);
  }
  addEventListener("popstate", arrive);
  return {
    read,
    /** Show a view as if it had been typed. @param {string} view without the "#" */
    show(view) {
      history.replaceState(null, "", `#${view}`);
      return arrive();
    },
    /** The link to the view, of an experiment that is on its way, or still being typed, too. */
    link() {
      const wanted = next();
      if (wanted) return new URL(`#${toHash({ ...state, ...wanted })}`, location.href).href;
      if (state.experiment && !state.pending) writeDown();
      return location.href;
    },
  };
}
