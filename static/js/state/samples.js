/**
 * Whose numbers the page shows: those of one sample, or of the batch. Training updates with the
 * batch, so the lines of an update show the batch's, unless `numbers` says "sample". The lines
 * before them have another choice, which `sampleBefore` keeps meanwhile.
 */
import { isUpdate } from "../core/names.js";

/** The sample that is shown, or was before the batch. @param {Page} state */
export const oneSample = ({ sample, sampleBefore, lastSample }) =>
  [sample, sampleBefore].find((each) => typeof each === "number") ?? lastSample;

/**
 * Choose whose numbers are shown: on the lines of an update for these alone, but all lines show the
 * same one sample.
 * @param {Store} store @param {number | "batch"} sample
 */
export function chooseSample({ state, set }, sample) {
  const lastSample = oneSample(state);
  if (!isUpdate(state.line)) return set({ sample, sampleBefore: null, lastSample });
  const before = state.sampleBefore ?? state.sample;
  const kept = before === "batch" || sample === "batch" ? before : sample;
  const numbers = sample === "batch" ? "batch" : "sample";
  set({ sample, numbers, lastSample, sampleBefore: kept === sample ? null : kept });
}

/** From the batch to the last sample, or back. @param {Store} store */
export const toggleBatch = (store) =>
  chooseSample(store, store.state.sample === "batch" ? oneSample(store.state) : "batch");

/** So many samples on; of the batch to the first. @param {Store} store @param {number} by */
export function moveSample(store, by) {
  const { sample, data } = store.state;
  const n = data?.train.x.length ?? 0;
  if (n) chooseSample(store, sample === "batch" ? 0 : (sample + by + n) % n);
}

export function followUpdates(/** @type {Store} */ store) {
  const { state } = store;
  store.on(["line", "sample", "numbers", "data"], () => {
    const { sample, sampleBefore, data, numbers } = state;
    const rows = data?.train.x.length ?? Infinity;
    const known = (/** @type {number} */ one) => (one < rows ? one : 0);
    // a single sample is the batch
    if (isUpdate(state.line) && rows > 1) {
      if ((sample === "batch") === (numbers === "batch")) return;
      const others = sampleBefore ?? sample;
      const chosen = numbers === "batch" ? "batch" : known(oneSample(state));
      store.set({ sample: chosen, sampleBefore: others === chosen ? null : others });
    } else if (sampleBefore !== null) {
      const back = sample !== "batch" && sampleBefore !== "batch" ? sample : sampleBefore;
      store.set({ sample: back === "batch" ? back : known(back), sampleBefore: null });
    }
  });
}
