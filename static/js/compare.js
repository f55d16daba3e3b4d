/**
 * A second run on the same clock: the reference. It follows the step of the run that is shown, never more than one
 * request at a time.
 */
import { Problem } from "./api.js";
import { emptyHistory, extend, since } from "./history.js";

const CALM = 250; // ms between two requests while playing

/** @param {import("./store.js").Store} store @param {import("./api.js").Api} api @param {(recipe: any, step: number) => Promise<void>} open */
export function createComparison(store, api, open) {
  const { state } = store;
  let loading = 0;
  let asking = false;

  async function load() {
    const mine = ++loading;
    const { reference } = state;
    if (!reference) return store.set({ compared: null });
    if (JSON.stringify(state.compared?.experiment.experiment) === JSON.stringify(reference)) return follow();
    try {
      const experiment = await api.createExperiment(reference);
      if (mine !== loading) return;
      store.set({ compared: { experiment, frame: null, history: emptyHistory(experiment.experiment.network.layers.length) }, reference: experiment.experiment });
      await follow();
    } catch (error) {
      if (mine !== loading) return;
      store.set({ reference: null, compared: null, ...(error instanceof Problem ? { failure: { kind: "error", text: `The run to compare with cannot be made here. ${error.message}` } } : {}) });
    }
  }

  async function follow() {
    if (asking || !state.compared || !state.frame) return;
    asking = true;
    try {
      while (state.compared && state.compared.asked !== state.step) {
        const { compared, step } = state;
        const frame = await api.frame(compared.experiment.id, step, { since: since(compared.history), include: "curves,health" });
        if (state.compared?.experiment !== compared.experiment) continue;
        store.set({ compared: { ...state.compared, frame, asked: step, history: extend(compared.history, frame) } });
        if (state.playing) await new Promise((resolve) => setTimeout(resolve, CALM));
      }
    } catch {
      // a lost server is told by those who ask for the run itself; the next step asks again
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
      await open(kept, state.step);
      store.set({ reference: shown });
    },
  };
}

/** @typedef {ReturnType<typeof createComparison>} Comparison */
