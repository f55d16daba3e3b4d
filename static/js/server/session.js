/**
 * The requests of the page and their order: an experiment, its data, the frame of a step together
 * with the trace of a sample in it, then its proof. A newer request cancels an older one of its
 * kind; retry.js says when one is repeated.
 */

import { dataAt } from "../core/data-edits.js";
import { withMaps } from "../core/frames.js";
import { emptyHistory, extend, since } from "../core/history.js";
import { chooseSample } from "../state/samples.js";
import { isAbort, Problem } from "./api.js";
import { createRetry } from "./retry.js";
import { createWorkings } from "./workings.js";

/** @typedef {import("../core/wire.js").RecipePart} RecipePart */
/** @typedef {import("../core/wire.js").Frame} Frame */

const EVERYTHING = "parameters,gradients,neurons,boundary,curves,health,maps";
const LOOK = "parameters,gradients,neurons,health"; // what another sample changes

/** @param {import("../state/store.js").Store} store @param {import("./api.js").Api} api */
export function createSession(store, api) {
  const { state } = store;
  const { persist } = createRetry(store, api);
  /** @type {Record<string, AbortController>} one request of each kind at a time */
  const controllers = {};
  /** @type {number | null} a step of the experiment that is being opened */
  let laterStep = null;
  /**
   * @type {{recipe: RecipePart, step: number} | null} the experiment that is being opened, and the
   *   step to show
   */
  let opening = null;
  /** @type {{recipe: RecipePart, step: number} | null} one that is still being typed */
  let typed = null;
  /** @type {{step: number} | null} the step of the shown experiment that is being fetched */
  let target = null;
  /**
   * @type {import("../core/wire.js").Data} the data before any edit; the page has those of its step
   */
  let plain;
  let openCount = 0; // how often an experiment was opened: only the newest may appear
  /** @type {() => void} */
  let resolveRequested = () => {};
  /** @type {Promise<void>} */
  const requested = new Promise((resolve) => {
    resolveRequested = resolve;
  });

  /** Aborts the request of this kind that is under way. @param {string} kind */
  function newSignal(kind) {
    controllers[kind]?.abort();
    controllers[kind] = new AbortController();
    return controllers[kind].signal;
  }

  /**
   * Run a request of a kind: it cancels an older one of that kind, and is repeated as `persist`
   * says. Any other problem is shown on the page.
   * @template T
   * @param {string} kind
   * @param {(signal: AbortSignal) => Promise<T>} run
   * @param {import("../core/wire.js").Experiment | null} [of] the experiment it is about
   * @returns {Promise<T | null>} null if it was cancelled or refused
   */
  async function ask(kind, run, of = state.experiment) {
    const signal = newSignal(kind);
    try {
      const answer = await persist(() => run(signal), { signal, experiment: of });
      return signal.aborted ? null : answer; // it may have come just before it was cancelled
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) tell(error);
      return null;
    }
  }

  /** @param {unknown} error */
  function tell(error) {
    if (!(error instanceof Problem)) throw error;
    const { first, sample, ...fields } = error.fields;
    const problems = first ? { ...fields, step: first } : fields;
    if (Object.keys(problems).length) return store.set({ problems });
    store.set({ failure: { kind: "error", text: sample ?? error.message } });
    // the batch is too large for a working
    if (sample && state.sample === "batch") chooseSample(store, state.sampleBefore ?? 0);
  }

  const {
    trace,
    verify,
    whole,
    upcoming: workingOf,
    hasShown,
    patchOf,
  } = createWorkings({ store, api, ask });

  /** @param {string} include */
  const frameOptions = (include) => ({
    since: since(state.history),
    grid: 48,
    axes: state.axes?.join(),
    sample: state.sample === "batch" ? undefined : state.sample,
    include,
  });

  /**
   * Fetch frame and working of a step in one answer, so that they can be shown together.
   * @param {import("../core/wire.js").Experiment} experiment
   * @param {number} step
   * @param {ReturnType<typeof whole>} working
   * @param {ReturnType<typeof frameOptions>} options
   */
  async function fetchStep(experiment, step, { query, complete }, options) {
    // by default the parts that another sample does not change come too
    const once = options.include === LOOK ? LOOK : undefined;
    const wanted = { first: step, ...options, ...query, once };
    const steps = await ask(
      "frame",
      (signal) =>
        api.steps(experiment.id, wanted, signal, (progress) => store.set({ busy: progress })),
      experiment,
    );
    return steps && { frame: steps[0].frame, working: complete(steps[0].trace) };
  }

  /**
   * @param {import("../core/wire.js").Frame} frame
   * @param {Parameters<typeof store.set>[0]} [more] set together with it
   */
  function show(frame, more = {}) {
    const data = dataAt(plain, state.experiment.recipe.edits, frame.step);
    store.set({
      frame: withMaps(frame, state.frame),
      data,
      step: frame.step,
      history: extend(state.history, frame),
      busy: null,
      ...more,
    });
  }

  /**
   * Show a step that was fetched for the player, frame and working together.
   * @param {import("../core/wire.js").Frame} frame
   * @param {import("../core/wire.js").Trace} working of the same step
   */
  const showStep = (frame, working) => show(frame, patchOf(working));

  /**
   * Fetch a frame without showing it.
   * @param {number} step
   * @param {string} include
   * @param {AbortSignal} signal
   */
  const fetchFrame = (step, include, signal) => {
    const { experiment } = state;
    return persist(() => api.frame(experiment.id, step, frameOptions(include), signal), {
      signal,
      experiment,
    });
  };

  /**
   * Fetch steps for the player, without showing them: of each the frame, and of its working what
   * the page shows.
   * @param {{first: number, every: number, count: number, include: string, once: string}} which
   *   include, once: parts of all frames, and further ones of the first
   * @param {AbortSignal} signal
   * @returns {Promise<[Frame, import("../core/wire.js").Trace][]>} at least one
   */
  async function fetchSteps({ include, ...which }, signal) {
    const { experiment } = state;
    const { query, complete } = workingOf(which.first + which.every * (which.count - 1));
    const options = { ...which, ...frameOptions(include), ...query };
    const steps = await persist(() => api.steps(experiment.id, options, signal), {
      signal,
      experiment,
    });
    return steps.map(({ frame, trace: working }) => [frame, complete(working)]);
  }

  /** @param {number} step @returns {Promise<boolean>} whether it was shown */
  async function go(step) {
    const wanted = Math.max(0, Math.round(step));
    if (state.pending) {
      laterStep = wanted;
      return false;
    }
    if (!state.experiment) return false;
    if ("step" in state.problems) store.set({ problems: {} });
    const mine = { step: wanted };
    target = mine;
    const { experiment } = state;
    const found = await fetchStep(experiment, wanted, whole(experiment), frameOptions(EVERYTHING));
    if (target === mine) target = null;
    store.set({ busy: null });
    if (!found) return false;
    showStep(found.frame, found.working);
    await verify();
    return true;
  }

  /** So many steps on, counted from the last requested one. @param {number} by */
  const goBy = (by) =>
    go((state.pending ? (laterStep ?? opening?.step ?? 0) : (target?.step ?? state.step)) + by);

  /** Another sample, or the batch, of the step on screen. */
  async function look() {
    if (target) return go(target.step); // it comes with the sample
    const { experiment, step } = state;
    const found = await fetchStep(experiment, step, whole(experiment), frameOptions(LOOK));
    if (!found || step !== state.step) return; // it plays: the next step comes with the sample
    showStep(found.frame, found.working);
    if (!state.playing) await verify();
  }

  /**
   * Another experiment will be opened: cancel the requests for the present one.
   * @param {{recipe: RecipePart, step: number} | null} [which] if it is known already
   * @returns {() => boolean} whether it is still the newest
   */
  function prepareOpen(which = null) {
    const mine = ++openCount;
    [laterStep, opening, typed] = [null, null, which];
    for (const kind of ["experiment", "data", "frame", "trace", "values"])
      controllers[kind]?.abort();
    store.set({ pending: true, busy: null });
    return () => mine === openCount;
  }

  /**
   * Give the server a recipe and show a step of it. What is on screen stays until the new one is
   * there.
   * @param {RecipePart} recipe
   * @param {number} step
   * @param {() => boolean} [prepared] what `prepareOpen` answered; without it, it is called here
   * @returns {Promise<boolean>} whether it was shown
   */
  async function open(recipe, step, prepared) {
    const isNewest = prepared ?? prepareOpen();
    opening = { recipe, step };
    const shown = await take(recipe, step);
    resolveRequested();
    if (!isNewest()) return shown;
    store.set({ pending: false, busy: null });
    const then = laterStep ?? state.frame?.step;
    laterStep = null;
    // Refused: what was on its way for the step that stays on screen is requested again.
    if (state.frame && (then !== state.step || !shown)) await go(then);
    return shown;
  }

  /**
   * The step with which an experiment appears.
   * @param {import("../core/wire.js").Experiment} experiment
   * @param {number} step
   * @param {number[] | null} axes
   * @param {number | "batch"} sample
   * @param {import("../core/wire.js").Data} [data]
   */
  const firstStep = (experiment, step, axes, sample, data) =>
    fetchStep(experiment, Math.max(0, step), whole(experiment, experiment.recipe, data, sample), {
      ...frameOptions(EVERYTHING),
      since: undefined,
      axes: axes?.join(),
    });

  /**
   * @param {RecipePart} recipe
   * @param {number} step
   * @returns {Promise<boolean>}
   */
  async function take(recipe, step) {
    const answer = await ask("experiment", (signal) => api.createExperiment(recipe, signal));
    if (!answer) return false;
    const known =
      plain &&
      JSON.stringify(state.experiment?.recipe.dataset) === JSON.stringify(answer.recipe.dataset);
    const arriving = known
      ? Promise.resolve(plain)
      : ask("data", (signal) => api.data(answer.id, signal), answer);
    // Every data set has the first sample, and the server chooses axes: then the frame need not
    // wait for the data. Whether Jacobians fit depends on them.
    const { axes: own, sample: chosen, jacobians } = state;
    const anyData = own === null && !jacobians && (chosen === 0 || chosen === "batch");
    const early = anyData ? firstStep(answer, step, null, chosen) : null;
    resolveRequested();
    const data = await arriving;
    if (!data) return false;
    const samples = data.train.x.length;
    const features = data.features.length;
    // evaluated again below: other ones may be chosen while the frame is on its way
    const axesNow = () =>
      state.axes?.every((axis) => axis < features) && features > 1 ? state.axes : null;
    const sampleNow = () => (state.sample === "batch" || state.sample < samples ? state.sample : 0);
    const [axes, sample] = early ? [null, chosen] : [axesNow(), sampleNow()];
    const depth = answer.recipe.network.layers.length;
    // not set yet: the new frame, data and experiment must appear together
    const [before, history] = [state.experiment, emptyHistory(depth)];
    const found =
      (await (early ?? firstStep(answer, step, axes, sample, data))) ??
      // refused for the whole batch alone
      (sample === "batch" && state.sample !== "batch"
        ? await firstStep(answer, step, axes, sampleNow(), data)
        : null);
    if (!found) return false;
    const { frame, working } = found;
    const same = before?.id === answer.id;
    plain = data;
    store.set({
      experiment: answer,
      recipe: answer.recipe,
      data: dataAt(data, answer.recipe.edits, frame.step),
      axes: axesNow(),
      sample: sampleNow(),
      problems: {},
      pending: false,
      busy: null,
      frame,
      step: frame.step,
      history: extend(history, frame),
      ...patchOf(working),
      ...(same ? {} : { hover: null, hoverEntry: null }),
    });
    if (state.axes?.join() !== axes?.join()) await go(state.step);
    else await (hasShown(working) ? verify() : look());
    return true;
  }

  /** The experiment and step that the page will show next; null if it shows them already. */
  function upcoming() {
    const wanted = state.pending ? (opening ?? typed) : null;
    return wanted && { ...wanted, step: laterStep ?? wanted.step };
  }

  return {
    /**
     * Resolved when all that is needed to draw the first experiment is on its way, or when it was
     * refused.
     */
    requested,
    open,
    prepareOpen,
    opening: () => (state.pending ? opening : null),
    upcoming,
    go,
    goBy,
    look,
    trace,
    show,
    fetchFrame,
    fetchSteps,
    hasShown,
    showStep,
    ask,
    persist,
    cancel: (/** @type {string | number} */ kind) => controllers[kind]?.abort(),
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
