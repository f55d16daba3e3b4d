/**
 * When panels draw: again for each field of the state that they have read. At rest all of them are
 * drawn in the next animation frame, so that they show one step. While playing, what must follow
 * every step (the network, the working, the read-outs) and what user input changed are; of the
 * others each animation frame draws at most one, the most overdue, so that no single frame is long.
 * After user input they wait for the next animation frame.
 */

/** @typedef {(state: Page, changed: Set<string>) => void} Draw */
/**
 * @typedef {{name: string, every: number, ignores: string[], draw: Draw, reads: Set<string>,
 *   changed: Set<string>, input: boolean, last: number}} Panel reads: by any drawing so far; input:
 *   the user changed one of them
 */

/** What the run itself changes; any other change is user input. */
const RUN = new Set([
  "frame",
  "step",
  "history",
  "data",
  "trace",
  "pace",
  "busy",
  "heldValue",
  "compared",
]);

/**
 * Whether the run plays or a number is moved, and nothing else changed what is drawn.
 * @param {Pick<Page, "playing" | "held">} state @param {Set<string>} changed
 */
export const onlyRun = ({ playing, held }, changed) =>
  (playing || Boolean(held)) && [...changed].every((name) => RUN.has(name));

/** @param {Store} store @param {{raf?: (run: () => void) => void, now?: () => number}} [clock] */
export function createPainter(
  store,
  { raf = (run) => requestAnimationFrame(run), now = () => performance.now() } = {},
) {
  /** @type {Panel[]} */
  const entries = [];
  let scheduled = false;
  let postponed = false; // slower panels in the last animation frame
  /** @type {(() => void)[]} */
  let waiting = [];

  /** @param {Panel} entry @param {number} time */
  function run(entry, time) {
    const { changed } = entry;
    entry.changed = new Set();
    entry.input = false;
    entry.last = time;
    const read = store.reading(() => {
      try {
        entry.draw(store.state, changed);
      } catch (error) {
        // one figure that cannot be drawn must not take the others with it
        console.error(`drawing ${entry.name}`, error);
      }
    });
    for (const name of read) if (!entry.ignores.includes(name)) entry.reads.add(name);
  }

  function flush() {
    scheduled = false;
    const time = now();
    const dirty = entries.filter((entry) => entry.changed.size);
    if (!store.state.playing || store.state.pending) {
      for (const entry of dirty) run(entry, time);
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

  store.on(Object.keys(store.state), (_, changed) => {
    for (const entry of entries) {
      const read = [...changed].filter((name) => entry.reads.has(name));
      if (!read.length) continue;
      for (const name of changed) entry.changed.add(name);
      entry.input ||= read.some((name) => !RUN.has(name));
      schedule();
    }
  });

  return {
    /**
     * @param {string} name @param {number} every least ms between two drawings while playing; 0:
     *   each frame
     * @param {Draw} draw @param {string[]} [ignores] fields that are no reason to draw, because
     *   another one that it reads follows them
     */
    add(name, every, draw, ignores = []) {
      const changed = new Set(["start"]);
      const fresh = { reads: new Set(), changed, input: true, last: 0 };
      entries.push({ name, every, ignores, draw, ...fresh });
      schedule();
    },
    /**
     * Draw an entry again although no state changed: its size did. Without a name, all of them: the
     * colours did.
     * @param {string} [name]
     */
    redraw(name) {
      for (const entry of entries)
        if (entry.name === (name ?? entry.name)) entry.changed.add("size");
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
