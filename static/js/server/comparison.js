/** The reference: a second run. A step that is shown waits for it, visited or played. */

import { withResponses } from "../core/frames.js";
import { emptyHistory, extend, since } from "../core/history.js";
import { TEXT } from "../text/en.js";

/**
 * @param {Store} store @param {Api} api
 * @param {Pick<Session, "persist" | "open" | "showBeside">} session
 */
export function createComparison(store, api, session) {
  const { state } = store;
  let loading = 0;
  let requesting = false;
  let swapping = false;

  const create = (/** @type {Recipe} */ recipe) =>
    session.persist(() => api.createExperiment(recipe));

  /**
   * Frames of the reference: one for each step, fewer if the server's time ends before.
   * @param {Compared} compared @param {{first: number, every?: number, count?: number}} which
   */
  async function framesOf({ experiment, history }, { first, every = 1, count = 1 }) {
    const options = {
      ...{ first, every, count, since: since(history), axes: state.axes?.join() },
      ...{ include: "health", once: "curves,boundary" },
      ...{ sample: 0, lines: "" }, // no working
    };
    const steps = await session.persist(() => api.steps(experiment.id, options), { experiment });
    const frames = steps.map(({ frame }) => frame);
    const last = frames[frames.length - 1];
    while (last.diverged && frames.length < count) frames.push(last);
    return frames;
  }

  function giveUp(/** @type {unknown} */ error) {
    store.set({
      reference: null,
      compared: null,
      failure: {
        kind: "error",
        text: TEXT.server.comparisonFails(error instanceof Error ? error.message : ""),
      },
    });
  }

  async function load() {
    const mine = ++loading;
    const { reference } = state;
    if (!reference) return store.set({ compared: null });
    if (JSON.stringify(state.compared?.experiment.recipe) === JSON.stringify(reference))
      return follow();
    try {
      const experiment = await create(reference);
      if (mine !== loading) return;
      store.set({
        compared: {
          experiment,
          frame: null,
          history: emptyHistory(experiment.recipe.network.layers.length),
        },
        reference: experiment.recipe,
      });
      await follow();
    } catch (error) {
      if (mine === loading) giveUp(error);
    }
  }

  /** @param {Compared} compared @param {Frame} frame @param {number} step */
  const withFrame = (compared, frame, step) => ({
    ...{ ...compared, frame: withResponses(frame, compared.frame), requestedStep: step },
    history: extend(compared.history, frame),
  });

  session.showBeside(async (which, of) => {
    const { compared: before, experiment, frame, history } = state;
    if (!before) return [];
    // both runs are on the page: they change places at once, without another request
    if (swapping && experiment && frame && history && of.id === before.experiment.id)
      return [
        () => ({
          compared: { experiment, frame, history, requestedStep: frame.step },
          reference: experiment.recipe,
        }),
      ];
    const frames = await framesOf(before, which).catch(() => []); // then follow() says why
    return frames.map((frame, k) => () => {
      const { compared } = state;
      if (!compared || compared.experiment !== before.experiment) return {};
      return { compared: withFrame(compared, frame, which.first + k * (which.every ?? 1)) };
    });
  });

  async function follow() {
    if (requesting || !state.compared || !state.frame) return;
    requesting = true;
    try {
      while (state.compared && state.compared.requestedStep !== state.step) {
        const { step } = state;
        /** @type {Compared} */
        const before = state.compared;
        const frames = await framesOf(before, { first: step }).catch((error) => error);
        const { compared } = state;
        if (compared?.experiment !== before.experiment) continue; // another by now, or none
        if (frames instanceof Error) return giveUp(frames);
        if (step !== state.step) continue; // that of the new step came with it
        store.set({ compared: withFrame(compared, frames[0], step) });
      }
    } finally {
      requesting = false;
    }
  }

  /**
   * Of other data there is nothing to compare: neither points nor costs. A card asks for both runs
   * at once, so the experiment may still be on its way.
   */
  function endOfOtherData() {
    const { compared, experiment, pending, reference } = state;
    if (!reference || !compared || !experiment || pending) return;
    if (experiment.recipe.dataset.name === compared.experiment.recipe.dataset.name) return;
    const failure = { kind: /** @type {const} */ ("error"), text: TEXT.server.otherData };
    store.set({ reference: null, compared: null, both: false, failure });
  }

  store.on(["reference"], load);
  store.on(["experiment", "compared", "pending"], endOfOtherData);
  store.on(["frame"], follow);

  return {
    /** Keep the present run as the one to compare with. */
    keep: () => store.set({ reference: state.experiment?.recipe ?? null }),
    end: () => store.set({ reference: null, both: false }),
    /** The reference becomes the run that is shown, and the other way round. */
    async swap() {
      const [shown, kept] = [state.experiment?.recipe ?? null, state.reference];
      if (!kept) return;
      swapping = true;
      const opened = await session.open(kept, state.step);
      swapping = false;
      if (opened) store.set({ reference: shown });
    },
  };
}

/** @typedef {ReturnType<typeof createComparison>} Comparison */
