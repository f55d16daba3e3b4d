/**
 * All state of the page, declared once in TABLE, changed through `set` alone.
 *
 * Fields with `url: true` are in the address; the others live as long as the page.
 * Nothing here knows of the DOM or the server.
 */

/** @typedef {{initial: any, url?: boolean}} Field */

/** @type {Record<string, Field>} */
export const TABLE = {
  // what is looked at: the address holds these
  recipe: { initial: null, url: true }, // experiment as the form has it
  step: { initial: 0, url: true },
  line: { initial: "z1", url: true },
  sample: { initial: 0, url: true }, // position in the training part, or "batch"
  selection: { initial: null, url: true }, // element of the picture, see elements.js
  entry: { initial: null, url: true }, // index of the chosen entry of the current line
  convention: { initial: "column", url: true },
  reduction: { initial: null, url: true }, // cost scaling of the shown working; null: the experiment's own
  jacobians: { initial: false, url: true },
  fused: { initial: true, url: true }, // output activation and cost as one line
  neurons: { initial: "line", url: true }, // quantity shown by neurons; "line" follows the ribbon
  edges: { initial: "line", url: true },
  axes: { initial: null, url: true }, // the two features that the data figure shows
  view: { initial: "auto", url: true }, // data figure: "auto", "plane" or "image"
  logCost: { initial: false, url: true },
  projector: { initial: false, url: true },
  flow: { initial: "flow", url: true }, // the middle figure: "flow", "health" or "loss"
  slice: { initial: "gradient", url: true }, // which cut through the cost, see slice.js
  reference: { initial: null, url: true }, // recipe of the run to compare with

  // what the server answered
  catalog: { initial: null },
  experiment: { initial: null }, // {id, experiment, parameters, steps_per_epoch, warnings}
  data: { initial: null },
  frame: { initial: null },
  trace: { initial: null },
  workingOf: { initial: "" }, // of what the trace is one: sample, convention, … but not the step
  compared: { initial: null }, // {experiment, frame, history, asked} of the reference
  history: { initial: null }, // history.js, everything known of the run so far

  // what is going on
  playing: { initial: false },
  speed: { initial: 3 },
  pace: { initial: null }, // {stepsPerSecond, framesPerSecond} while playing
  dragging: { initial: false }, // a number is being dragged
  busy: { initial: null }, // {reached, target} while a far step is computed
  pending: { initial: false }, // a changed experiment is on its way
  problems: { initial: {} }, // field path -> message, from the server
  slips: { initial: {} }, // field path -> message, of what was typed and never sent
  failure: { initial: null }, // {kind: "lost" | "error" | "missing", text, action?: {text, run}}
  hover: { initial: null }, // element of the picture that is pointed at
  hoverEntry: { initial: null }, // {variable, index} pointed at in a matrix
  path: { initial: [] }, // [{line, entry}] followed back so far, the shown line not included
  source: { initial: null }, // {variable, index} of the given that a path has ended at
  ownMarks: { initial: null }, // the checker's answer to one's own numbers of this working
  remark: { initial: null }, // what the last switch of notation changed
  veil: { initial: null }, // what a lesson asks and has not shown yet, see veil.js
  theme: { initial: "auto" },
};

/**
 * @param {Record<string, Field>} [table]
 */
export function createStore(table = TABLE) {
  /** @type {Record<string, any>} */
  const state = Object.fromEntries(
    Object.entries(table).map(([name, field]) => [name, field.initial]),
  );
  /** @type {{names: Set<string>, run: (state: any, changed: Set<string>) => void}[]} */
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
     * Change fields and tell those who listen to any field that really changed.
     * A `set` from inside a listener is told in the next round, so each listener sees whole states.
     * @param {Record<string, any>} patch
     */
    set(patch) {
      for (const [name, value] of Object.entries(patch)) {
        if (!(name in table)) throw new Error(`no such state: ${name}`);
        if (Object.is(state[name], value)) continue;
        state[name] = value;
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
     * @param {string[]} names fields to listen to
     * @param {(state: any, changed: Set<string>) => void} run
     */
    on(names, run) {
      for (const name of names) if (!(name in table)) throw new Error(`no such state: ${name}`);
      listeners.push({ names: new Set(names), run });
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
