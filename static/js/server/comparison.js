/**
 * A second run on the same clock: the reference. It follows the step of the run that is shown, never more than one
 * request at a time. A lost server is waited for; a run that it has forgotten is given to it again.
 */

import { emptyHistory, extend, since } from "../core/history.js";
import { Lost, Problem } from "./api.js";

const CALM = 250; // ms between two requests while playing, and to a server that is busy
const calm = () => new Promise((resolve) => setTimeout(resolve, CALM));

/** @param {import("../state/store.js").Store} store @param {import("./api.js").Api} api @param {import("./session.js").Session} session */
export function createComparison(store, api, session) {
  const { state } = store;
  let loading = 0;
  let asking = false;

  /** @template T @param {() => Promise<T>} run @returns {Promise<T>} once the server is there and has time */
  async function patiently(run) {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (error instanceof Lost) await session.recover();
        else if (error instanceof Problem && (error.status === 429 || error.status === 503))
          await calm();
        else throw error;
      }
    }
  }

  const create = (recipe) => patiently(() => api.createExperiment(recipe));

  /** @param {any} compared @param {number} step */
  async function frameOf({ experiment, history }, step) {
    const ask = () =>
      patiently(() =>
        api.frame(experiment.id, step, { since: since(history), include: "curves,health" }),
      );
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
      await create(experiment.experiment); // forgotten
      return ask();
    }
  }

  /** @param {unknown} error */
  function letGo(error) {
    store.set({
      reference: null,
      compared: null,
      failure: {
        kind: "error",
        text: `The run to compare with cannot be shown here. ${error.message}`,
      },
    });
  }

  async function load() {
    const mine = ++loading;
    const { reference } = state;
    if (!reference) return store.set({ compared: null });
    if (JSON.stringify(state.compared?.experiment.experiment) === JSON.stringify(reference))
      return follow();
    try {
      const experiment = await create(reference);
      if (mine !== loading) return;
      store.set({
        compared: {
          experiment,
          frame: null,
          history: emptyHistory(experiment.experiment.network.layers.length),
        },
        reference: experiment.experiment,
      });
      await follow();
    } catch (error) {
      if (mine === loading) letGo(error);
    }
  }

  async function follow() {
    if (asking || !state.compared || !state.frame) return;
    asking = true;
    try {
      while (state.compared && state.compared.asked !== state.step) {
        const { compared, step } = state;
        const frame = await frameOf(compared, step).catch((error) => error);
        if (state.compared?.experiment !== compared.experiment) continue; // another by now, or none
        if (frame instanceof Error) return letGo(frame);
        store.set({
          compared: {
            ...state.compared,
            frame,
            asked: step,
            history: extend(compared.history, frame),
          },
        });
        if (state.playing) await calm();
      }
    } finally {
      asking = false;
    }
  }

  store.on(["reference"], load);
  store.on(["frame"], follow);

  return {
    /** Keep the present run as the one to compare with. */
    pin: () => store.set({ reference: state.experiment.experiment }),
    unpin: () => store.set({ reference: null }),
    /** The reference becomes the run that is shown, and the other way round. */
    async swap() {
      const [shown, kept] = [state.experiment.experiment, state.reference];
      if (await session.open(kept, state.step)) store.set({ reference: shown });
    },
  };
}

/** @typedef {ReturnType<typeof createComparison>} Comparison */
