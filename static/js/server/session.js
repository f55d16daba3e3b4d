/**
 * What the page asks of the server and in which order: an experiment, its data, the frame of a step, the trace of a
 * sample in it. A newer wish cancels an older one; a lost server is asked again until it is back; an experiment that
 * the server has forgotten is given to it again.
 */

import { dataAt } from "../core/data-edits.js";
import { emptyHistory, extend, since } from "../core/history.js";
import { jacobiansFit, leftOut, withValues } from "../core/trace.js";
import { isAbort, Lost, Problem } from "./api.js";

const EVERYTHING = "parameters,gradients,neurons,boundary,curves,health";
const LOOK = "parameters,gradients,neurons,health"; // what another sample changes
const RETRY = 1000;
const LARGE = 10000; // entries of a value that comes with the trace

/** @param {import("../state/store.js").Store} store @param {import("./api.js").Api} api */
export function createSession(store, api) {
  const { state } = store;
  /** @type {Record<string, AbortController>} one wish of each kind at a time */
  const wishes = {};
  let recovering = null;
  /** @type {number | null} a step that was asked for while another experiment was on its way: it is meant there */
  let goal = null;
  /** @type {{recipe: any, step: number} | null} an experiment that is on its way, and the step of it to be shown */
  let coming = null;
  /** @type {{recipe: any, step: number} | null} one that is still being typed */
  let announced = null;
  /** @type {{step: number} | null} a step of the shown experiment that is on its way */
  let heading = null;
  /** @type {any} the data before any edit; the page has those of its step */
  let plain = null;
  /** @type {WeakMap<object, {id: string, step: number, options: any}>} what a trace was the answer to */
  const sources = new WeakMap();
  let tracing = 0; // traces on their way
  let opening = 0; // counts experiments asked for: only the newest may appear

  function wish(kind) {
    wishes[kind]?.abort();
    wishes[kind] = new AbortController();
    return wishes[kind].signal;
  }

  /** Wait until the server answers again. One loop, whoever asks. */
  function recover() {
    recovering ??= (async () => {
      store.set({
        failure: { kind: "lost", text: "The server does not answer. Asking again every second." },
      });
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, RETRY));
        try {
          store.set({ catalog: await api.catalog() });
          break;
        } catch (error) {
          if (!(error instanceof Lost) && !(error instanceof Problem && error.status >= 500)) break;
        }
      }
      store.set({ failure: null });
      recovering = null;
    })();
    return recovering;
  }

  /**
   * Run a request; come back from a lost server and from a forgotten experiment, tell any other problem.
   * @template T @param {string} kind @param {(signal: AbortSignal) => Promise<T>} run @param {any} [of] the experiment it is about
   * @returns {Promise<T | null>} null if no longer wanted or refused
   */
  async function ask(kind, run, of = state.experiment) {
    const signal = wish(kind);
    let again = 0;
    let forgotten = false;
    for (;;) {
      try {
        if (forgotten) {
          const experiment = await api.createExperiment(of.experiment, signal);
          if (of.id === state.experiment?.id) store.set({ experiment });
          forgotten = false;
        }
        return await run(signal);
      } catch (error) {
        if (isAbort(error) || signal.aborted) return null;
        if (error instanceof Lost) await recover();
        else if (error instanceof Problem && error.status === 404 && of && again < 2) {
          again += 1;
          forgotten = true;
        } else if (
          error instanceof Problem &&
          (error.status === 429 || error.status === 503) &&
          again < 30
        ) {
          again += 1;
          await new Promise((resolve) => setTimeout(resolve, 300));
        } else {
          tell(error);
          return null;
        }
        if (signal.aborted) return null;
      }
    }
  }

  function tell(error) {
    if (!(error instanceof Problem)) throw error;
    const problems = Object.fromEntries(
      error.errors.map(({ field, message }) => [field.replace(/^body\./, ""), message]),
    );
    if (Object.keys(problems).length) store.set({ problems });
    else store.set({ failure: { kind: "error", text: error.message } });
  }

  const frameOptions = (include) => ({
    since: since(state.history),
    grid: 48,
    axes: state.axes ? state.axes.join(",") : undefined,
    sample: state.sample === "batch" ? undefined : state.sample,
    include,
  });

  /** A frame without a boundary keeps the one on screen. */
  const merged = (frame) => ({ ...frame, boundary: frame.boundary ?? state.frame?.boundary });

  /** @param {any} frame @param {Record<string, any>} [more] to be told together */
  function show(frame, more = {}) {
    const data = dataAt(plain, state.experiment.experiment.edits, frame.step);
    store.set({
      frame: merged(frame),
      data,
      step: frame.step,
      history: extend(state.history, frame),
      busy: null,
      ...more,
    });
  }

  /** Fetch a frame for the player, without showing it. */
  const fetchFrame = (step, include, signal) =>
    api.frame(state.experiment.id, step, frameOptions(include), signal);

  /** @param {number} step @returns {Promise<boolean>} whether it was shown */
  async function go(step) {
    if (!state.experiment) return false;
    const wanted = Math.max(0, Math.round(step));
    if (state.pending) {
      goal = wanted;
      return false;
    }
    if ("step" in state.problems) store.set({ problems: {} });
    const mine = { step: wanted };
    heading = mine;
    const frame = await ask("frame", (signal) =>
      api.frame(state.experiment.id, wanted, frameOptions(EVERYTHING), signal, (progress) =>
        store.set({ busy: progress }),
      ),
    );
    if (heading === mine) heading = null;
    store.set({ busy: null });
    if (!frame) return false;
    show(frame);
    await trace();
    return true;
  }

  /** So many steps on, counted from the one that was wished last. @param {number} by */
  const goBy = (by) =>
    go((state.pending ? (goal ?? coming?.step ?? 0) : (heading?.step ?? state.step)) + by);

  /** @param {boolean} [verify] */
  async function trace(verify = true) {
    if (!state.experiment || !state.frame) return;
    const options = {
      sample: state.sample,
      convention: state.convention,
      reduction: state.reduction,
      jacobians: state.jacobians && jacobiansFit(state) ? true : undefined,
      fused: state.fused ? undefined : false,
    };
    const [id, step] = [state.experiment.id, state.frame.step];
    tracing += 1;
    const answer = await ask("trace", (signal) =>
      api.trace(id, step, { ...options, verify, entries: LARGE }, signal),
    );
    tracing -= 1;
    if (!answer) return;
    sources.set(answer, { id, step, options });
    const known = answer.lines.some((line) => line.id === state.line);
    store.set({
      trace: answer,
      workingOf: JSON.stringify(options),
      ...(known ? {} : { line: answer.lines[0].id, entry: null }),
    });
  }

  /** Another sample, or the batch, of the step on screen. Neither answer waits for the other. */
  async function look() {
    if (state.playing) {
      await trace(false); // the next frame is that of the sample anyway
      return;
    }
    if (heading) return go(heading.step); // it comes with the sample
    const working = trace();
    const frame = await ask("frame", (signal) =>
      api.frame(state.experiment.id, state.step, frameOptions(LOOK), signal),
    );
    if (frame) show(frame);
    await working;
  }

  // Values too large to come with the trace are asked for when their line is looked at.
  store.on(["line", "trace"], async () => {
    const { trace: before, line } = state;
    const lines = leftOut(before, line);
    if (!lines.length) return;
    const { id, step, options } = sources.get(before);
    const found = await ask("values", (signal) =>
      api.trace(id, step, { ...options, verify: false, lines: lines.join() }, signal),
    );
    if (!found || state.trace !== before) return;
    const whole = withValues(before, [...found.lines, ...found.givens]);
    sources.set(whole, sources.get(before));
    store.set({ trace: whole });
  });

  /**
   * Another experiment is about to be asked for: whatever is on its way is no longer wanted.
   * @param {{recipe: any, step: number} | null} [which] if it is known already
   * @returns {() => boolean} whether none has been asked for since
   */
  function expect(which = null) {
    const mine = ++opening;
    [goal, coming, announced] = [null, null, which];
    for (const kind of ["experiment", "data", "frame", "trace", "values"]) wishes[kind]?.abort();
    store.set({ pending: true, busy: null });
    return () => mine === opening;
  }

  /**
   * Give the server a recipe and show a step of it. What is on screen stays until the new one is there.
   * @param {any} recipe @param {number} step @param {() => boolean} [newest] of an experiment that is expected already
   * @returns {Promise<boolean>} whether it was shown
   */
  async function open(recipe, step, newest = expect()) {
    coming = { recipe, step };
    const shown = await take(recipe, step);
    if (!newest()) return shown;
    store.set({ pending: false, busy: null });
    const then = goal ?? state.frame?.step;
    goal = null;
    // Refused: of the step that stays on screen, what was on its way is asked for again.
    if (state.frame && (then !== state.step || !shown)) await go(then);
    return shown;
  }

  /** @param {any} recipe @param {number} step @returns {Promise<boolean>} */
  async function take(recipe, step) {
    const answer = await ask("experiment", (signal) => api.createExperiment(recipe ?? {}, signal));
    if (!answer) return false;
    const known =
      plain &&
      JSON.stringify(state.experiment?.experiment.dataset) ===
        JSON.stringify(answer.experiment.dataset);
    const data = known ? plain : await ask("data", (signal) => api.data(answer.id, signal), answer);
    if (!data) return false;
    const samples = data.train.x.length;
    const features = data.features.length;
    // asked again below: other ones may be chosen while the frame is on its way
    const axesNow = () =>
      state.axes?.every((axis) => axis < features) && features > 1 ? state.axes : null;
    const sampleNow = () => (state.sample === "batch" || state.sample < samples ? state.sample : 0);
    const [axes, sample] = [axesNow(), sampleNow()];
    const depth = answer.experiment.network.layers.length;
    // not told yet: the new frame, data and experiment must appear together
    const [before, history] = [state.experiment, emptyHistory(depth)];
    const options = {
      since: undefined,
      grid: 48,
      axes: axes?.join(","),
      sample: sample === "batch" ? undefined : sample,
      include: EVERYTHING,
    };
    const frame = await ask(
      "frame",
      (signal) =>
        api.frame(answer.id, Math.max(0, step), options, signal, (progress) =>
          store.set({ busy: progress }),
        ),
      answer,
    );
    if (!frame) return false;
    const same = before?.id === answer.id;
    plain = data;
    store.set({
      experiment: answer,
      recipe: answer.experiment,
      data: dataAt(data, answer.experiment.edits, frame.step),
      axes: axesNow(),
      sample: sampleNow(),
      problems: {},
      pending: false,
      busy: null,
      frame,
      step: frame.step,
      history: extend(history, frame),
      ...(same ? {} : { trace: null, hover: null, hoverEntry: null }),
    });
    if (state.axes?.join() !== axes?.join()) await go(state.step);
    else await (state.sample === sample ? trace() : look());
    return true;
  }

  /** What is on screen once everything that was wished has come; null if it is there. */
  function next() {
    const wanted = state.pending ? (coming ?? announced) : null;
    return wanted && { ...wanted, step: goal ?? wanted.step };
  }

  return {
    open,
    expect,
    coming: () => (state.pending ? coming : null),
    next,
    go,
    goBy,
    look,
    trace,
    isTracing: () => tracing > 0,
    show,
    fetchFrame,
    ask,
    recover,
    cancel: (kind) => wishes[kind]?.abort(),
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
