/**
 * One policy for requests that fail: wait for a lost server, repeat them to a busy one, and give
 * the server an experiment again that it has forgotten.
 */
import { TEXT } from "../text/en.js";
import { isAbort, Lost, Problem } from "./api.js";

const LOST = 1000; // ms between two attempts to reach the server
const BUSY = 300; // ms before a request to a busy server is repeated
const MOST_BUSY = 30; // times in a row
const MOST_FORGOTTEN = 2;

/**
 * @param {Store} store @param {Api} api
 * @param {(ms: number) => Promise<void>} [sleep] replaced in tests
 */
export function createRetry(
  store,
  api,
  sleep = (ms) => new Promise((done) => setTimeout(done, ms)),
) {
  /** @type {Promise<void> | null} one loop, however many requests wait for it */
  let recovering = null;

  /** Resolved when the server answers again. */
  function recover() {
    recovering ??= (async () => {
      store.set({ failure: { kind: "lost", text: TEXT.server.askingAgain } });
      for (;;) {
        await sleep(LOST);
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
   * Run a request until it is answered.
   * @template T @param {() => Promise<T>} run
   * @param {{signal?: AbortSignal, experiment?: Experiment | null}} [of] `experiment`: the one that
   *   the request is about
   * @returns {Promise<T>}
   * @throws {Problem} what the server refuses, and an AbortError when the signal is aborted
   */
  async function persist(run, { signal, experiment } = {}) {
    let busy = 0;
    let forgotten = 0;
    let restore = false;
    for (;;) {
      try {
        if (restore && experiment) {
          const answer = await api.createExperiment(experiment.recipe, signal);
          if (experiment.id === store.state.experiment?.id) store.set({ experiment: answer });
          restore = false;
        }
        return await run();
      } catch (error) {
        if (isAbort(error) || signal?.aborted) throw error;
        if (error instanceof Lost) await recover();
        else if (!(error instanceof Problem)) throw error;
        else if (error.status === 404 && experiment && forgotten < MOST_FORGOTTEN) {
          forgotten += 1;
          restore = true;
        } else if ((error.status === 429 || error.status === 503) && busy < MOST_BUSY) {
          busy += 1;
          await sleep(BUSY);
        } else throw error;
        signal?.throwIfAborted();
      }
    }
  }

  return { recover, persist };
}
