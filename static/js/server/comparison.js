/** The reference: a second run. A step that is shown waits for it, visited or played. */

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

  const create = (/** @type {Recipe} */ recipe) =>
    session.persist(() => api.createExperiment(recipe));

  /** @param {NonNullable<State["compared"]>} compared @param {number} step */
  const frameOf = ({ experiment, history }, step) => {
    const options = {
      since: since(history),
      include: "curves,health,boundary",
      axes: state.axes?.join(),
    };
    return session.persist(() => api.frame(experiment.id, step, options), { experiment });
  };

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

  /** @param {NonNullable<Page["compared"]>} compared @param {Frame} frame @param {number} step */
  const withFrame = (compared, frame, step) => ({
    ...{ ...compared, frame, requestedStep: step },
    history: extend(compared.history, frame),
  });

  session.showBeside(async (step) => {
    const { compared } = state;
    if (!compared || compared.requestedStep === step) return {};
    const frame = await frameOf(compared, step).catch(() => null); // then follow() says why
    const same = state.compared?.experiment === compared.experiment;
    return frame && same ? { compared: withFrame(compared, frame, step) } : {};
  });

  async function follow() {
    if (requesting || !state.compared || !state.frame) return;
    requesting = true;
    try {
      while (state.compared && state.compared.requestedStep !== state.step) {
        const { step } = state;
        /** @type {NonNullable<State["compared"]>} */
        const compared = state.compared;
        const frame = await frameOf(compared, step).catch((error) => error);
        if (state.compared?.experiment !== compared.experiment) continue; // another by now, or none
        if (frame instanceof Error) return giveUp(frame);
        if (step !== state.step) continue; // that of the new step came with it
        store.set({ compared: withFrame(compared, frame, step) });
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
      if (kept && (await session.open(kept, state.step))) store.set({ reference: shown });
    },
  };
}

/** @typedef {ReturnType<typeof createComparison>} Comparison */
