/**
 * The requests of the page and their order: an experiment, its data, a step, then the proof of its
 * working. A step is a frame and a working that come in one answer and are shown together, whether
 * it is visited or played. A newer request cancels an older one of its kind; retry.js says when one
 * is repeated.
 */

import { dataAt } from "../core/data-edits.js";
import { withResponses } from "../core/frames.js";
import { emptyHistory, extend, since } from "../core/history.js";
import { chooseSample, oneSample } from "../state/samples.js";
import { isAbort, Problem } from "./api.js";
import { createRetry } from "./retry.js";
import { createWorkings } from "./workings.js";

/**
 * @typedef {{frame: Frame, working: Trace, beside?: () => Partial<State>}} Step beside: of another
 *   run
 */
/**
 * What the page will show: a step of the shown experiment, or, while `pending`, of another one.
 * recipe: of that one, if it is known; sent: nobody types it any more; later: a step of it that was
 * chosen meanwhile.
 * @typedef {{step: number, recipe?: RecipePart, sent?: boolean, later?: number}} Wanted
 */

const EVERYTHING = "parameters,gradients,neurons,boundary,curves,health,maps";
const LOOK = "parameters,gradients,neurons,health"; // what another sample changes

/** @param {Store} store @param {Api} api */
export function createSession(store, api) {
  const { state } = store;
  const { persist } = createRetry(store, api);
  /** @type {Record<string, AbortController>} one request of each kind at a time */
  const controllers = {};
  /** @type {Wanted | null} null: the page shows it */
  let wanted = null;
  /** @type {Data} the data before any edit; the page has those of its step */
  let plain;
  /**
   * What is shown beside steps: none, or one for each that can be shown.
   * @type {(which: {first: number, every?: number, count?: number}, of: Experiment) =>
   *   Promise<(() => Partial<State>)[]>}
   */
  let fetchBeside = async () => [];
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
   * @param {string} kind @param {(signal: AbortSignal) => Promise<T>} run
   * @param {Experiment | null} [of] the experiment it is about
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

  function tell(/** @type {unknown} */ error) {
    if (!(error instanceof Problem)) throw error;
    const { first, sample, ...fields } = error.fields;
    const problems = first ? { ...fields, step: first } : fields;
    if (Object.keys(problems).length) return store.set({ problems });
    store.set({ failure: { kind: "error", text: sample ?? error.message } });
    // the batch is too large for a working
    if (sample && state.sample === "batch") chooseSample(store, oneSample(state));
  }

  const { verify, workingOf, hasShown, patchOf } = createWorkings({ store, api, ask });

  const frameOptions = () => ({
    since: since(state.history),
    grid: 48,
    axes: state.axes?.join(),
    sample: state.sample === "batch" ? undefined : state.sample,
  });

  /**
   * Fetch steps without showing them; what is not in `which` is as the page shows it now.
   * @param {string} kind of the request
   * @param {{first: number, every?: number, count?: number, include: string, once?: string,
   *   since?: number, axes?: string}} which include, once: parts of all frames, and further ones of
   *   the first
   * @param {{experiment: Experiment | null, data?: Data | null, sample?: number | "batch"}} [of]
   * @returns {Promise<Step[] | null>} at least one; null if it was cancelled or refused
   */
  async function fetchSteps(kind, which, { experiment, data, sample } = state) {
    if (!experiment) return null;
    const { first, every = 1, count = 1 } = which;
    const playing = kind === "play";
    const last = first + every * (count - 1);
    const working = workingOf(last, playing, experiment, experiment.recipe, data, sample);
    const options = Object.assign({ first }, frameOptions(), which, working.query);
    const tellProgress = (/** @type {Progress} */ busy) => store.set({ busy });
    const answer = await ask(
      kind,
      (signal) =>
        Promise.all([
          api.steps(experiment.id, options, signal, playing ? undefined : tellProgress),
          fetchBeside(which, experiment),
        ]),
      experiment,
    );
    if (!answer) return null;
    const [steps, beside] = answer;
    return steps
      .slice(0, beside.length || steps.length)
      .map(({ frame, trace }, k) => ({
        ...{ frame, working: working.complete(trace), beside: beside[k] },
      }));
  }

  /** @param {Step} step @param {Partial<State>} [more] set together with it */
  function show({ frame, working, beside }, more = {}) {
    const { experiment = state.experiment, history = state.history } = more;
    const edits = experiment?.recipe.edits;
    store.set({
      ...more,
      ...beside?.(),
      frame: experiment?.id === state.experiment?.id ? withResponses(frame, state.frame) : frame,
      data: dataAt(plain, edits, frame.step),
      step: frame.step,
      history: extend(history ?? emptyHistory(frame.layers.length), frame),
      busy: null,
      ...patchOf(working),
    });
  }

  /**
   * Fetch a frame without showing it.
   * @param {number} step @param {string} include @param {AbortSignal} signal
   */
  const fetchFrame = (step, include, signal) => {
    const { experiment } = /** @type {State} the page shows one */ (state);
    const options = { ...frameOptions(), include };
    return persist(() => api.frame(experiment.id, step, options, signal), { signal, experiment });
  };

  /** @param {number} step @returns {Promise<boolean>} whether it was shown */
  async function go(step) {
    const mine = { step: Math.max(0, Math.round(step)) };
    if (state.pending && wanted) {
      wanted.later = mine.step;
      return false;
    }
    if (!state.experiment) return false;
    if ("step" in state.problems) store.set({ problems: {} });
    wanted = mine;
    const steps = await fetchSteps("step", { first: mine.step, include: EVERYTHING });
    if (wanted === mine) wanted = null;
    store.set({ busy: null });
    if (!steps) return false;
    show(steps[0]);
    await verify();
    return true;
  }

  /** So many steps on, counted from the last requested one. @param {number} by */
  const goBy = (by) => go((wanted ? (wanted.later ?? wanted.step) : state.step) + by);

  /** The step on screen with another sample, or with its working written in another way. */
  async function look() {
    if (wanted) return go(wanted.step); // it comes with the sample
    const { step } = state;
    const steps = await fetchSteps("step", { first: step, include: LOOK, once: LOOK });
    if (!steps || step !== state.step) return; // it plays: the next step comes with the sample
    show(steps[0]);
    if (!state.playing) await verify();
  }

  /**
   * Another experiment will be opened: cancel the requests for the present one.
   * @param {{recipe: RecipePart, step: number} | null} [which] if it is known already
   * @returns {() => boolean} whether it is still the newest
   */
  function prepareOpen(which = null) {
    /** @type {Wanted} */
    const mine = { step: 0, ...which };
    wanted = mine;
    for (const kind of ["experiment", "data", "step", "trace", "values"])
      controllers[kind]?.abort();
    store.set({ pending: true, busy: null });
    return () => wanted === mine;
  }

  /**
   * Give the server a recipe and show a step of it. What is on screen stays until the new one is
   * there.
   * @param {RecipePart} recipe @param {number} step
   * @param {() => boolean} [prepared] what `prepareOpen` answered; without it, it is called here
   * @returns {Promise<boolean>} whether it was shown
   */
  async function open(recipe, step, prepared) {
    if (!prepared?.()) prepareOpen();
    const mine = /** @type {Wanted} */ (wanted);
    Object.assign(mine, { step, recipe, sent: true });
    const opened = await take(recipe, step);
    resolveRequested();
    if (wanted !== (opened ? null : mine)) return opened !== null; // something newer is on its way
    wanted = null;
    store.set({ pending: false, busy: null });
    const then = mine.later ?? state.frame?.step;
    // Refused: what was on its way for the step that stays on screen is requested again.
    const fits = opened && state.axes?.join() === opened.axes?.join();
    if (then !== undefined && (then !== state.step || !fits)) await go(then);
    else if (opened && state.trace) await (hasShown(state.trace) ? verify() : look());
    return opened !== null;
  }

  /**
   * @param {RecipePart} recipe @param {number} step
   * @returns {Promise<{axes: number[] | null} | null>} the axes of the figure that was shown; null
   *   if nothing was
   */
  async function take(recipe, step) {
    const experiment = await ask("experiment", (signal) => api.createExperiment(recipe, signal));
    if (!experiment) return null;
    const known =
      plain &&
      JSON.stringify(state.experiment?.recipe.dataset) ===
        JSON.stringify(experiment.recipe.dataset);
    const arriving = known
      ? Promise.resolve(plain)
      : ask("data", (signal) => api.data(experiment.id, signal), experiment);
    /** @param {number[] | null} axes @param {number | "batch"} sample @param {Data} [data] */
    const firstStep = (axes, sample, data) =>
      fetchSteps(
        "step",
        { first: step, include: EVERYTHING, since: undefined, axes: axes?.join() },
        { experiment, data, sample },
      );
    // Every data set has the first sample, and the server chooses axes: then the frame need not
    // wait for the data. Whether Jacobians fit depends on them.
    const { axes: chosenAxes, sample: chosen, jacobians } = state;
    const anyData = chosenAxes === null && !jacobians && (chosen === 0 || chosen === "batch");
    const early = anyData ? firstStep(null, chosen) : null;
    resolveRequested();
    const data = await arriving;
    if (!data) return null;
    const samples = data.train.x.length;
    const features = data.features.length;
    // evaluated again below: other ones may be chosen while the frame is on its way
    const axesNow = () =>
      state.axes?.every((axis) => axis < features) && features > 1 ? state.axes : null;
    const sampleNow = () => (state.sample === "batch" || state.sample < samples ? state.sample : 0);
    const [axes, sample] = early ? [null, chosen] : [axesNow(), sampleNow()];
    const steps =
      (await (early ?? firstStep(axes, sample, data))) ??
      // refused for the whole batch alone
      (sample === "batch" && state.sample !== "batch"
        ? await firstStep(axes, sampleNow(), data)
        : null);
    if (!steps) return null;
    const same = state.experiment?.id === experiment.id;
    [plain, wanted] = [data, null];
    show(steps[0], {
      experiment,
      recipe: experiment.recipe,
      axes: axesNow(),
      sample: sampleNow(),
      problems: {},
      pending: false,
      history: emptyHistory(experiment.recipe.network.layers.length),
      ...(same ? {} : { hover: null, hoverEntry: null }),
    });
    return { axes };
  }

  /** An experiment and a step of it. @param {Wanted | null} of */
  const recipeAndStep = (of) =>
    state.pending && of?.recipe ? { recipe: of.recipe, step: of.later ?? of.step } : null;

  return {
    /**
     * Resolved when all that is needed to draw the first experiment is on its way, or when it was
     * refused.
     */
    requested,
    open,
    prepareOpen,
    /** The experiment that the server has been given, and its step. */
    opening: () => recipeAndStep(wanted?.sent ? wanted : null),
    /** The experiment and step that the page will show next; null if it shows them already. */
    upcoming: () => recipeAndStep(wanted),
    go,
    goBy,
    look,
    show,
    showBeside(/** @type {typeof fetchBeside} */ fetch) {
      fetchBeside = fetch;
    },
    fetchFrame,
    fetchSteps,
    hasShown,
    ask,
    persist,
    cancel: (/** @type {string} */ kind) => controllers[kind]?.abort(),
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
