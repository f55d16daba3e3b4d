/**
 * The address follows the view, and the view the address: a link, the back button, and an edited address all work.
 */
import { exists } from "./elements.js";
import { TABLE } from "./store.js";
import { fromHash, toHash } from "./url.js";

const QUIET = 200; // ms; browsers refuse too many changes of the address

/**
 * @param {import("./store.js").Store} store
 * @param {{open: (recipe: any, step: number) => Promise<void>, go: (step: number) => Promise<void>}} actions
 */
export function mountAddress(store, { open, go }) {
  const { state } = store;
  const names = Object.keys(TABLE).filter((name) => TABLE[name].url);
  let timer = 0;
  let written = "";
  let lastId = null;

  function follow() {
    clearTimeout(timer);
    if (state.playing || !state.experiment) return;
    timer = setTimeout(() => {
      const hash = toHash(state);
      if (hash === written) return;
      // another experiment is a new page in the browser's history, another step of it is not
      const fresh = lastId !== null && lastId !== state.experiment.id;
      history[fresh ? "pushState" : "replaceState"](null, "", `#${hash}`);
      lastId = state.experiment.id;
      written = hash;
    }, QUIET);
  }

  function read() {
    const wanted = clean(fromHash(location.hash));
    const initial = Object.fromEntries(names.map((name) => [name, TABLE[name].initial]));
    store.set({ ...initial, recipe: state.recipe, ...wanted });
    written = location.hash.slice(1);
    return wanted;
  }

  store.on([...names, "playing", "experiment"], follow);
  addEventListener("popstate", async () => {
    if (location.hash.slice(1) === written) return;
    const before = JSON.stringify(state.recipe);
    const wanted = read();
    if (wanted.recipe && JSON.stringify(wanted.recipe) !== before) {
      lastId = null; // going back is not a new page
      await open(wanted.recipe, wanted.step ?? 0);
    } else await go(wanted.step ?? 0);
  });
  return { read };
}

/** Keep of a hand-written address what has the right form. @param {Record<string, any>} wanted */
export function clean(wanted) {
  const whole = (value) => Number.isInteger(value) && value >= 0;
  const tests = {
    step: whole,
    line: (v) => typeof v === "string",
    sample: (v) => v === "batch" || whole(v),
    selection: (v) => typeof v === "string" && exists(v, Array(1000).fill(1e6)),
    entry: (v) => Array.isArray(v) && v.length <= 3 && v.every(whole),
    convention: (v) => ["column", "row", "lecture"].includes(v),
    neurons: (v) => ["line", "a", "z", "dC_da", "dC_dz"].includes(v),
    edges: (v) => ["line", "W", "dC_dW"].includes(v),
    axes: (v) => Array.isArray(v) && v.length === 2 && v.every(whole) && v[0] !== v[1],
    view: (v) => ["auto", "plane", "image"].includes(v),
    logCost: (v) => typeof v === "boolean",
    projector: (v) => typeof v === "boolean",
    recipe: (v) => v && typeof v === "object",
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => tests[name]?.(value)));
}
