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

/** @typedef {(value: any) => boolean} Valid any: an address can say anything */
/** @typedef {{initial: unknown, valid?: Valid}} Field valid: of a field of the address */

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

/**
 * A field, its first value, and which values of an address are accepted.
 * @template T @param {T} initial @param {Valid} [valid] without it, no address has the field
 */
const field = (initial, valid) => ({ initial, valid });

const FIELDS = {
  // View: in the address. The comment above a field explains it.
  // experiment as the form has it
  recipe: field(/** @type {Recipe | null} */ (null), (v) => isObject(v) || Array.isArray(v)),
  step: field(0, isIndex),
  line: field("z1", isText),
  // position in the training part, or "batch"
  sample: field(/** @type {number | "batch"} */ (0), (v) => v === "batch" || isIndex(v)),
  // whose numbers the lines of an update show, see samples.js
  numbers: field("batch", oneOf("batch", "sample")),
  // what the lines before the update show again, if that is not `sample`
  sampleBefore: field(
    /** @type {number | "batch" | null} */ (null),
    (v) => v === "batch" || isIndex(v),
  ),
  // element of the picture, see elements.js
  selection: field(/** @type {string | null} */ (null), (v) => isText(v) && exists(v, ANY_NETWORK)),
  // index of the chosen entry of the current line
  entry: field(
    /** @type {number[] | null} */ (null),
    (v) => Array.isArray(v) && v.length <= 8 && v.every(isIndex),
  ),
  convention: field("column", oneOf("column", "row", "lecture")),
  // cost scaling of the shown working; null: that of the experiment
  reduction: field(/** @type {string | null} */ (null), (v) => isText(v) && /^\w{1,40}$/.test(v)),
  jacobians: field(false, isBoolean),
  // output activation and cost as one line
  fused: field(true, isBoolean),
  // quantity shown by neurons; "line" follows the ribbon
  neurons: field("line", oneOf("line", "a", "z", "dC_da", "dC_dz")),
  edges: field("line", oneOf("line", "W", "dC_dW")),
  // the two features that the data figure shows
  axes: field(
    /** @type {number[] | null} */ (null),
    (v) => Array.isArray(v) && v.length === 2 && v.every(isIndex) && v[0] !== v[1],
  ),
  // data figure: "auto", "plane" or "image"
  view: field("auto", oneOf("auto", "plane", "image")),
  // of units over pictures: their weights, or how these have changed since the start
  templates: field("weights", oneOf("weights", "change")),
  // in a narrow window: the sum of the chosen entry, or the line's picture
  beside: field(/** @type {"sum" | "picture"} */ ("sum"), oneOf("sum", "picture")),
  logCost: field(false, isBoolean),
  projector: field(false, isBoolean),
  // the picture of Watch, from 1; the weight that it is about, such as "W1[0,2]"
  watch: field(/** @type {number | null} */ (null), (v) => isIndex(v) && v > 0),
  weight: field(/** @type {string | null} */ (null), (v) => isText(v) && weightNamed(v) !== null),
  // which figure is shown, see dock-figures.js
  tab: field("network", oneOf(...TABS)),
  // which cut through the cost, see slice.js
  slice: field("gradient", (v) => parseSlice(v) !== null),
  // the sweep of the map, see sweep.js; the recipe in it is that of all cells
  map: field(/** @type {Sweep | null} */ (null), isMap),
  // recipe of the run to compare with
  reference: field(/** @type {Recipe | null} */ (null), isObject),
  // both runs beside each other in place of the page
  both: field(false, isBoolean),

  // of a program: the seed and other sizes of its data, the groups that are open, whether the
  // shorter of two formulas is shown
  seed: field(0, isIndex),
  sizes: field("", (v) => isText(v) && /^(\w+:\d+(,|$))*$/.test(v)),
  open: field(
    /** @type {string[] | null} null: as it begins */ (null),
    (v) => Array.isArray(v) && v.every(isText),
  ),
  short: field(false, isBoolean),

  // what the server answered
  program: field(/** @type {ProgramAnswer | null} */ (null)),
  folding: field(/** @type {Folding | null} */ (null)),
  catalog: field(/** @type {Catalog | null} */ (null)),
  experiment: field(/** @type {Experiment | null} */ (null)),
  data: field(/** @type {Data | null} */ (null)),
  frame: field(/** @type {Frame | null} */ (null)),
  trace: field(/** @type {Trace | null} */ (null)),
  compared: field(/** @type {Compared | null} of the reference */ (null)),
  history: field(/** @type {RunHistory | null} */ (null)), // everything known of the run so far

  // what is going on
  playing: field(false),
  speed: field(3),
  walking: field(/** @type {Pass | null} */ (null)), // walked line by line, see walker.js
  walkPace: field(USUAL_PACE), // index of PACES
  // the walked line while what it reads is on its way
  arriving: field(/** @type {string | null} */ (null)),
  lastSample: field(0), // to which a press leads back from the batch
  /** While playing. @type {{initial: {stepsPerSecond: number, framesPerSecond: number} | null}} */
  pace: field(null),
  held: field(/** @type {Hold | null} */ (null)), // a number at another value, see hold.js
  heldValue: field(0),
  busy: field(/** @type {Progress | null} */ (null)), // while a far step is computed
  pending: field(false), // a changed experiment is on its way
  problems: field(/** @type {Record<string, string>} */ ({})), // by field path, from the server
  inputErrors: field(/** @type {Record<string, string>} */ ({})), // of what was never sent
  failure: field(/** @type {Failure | null} */ (null)),
  hover: field(/** @type {string | null} */ (null)), // element of the picture that is pointed at
  hoverEntry: field(/** @type {EntryOf | null} */ (null)), // pointed at in a matrix
  path: field(/** @type {PathPlace[]} */ ([])), // followed back so far, the shown line not included
  source: field(/** @type {EntryOf | null} */ (null)), // of the given that a path has ended at
  submittedMarks: field(/** @type {Check | null} */ (null)), // in this working
  remark: field(/** @type {Remark | null} */ (null)), // what the last switch of notation changed
  asking: field(false), // a lesson's question is open: an alarm would answer it
  veil: field(/** @type {Veil | null} */ (null)), // what a lesson asks and has not shown yet
  first: field(false), // the first visit, see first-visit.js
  theme: field("auto"),
};
/** @type {Record<string, Field>} */
export const TABLE = FIELDS;

/** The fields of the address. */
export const IN_ADDRESS = Object.keys(TABLE).filter((name) => TABLE[name].valid);

/** @typedef {{[K in keyof typeof FIELDS]: (typeof FIELDS)[K]["initial"]}} Initial */
/**
 * The state of the page. What the server answers of a step comes together, and is null before.
 * @typedef {"experiment" | "data" | "frame" | "trace" | "history"} Answers
 * @typedef {{[K in keyof Initial]: K extends Answers ? NonNullable<Initial[K]> : Initial[K]}}
 *   State once the first step is there
 * @typedef {State | (Omit<State, Answers> & Record<Answers, null>)} Page
 * @typedef {Page & {recipe: Recipe, catalog: Catalog}} Filled what the form is of
 */
/** @template T @typedef {{[K in keyof T]: T[K] | null}} Nullable */

/** @param {Page} state @returns {state is Filled} */
export const isFilled = (state) => state.recipe !== null && state.catalog !== null;

/** @param {Record<string, Field>} [table] */
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
     */
    set(/** @type {Partial<Nullable<State>>} */ patch) {
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
    /**
     * Run, and return the names of the fields that it reads; around it they are read, too.
     * @param {() => void} run
     */
    reading(run) {
      const before = reads;
      const inner = new Set();
      reads = inner;
      try {
        run();
      } finally {
        for (const name of inner) before.add(name);
        reads = before;
      }
      return inner;
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
