/**
 * The working of the shown step. At rest it is whole and verified. While the run plays its values
 * come with each frame, without formulas; of a large one only those that the page shows, the others
 * when their line is chosen.
 */
import { atStep, jacobiansFit, leftOut, leftOutOf, withValues } from "../core/trace.js";
import { shownIds } from "../state/shown.js";

/** @typedef {import("../core/wire.js").Trace} Trace */
/** @typedef {import("../core/wire.js").Experiment} Experiment */
/** @typedef {Parameters<import("./api.js").Api["trace"]>[2]} Options */

const LARGE = 10000; // entries of a value that comes with the whole working
const MOST_PLAYED = 2000; // entries of a working that comes whole with each frame

/**
 * @param {{store: import("../state/store.js").Store, api: import("./api.js").Api,
 *   ask: <T>(kind: string, run: (signal: AbortSignal) => Promise<T>,
 *     of?: import("../core/wire.js").Experiment) => Promise<T | null>}} services
 */
export function createWorkings({ store, api, ask }) {
  const { state } = store;
  /**
   * What a trace was the answer to; part: with formulas of an earlier one.
   * @type {WeakMap<Trace, {id: string, options: Options, part: boolean}>}
   */
  const sources = new WeakMap();

  /** How the working is written now. @returns {Options} */
  const optionsNow = () => ({
    sample: state.sample,
    convention: state.convention,
    reduction: state.reduction,
    jacobians: state.jacobians && jacobiansFit(state) ? true : undefined,
    fused: state.fused ? undefined : false,
  });

  /** @param {Trace | null} trace of the shown experiment, written as it is now */
  function isCurrent(trace) {
    const source = trace && sources.get(trace);
    return (
      Boolean(source) &&
      source?.id === state.experiment.id &&
      JSON.stringify(source.options) === JSON.stringify(optionsNow())
    );
  }

  /**
   * The whole working of a step.
   * @param {Experiment} experiment @param {number} step @param {Options} options
   * @param {boolean} verify
   */
  const fetchTrace = (experiment, step, options, verify) =>
    ask(
      "trace",
      (signal) => api.trace(experiment.id, step, { ...options, verify, entries: LARGE }, signal),
      experiment,
    );

  /** @type {{key: string, answer: ReturnType<typeof fetchTrace>} | null} */
  let prepared = null;

  /**
   * Fetch a working before its frame is there.
   * @param {Experiment} experiment @param {number} step
   */
  function prepareTrace(experiment, step) {
    if (state.jacobians) return; // whether they fit depends on the frame
    const options = optionsNow();
    const mine = {
      key: JSON.stringify([experiment.id, step, options, true]),
      answer: fetchTrace(experiment, step, options, true),
    };
    prepared = mine;
    mine.answer.then((answer) => {
      if (!answer && prepared === mine) prepared = null; // cancelled or refused
    });
  }

  /** Fetch the whole working of the shown step and show it. @param {boolean} [verify] */
  async function trace(verify = true) {
    if (!state.experiment || !state.frame) return;
    const options = optionsNow();
    const [id, step] = [state.experiment.id, state.frame.step];
    const same = prepared?.key === JSON.stringify([id, step, options, verify]);
    const arriving =
      same && prepared ? prepared.answer : fetchTrace(state.experiment, step, options, verify);
    prepared = null;
    const answer = await arriving;
    // while it plays another step may be on screen by now
    if (!answer || step !== state.frame.step) return;
    sources.set(answer, { id, options, part: false });
    store.set(patchOf(answer));
  }

  /** What showing a working changes. @param {Trace} found */
  function patchOf(found) {
    const known = found.lines.some((line) => line.id === state.line);
    return {
      trace: found,
      traceKey: JSON.stringify(sources.get(found)?.options),
      ...(known ? {} : { line: found.lines[0].id, entry: null }),
    };
  }

  /** Whether all values of the working on screen come with each frame. */
  function isSmall() {
    const all = [...state.trace.lines, ...state.trace.givens];
    const sizes = all.map(({ shape }) => shape.reduce((p, q) => p * q, 1));
    return sizes.reduce((sum, size) => sum + size, 0) <= MOST_PLAYED;
  }

  /**
   * What to ask for the workings of coming steps: values, to which the formulas of the working on
   * screen are added. An edit may change formulas, then all of it is asked for.
   * @param {number} until the last of the steps
   * @returns {{query: import("./api.js").Query, complete: (answer: Trace) => Trace}}
   */
  function upcoming(until) {
    const { experiment, trace: before } = state;
    const [id, options] = [experiment.id, optionsNow()];
    const edited = experiment.recipe.edits?.some(
      ({ step }) => step > before?.step && step <= until,
    );
    const ids = isCurrent(before) && !edited ? shownIds(state) : [];
    const part = ids.length > 0;
    const lines = part && !isSmall() ? ids.join() : undefined;
    const extent = part ? { lines, formulas: "none" } : { entries: LARGE };
    return {
      query: { ...options, ...extent },
      complete(answer) {
        const found = part ? atStep(before, answer) : answer;
        sources.set(found, { id, options, part });
        return found;
      },
    };
  }

  // Values that did not come with the trace are fetched when their line is shown.
  store.on(["line", "trace"], async () => {
    const { trace: before, line } = state;
    const lines = leftOut(before, line);
    if (!lines.length) return;
    const source = sources.get(before);
    if (!source) return;
    const { id, options } = source;
    const found = await ask("values", (signal) =>
      api.trace(id, before.step, { ...options, verify: false, lines: lines.join() }, signal),
    );
    if (!found || state.trace !== before) return;
    const whole = withValues(before, [...found.lines, ...found.givens]);
    sources.set(whole, source);
    store.set({ trace: whole });
  });

  return {
    trace,
    prepareTrace,
    upcoming,
    patchOf,
    /** Whether a fetched working has what the page shows now. @param {Trace} found */
    hasShown: (found) =>
      isCurrent(found) && !(sources.get(found)?.part && leftOutOf(found, shownIds(state)).length),
  };
}
