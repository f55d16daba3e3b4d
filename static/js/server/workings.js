/**
 * The working of the shown step. At rest it is whole and verified. While the run plays its values
 * come with each frame, without formulas; of a large one only those that the page shows, the others
 * when their line is chosen.
 */
import { atStep, jacobiansFit, leftOut, leftOutOf, NOTATION, withValues } from "../core/trace.js";
import { shownIds } from "../state/shown.js";
import { TABLE } from "../state/store.js";

const LARGE = 10000; // entries of a value that comes with the whole working
const MOST_PLAYED = 2000; // entries of a working that comes whole with each frame

/**
 * @param {{store: Store, api: Api, ask: <T>(kind: string, run: (signal: AbortSignal) => Promise<T>,
 *   of?: Experiment) => Promise<T | null>}} services
 */
export function createWorkings({ store, api, ask }) {
  const { state } = store;
  /**
   * What a trace was the answer to; part: it has values of some lines alone.
   * @type {WeakMap<Trace, {id: string, options: Query, part: boolean}>}
   */
  const sources = new WeakMap();

  /**
   * How the working is written now.
   * @param {Recipe} [recipe] of the shown experiment, or another one
   * @param {Data | null} [data] of the recipe @param {number | "batch"} [sample] @returns {Query}
   */
  const optionsNow = (
    recipe = state.experiment?.recipe,
    data = state.data,
    sample = state.sample,
  ) => {
    const chosen = NOTATION.filter((name) => state[name] !== TABLE[name].initial);
    const fits = recipe && data && jacobiansFit(recipe, data, sample);
    return {
      ...{ sample, convention: state.convention },
      ...Object.fromEntries(chosen.map((name) => [name, state[name]])),
      jacobians: (state.jacobians && fits) || undefined,
    };
  };

  /** @param {Trace | null} trace of the shown experiment, written as it is now */
  function isCurrent(trace) {
    const source = trace && sources.get(trace);
    return (
      source?.id !== undefined &&
      source.id === state.experiment?.id &&
      JSON.stringify(source.options) === JSON.stringify(optionsNow())
    );
  }

  /** Fetch the proof of the working on screen. */
  async function verify() {
    const { experiment, trace: before, line } = state;
    const source = before && sources.get(before);
    if (!source) return;
    const options = { ...source.options, verify: true, lines: line, formulas: "none" };
    const answer = await ask("trace", (signal) =>
      api.trace(experiment.id, before.step, options, signal),
    );
    // meanwhile values may have been added to it
    if (!answer || before.step !== state.trace?.step || sources.get(state.trace) !== source) return;
    const proven = { ...state.trace, verification: answer.verification };
    sources.set(proven, source);
    store.set({ trace: proven });
  }

  /** What showing a working changes. @param {Trace} trace */
  function patchOf(trace) {
    const known = trace.lines.some((line) => line.id === state.line);
    return { trace, ...(known ? {} : { line: trace.lines[0].id, entry: null }) };
  }

  /** Whether all values of the working on screen come with each frame. */
  function isSmall() {
    const all = [...(state.trace?.lines ?? []), ...(state.trace?.givens ?? [])];
    const sizes = all.map(({ shape }) => shape.reduce((p, q) => p * q, 1));
    return sizes.reduce((sum, size) => sum + size, 0) <= MOST_PLAYED;
  }

  /**
   * Whether another step's working has the formulas of the one on screen: an edit may change them.
   */
  function hasFormulas(/** @type {number} */ step) {
    if (!state.trace || !isCurrent(state.trace)) return false;
    const [first, last] = [step, state.trace.step].sort((p, q) => p - q);
    return !state.experiment.recipe.edits?.some((edit) => first < edit.step && edit.step <= last);
  }

  /**
   * What to ask for the workings of steps that are not on screen: all of them, or values to which
   * the formulas on screen are added; for the player, of a large working, what the page shows.
   * @param {number} last of the steps @param {boolean} playing
   * @param {Experiment} experiment @param {Parameters<typeof optionsNow>} how
   * @returns {{query: Query, complete: (answer: Trace) => Trace}}
   */
  function workingOf(last, playing, { id }, ...how) {
    const { trace: before } = state;
    const options = optionsNow(...how);
    const known = before && id === state.experiment?.id && hasFormulas(last);
    const lines =
      state.trace && known && playing && !isSmall() ? shownIds(state).join() : undefined;
    return {
      query: { ...options, lines, formulas: known ? "none" : undefined, entries: LARGE },
      complete(answer) {
        const working = known ? atStep(before, answer) : answer;
        sources.set(working, { id, options, part: Boolean(lines) });
        return working;
      },
    };
  }

  // Values that did not come with the trace are fetched when their line is shown.
  store.on(["line", "trace"], async () => {
    const { trace: before, line } = state;
    const lines = leftOut(before, line);
    if (!lines.length) return;
    const source = before && sources.get(before);
    if (!source) return;
    const { id, options } = source;
    const answer = await ask("values", (signal) =>
      api.trace(id, before.step, { ...options, verify: false, lines: lines.join() }, signal),
    );
    if (!answer || state.trace !== before) return;
    const whole = withValues(before, [...answer.lines, ...answer.givens]);
    sources.set(whole, source);
    store.set({ trace: whole });
  });

  return {
    verify,
    workingOf,
    patchOf,
    /** Whether a fetched working has what the page shows now. @param {Trace} trace */
    hasShown: (trace) =>
      state.trace !== null &&
      isCurrent(trace) &&
      !(sources.get(trace)?.part && leftOutOf(trace, shownIds(state)).length),
  };
}
