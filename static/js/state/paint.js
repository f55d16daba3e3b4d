/**
 * When panels draw. What must follow every step (the network, the working, the read-outs) and what
 * user input changed are drawn in the next animation frame. At rest, and while another experiment
 * is loading, the slower panels are drawn in the one after it. While playing, each animation frame
 * draws at most one of them, the most overdue, so that no single frame is long; after user input
 * they wait for the next animation frame.
 */

/**
 * @typedef {{name: string, fields: string[], reads?: string[], every: number, draw: (state:
 *   import("./store.js").State, changed: Set<string>) => void}} Entry fields: what it is drawn
 *   again for; reads: what else it reads, which changes together with one of those or is no reason
 *   to draw; every: least time between two drawings while playing, in ms; 0: each frame
 */

/** What the run itself changes; any other change is user input. */
const RUN = new Set(["frame", "step", "history", "data", "trace", "pace", "busy"]);

/**
 * Whether the run plays and nothing but it changed what is drawn.
 * @param {import("./store.js").State} state @param {Set<string>} changed
 */
export const onlyRun = ({ playing }, changed) =>
  playing && [...changed].every((name) => RUN.has(name));

/**
 * @param {import("./store.js").Store} store
 * @param {{raf?: (run: () => void) => void, now?: () => number}} [clock]
 */
export function createPainter(
  store,
  { raf = (run) => requestAnimationFrame(run), now = () => performance.now() } = {},
) {
  /** @type {(Entry & {changed: Set<string>, input: boolean, last: number})[]} */
  const entries = [];
  let scheduled = false;
  let postponed = false; // slower panels in the last animation frame
  /** @type {(() => void)[]} */
  let waiting = [];

  /**
   * @param {Entry & {changed: Set<string>, input: boolean, last: number}} entry
   * @param {number} time
   */
  function run(entry, time) {
    const { changed } = entry;
    entry.changed = new Set();
    entry.input = false;
    entry.last = time;
    const { watchPainter } = /** @type {any} set by a test alone, see store.js */ (globalThis);
    watchPainter?.(entry);
    try {
      entry.draw(store.state, changed);
    } catch (error) {
      // one figure that cannot be drawn must not take the others with it
      console.error(`drawing ${entry.name}`, error);
    }
    watchPainter?.(null);
  }

  function flush() {
    scheduled = false;
    const time = now();
    const dirty = entries.filter((entry) => entry.changed.size);
    if (!store.state.playing || store.state.pending) {
      const prompt = postponed
        ? []
        : dirty.filter(({ every, input, last }) => every === 0 || (input && last));
      postponed = 0 < prompt.length && prompt.length < dirty.length;
      for (const entry of postponed ? prompt : dirty) run(entry, time);
      if (postponed) return schedule();
    } else {
      // not twice in a row: while a number is dragged they must be drawn too
      postponed = !postponed && dirty.some((entry) => entry.input);
      const prompt = dirty.filter((entry) => entry.every === 0 || entry.input);
      for (const entry of prompt) run(entry, time);
      const due = dirty.filter((entry) => entry.changed.size && time - entry.last >= entry.every);
      due.sort((a, b) => (time - b.last) / b.every - (time - a.last) / a.every);
      if (postponed) schedule();
      else if (due.length) run(due[0], time);
    }
    const told = waiting;
    waiting = [];
    for (const resolve of told) resolve();
  }

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    raf(flush);
  }

  return {
    /** @param {Entry} entry */
    add(entry) {
      const own = { ...entry, changed: new Set(["start"]), input: true, last: 0 };
      entries.push(own);
      store.on(entry.fields, (_, changed) => {
        for (const name of changed) own.changed.add(name);
        own.input ||= entry.fields.some((name) => changed.has(name) && !RUN.has(name));
        schedule();
      });
      schedule();
    },
    /** Draw an entry again although no state changed: its size did. @param {string} name */
    redraw(name) {
      for (const entry of entries) if (entry.name === name) entry.changed.add("size");
      schedule();
    },
    /** @returns {Promise<void>} resolved when what is set now is drawn */
    drawn() {
      schedule();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** @typedef {ReturnType<typeof createPainter>} Painter */
