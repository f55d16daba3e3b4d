/**
 * Walks through the lines of one pass of the shown step, forward or backward, at a pace. At each
 * line `arriving` names it until what it reads has arrived; with reduced motion it never does.
 * Whatever else chooses a line, or starts the training, ends the walk at the line that is shown.
 */
import { leftOut } from "../core/trace.js";
import { veiled } from "../core/veil.js";
import { carryTime, firstOf, linesOf, PACES } from "../core/walk.js";

/**
 * @param {Store} store
 * @param {{still: () => boolean, later?: (run: () => void, ms: number) => unknown, forget?: (timer:
 *   unknown) => void, pause?: () => unknown, lines?: () => import("../core/walk.js").Lines}} clock
 *   timer: what `later` returned; still: no motion is wanted; pause: of the training; lines: those
 *   that are walked
 */
export function createWalker(
  store,
  {
    still,
    later = (run, ms) => setTimeout(run, ms),
    forget = (timer) => clearTimeout(/** @type {number} */ (timer)),
    pause = () => {},
    lines = () => store.state.trace,
  },
) {
  const { state } = store;
  /** @type {unknown[]} */
  let timers = [];
  /** @type {string | null} the line that the walk itself has chosen */
  let chosen = null;
  /** @type {Pass | null} a walk that can go on */
  let paused = null;

  function clear() {
    timers.forEach(forget);
    timers = [];
  }

  /** Stay at the line that is shown. */
  function stop() {
    if (!state.walking) return;
    clear();
    paused = state.walking;
    chosen = null;
    store.set({ walking: null, arriving: null });
  }

  /** @param {Pass} pass @param {string} line */
  function show(pass, line) {
    chosen = line;
    const covered = veiled(state, line);
    store.set({ walking: pass, line, entry: null, arriving: still() || covered ? null : line });
    // a walk ends at a line that a lesson hides
    if (covered) return stop();
    schedule(pass, line);
  }

  /** @param {Pass} pass @param {string} line */
  function schedule(pass, line) {
    clear();
    const pace = PACES[state.walkPace];
    timers = [
      later(() => store.set({ arriving: null }), carryTime(pace)),
      later(() => next(pass, line), pace),
    ];
  }

  /** @param {Pass} pass @param {string} line */
  function next(pass, line) {
    // numbers that were too large to come with the trace are on their way
    if (leftOut(state.trace, line).length) return schedule(pass, line);
    const ids = linesOf(lines(), pass);
    const following = ids[ids.indexOf(line) + 1];
    if (following) return show(pass, following);
    stop();
    paused = null;
  }

  function start(/** @type {Pass} */ pass) {
    if (state.playing) pause();
    const line = firstOf(lines(), pass, state.line, paused === pass);
    if (line) show(pass, line);
  }

  store.on(["line"], () => {
    if (state.line !== chosen) stop();
  });
  store.on(["playing", "pending", "trace"], () => {
    if (state.playing || state.pending || !state.trace) stop();
  });
  // the numbers of a line on which one waits: the new pace counts from now
  store.on(["walkPace"], () => {
    if (state.walking && chosen) schedule(state.walking, chosen);
  });

  return {
    stop,
    /** Start a pass, or stay at the line if it is walked. @param {Pass} pass */
    toggle(pass) {
      const before = state.walking;
      stop();
      if (before !== pass) start(pass);
    },
  };
}

/** @typedef {ReturnType<typeof createWalker>} Walker */
