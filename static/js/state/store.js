/**
 * All state of the page, declared once in TABLE, changed through `set` alone.
 *
 * Fields with `url: true` are in the address, where `valid` says which values are accepted. The
 * others live as long as the page. This module knows neither the DOM nor the server.
 */

import { TABS } from "../core/dock-figures.js";
import { exists } from "../core/elements.js";
import { isObject } from "../core/leaves.js";
import { parseSlice } from "../core/slice.js";
import { isMap } from "../core/sweep.js";
import { USUAL_PACE } from "../core/walk.js";
import { weightNamed } from "../core/watched.js";

/**
 * @typedef {{kind: "lost" | "error" | "missing", text: string,
 *   action?: {text: string, run: () => void}}} Failure
 */
/**
 * @typedef {{text: string, was?: Formula, is?: Formula}} Remark about a change; was, is: a formula
 *   before and now
 */
/**
 * The state once the first step is there.
 * @typedef {{
 *   recipe: Recipe | null,
 *   step: number,
 *   line: string,
 *   sample: number | "batch",
 *   numbers: string,
 *   sampleBefore: number | "batch" | null,
 *   lastSample: number,
 *   selection: string | null,
 *   entry: number[] | null,
 *   convention: string,
 *   reduction: string | null,
 *   jacobians: boolean,
 *   fused: boolean,
 *   neurons: string,
 *   edges: string,
 *   axes: number[] | null,
 *   view: string,
 *   logCost: boolean,
 *   projector: boolean,
 *   watch: number | null,
 *   weight: string | null,
 *   tab: string,
 *   slice: string,
 *   map: Sweep | null,
 *   reference: Recipe | null,
 *   catalog: Catalog | null,
 *   experiment: Experiment,
 *   data: Data,
 *   frame: Frame,
 *   trace: Trace,
 *   compared: {experiment: Experiment, frame: Frame | null, history: RunHistory,
 *     requestedStep?: number} | null,
 *   history: RunHistory,
 *   playing: boolean,
 *   speed: number,
 *   walking: Pass | null,
 *   walkPace: number,
 *   arriving: string | null,
 *   pace: {stepsPerSecond: number, framesPerSecond: number} | null,
 *   dragging: boolean,
 *   busy: {reached: number, target: number} | null,
 *   pending: boolean,
 *   problems: Record<string, string>,
 *   inputErrors: Record<string, string>,
 *   failure: Failure | null,
 *   hover: string | null,
 *   hoverEntry: {variable: string, index: number[]} | null,
 *   path: {line: string, entry: number[], step: number, sample: number | "batch",
 *     sampleBefore: number | "batch" | null}[],
 *   source: {variable: string, index: number[]} | null,
 *   ownMarks: Check | null,
 *   remark: Remark | null,
 *   veil: Veil | null,
 *   first: boolean,
 *   theme: string}} State
 */

/** @template T @typedef {{[K in keyof T]: T[K] | null}} Nullable */
/**
 * The state of the page. What the server answers of a step comes together, and is null before.
 * @typedef {"experiment" | "data" | "frame" | "trace" | "history"} Answers
 * @typedef {State | (Omit<State, Answers> & Record<Answers, null>)} Page
 * @typedef {Page & {recipe: Recipe, catalog: Catalog}} Filled what the form is of
 */

/** @typedef {{initial: unknown, url?: boolean, valid?: Valid}} Field */

/** @typedef {(value: any) => boolean} Valid any: an address can say anything */

/** @type {Valid} */
const isText = (value) => typeof value === "string";
/** @type {Valid} */
const isBoolean = (value) => typeof value === "boolean";
/** @type {Valid} */
const isIndex = (value) => Number.isInteger(value) && value >= 0;
/** @type {(...values: string[]) => Valid} */
const oneOf =
  (...values) =>
  (value) =>
    values.includes(value);
/** The network is unknown when an address is read: only the form of an element is checked. */
const ANY_NETWORK = Array(1000).fill(1e6);

/** @type {Record<string, Field>} */
export const TABLE = {
  // View: in the address. The comment above a field explains it.
  // experiment as the form has it
  recipe: { initial: null, url: true, valid: (v) => isObject(v) || Array.isArray(v) },
  step: { initial: 0, url: true, valid: isIndex },
  line: { initial: "z1", url: true, valid: isText },
  // position in the training part, or "batch"
  sample: { initial: 0, url: true, valid: (v) => v === "batch" || isIndex(v) },
  // whose numbers the lines of an update show, see samples.js
  numbers: { initial: "batch", url: true, valid: oneOf("batch", "sample") },
  // what the lines before the update show again, if that is not `sample`
  sampleBefore: { initial: null, url: true, valid: (v) => v === "batch" || isIndex(v) },
  // element of the picture, see elements.js
  selection: { initial: null, url: true, valid: (v) => isText(v) && exists(v, ANY_NETWORK) },
  // index of the chosen entry of the current line
  entry: {
    initial: null,
    url: true,
    valid: (v) => Array.isArray(v) && v.length <= 3 && v.every(isIndex),
  },
  convention: { initial: "column", url: true, valid: oneOf("column", "row", "lecture") },
  // cost scaling of the shown working; null: the experiment's own
  reduction: { initial: null, url: true, valid: (v) => isText(v) && /^\w{1,40}$/.test(v) },
  jacobians: { initial: false, url: true, valid: isBoolean },
  // output activation and cost as one line
  fused: { initial: true, url: true, valid: isBoolean },
  // quantity shown by neurons; "line" follows the ribbon
  neurons: { initial: "line", url: true, valid: oneOf("line", "a", "z", "dC_da", "dC_dz") },
  edges: { initial: "line", url: true, valid: oneOf("line", "W", "dC_dW") },
  // the two features that the data figure shows
  axes: {
    initial: null,
    url: true,
    valid: (v) => Array.isArray(v) && v.length === 2 && v.every(isIndex) && v[0] !== v[1],
  },
  // data figure: "auto", "plane" or "image"
  view: { initial: "auto", url: true, valid: oneOf("auto", "plane", "image") },
  logCost: { initial: false, url: true, valid: isBoolean },
  projector: { initial: false, url: true, valid: isBoolean },
  // the picture of Watch, from 1; the weight that it is about, such as "W1[0,2]"
  watch: { initial: null, url: true, valid: (v) => isIndex(v) && v > 0 },
  weight: { initial: null, url: true, valid: (v) => isText(v) && weightNamed(v) !== null },
  // which figure is shown, see dock-figures.js
  tab: { initial: "network", url: true, valid: oneOf(...TABS) },
  // which cut through the cost, see slice.js
  slice: { initial: "gradient", url: true, valid: (v) => parseSlice(v) !== null },
  // the sweep of the map, see sweep.js; the recipe in it is that of all cells
  map: { initial: null, url: true, valid: isMap },
  // recipe of the run to compare with
  reference: { initial: null, url: true, valid: isObject },

  // what the server answered
  catalog: { initial: null },
  experiment: { initial: null }, // {id, recipe, parameters, steps_per_epoch, warnings}
  data: { initial: null },
  frame: { initial: null },
  trace: { initial: null },
  compared: { initial: null }, // {experiment, frame, history, requestedStep} of the reference
  history: { initial: null }, // history.js, everything known of the run so far

  // what is going on
  playing: { initial: false },
  speed: { initial: 3 },
  walking: { initial: null }, // the pass that is walked line by line, see walker.js
  walkPace: { initial: USUAL_PACE }, // index of PACES
  arriving: { initial: null }, // the walked line while what it reads is on its way
  lastSample: { initial: 0 }, // to which a press leads back from the batch
  pace: { initial: null }, // {stepsPerSecond, framesPerSecond} while playing
  dragging: { initial: false }, // a number is being dragged
  busy: { initial: null }, // {reached, target} while a far step is computed
  pending: { initial: false }, // a changed experiment is on its way
  problems: { initial: {} }, // field path -> message, from the server
  inputErrors: { initial: {} }, // field path -> message, of what was typed and never sent
  failure: { initial: null }, // {kind: "lost" | "error" | "missing", text, action?: {text, run}}
  hover: { initial: null }, // element of the picture that is pointed at
  hoverEntry: { initial: null }, // {variable, index} pointed at in a matrix
  path: { initial: [] }, // places followed back so far, the shown line not included
  source: { initial: null }, // {variable, index} of the given that a path has ended at
  ownMarks: { initial: null }, // the checker's answer to one's own numbers of this working
  remark: { initial: null }, // what the last switch of notation changed
  veil: { initial: null }, // what a lesson asks and has not shown yet, see veil.js
  first: { initial: false }, // the first visit, see first-visit.js
  theme: { initial: "auto" },
};

/** @param {Page} state @returns {state is Filled} */
export const isFilled = (state) => state.recipe !== null && state.catalog !== null;

/**
 * @param {Record<string, Field>} [table]
 */
export function createStore(table = TABLE) {
  const values = /** @type {Page} */ (
    Object.fromEntries(Object.entries(table).map(([name, field]) => [name, field.initial]))
  );
  /** @type {Set<string>} the fields that are read, see `reading` */
  let reads = new Set();
  const state = new Proxy(values, {
    get(_, name) {
      reads.add(/** @type {string} */ (name));
      return Reflect.get(values, name);
    },
    set: () => false,
  });
  /** @type {{names: Set<string>, run: (state: Page, changed: Set<string>) => void}[]} */
  const listeners = [];
  /** @type {Set<string>} */
  let changed = new Set();
  let telling = false;

  return {
    /** The state; to be read, never written. */
    get state() {
      return state;
    },
    /**
     * Change fields and call the listeners of those whose value is another one. A `set` inside of a
     * listener calls the listeners in a next round, so that each sees a whole state.
     * @param {Partial<Nullable<State>>} patch
     */
    set(patch) {
      for (const [name, value] of Object.entries(patch)) {
        if (!(name in table)) throw new Error(`no such state: ${name}`);
        if (Object.is(values[/** @type {keyof State} */ (name)], value)) continue;
        Object.assign(values, { [name]: value });
        changed.add(name);
      }
      if (telling) return;
      telling = true;
      try {
        while (changed.size) {
          const now = changed;
          changed = new Set();
          for (const { names, run } of listeners) {
            for (const name of now) {
              if (names.has(name)) {
                run(state, now);
                break;
              }
            }
          }
        }
      } finally {
        telling = false;
      }
    },
    /** Run, and return the names of the fields that it reads. @param {() => void} run */
    reading(run) {
      const before = reads;
      const own = new Set();
      reads = own;
      try {
        run();
      } finally {
        reads = before;
      }
      return own;
    },
    /**
     * @param {string[]} names fields to listen to
     * @param {(state: Page, changed: Set<string>) => void} run
     */
    on(names, run) {
      for (const name of names) if (!(name in table)) throw new Error(`no such state: ${name}`);
      listeners.push({ names: new Set(names), run });
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
