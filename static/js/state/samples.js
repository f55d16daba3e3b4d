/**
 * Whose numbers the page shows: those of one sample, or of the batch. Training updates with the
 * batch, so the lines of an update show the batch's, unless `numbers` says "sample"; the lines
 * before them show the sample again.
 */
import { isUpdate } from "../core/names.js";

/**
 * Choose whose numbers are shown, on the lines of an update, too.
 * @param {Store} store @param {number | "batch"} sample
 */
export const chooseSample = ({ state, set }, sample) =>
  set({
    sample,
    sampleBefore: null,
    ...(isUpdate(state.line) ? { numbers: sample === "batch" ? "batch" : "sample" } : {}),
  });

/** From the batch to the sample before, or back. @param {Store} store */
export const toggleBatch = (store) =>
  chooseSample(store, store.state.sample === "batch" ? (store.state.sampleBefore ?? 0) : "batch");

/** So many samples on; of the batch to the first. @param {Store} store @param {number} by */
export function moveSample(store, by) {
  const { sample, data } = store.state;
  const n = data?.train.x.length ?? 0;
  if (n) chooseSample(store, sample === "batch" ? 0 : (sample + by + n) % n);
}

/** @param {Store} store */
export function followUpdates(store) {
  const { state } = store;
  store.on(["line", "sample", "numbers", "data"], () => {
    const { sample, sampleBefore, data } = state;
    const rows = data?.train.x.length ?? Infinity;
    // a single sample is the batch
    if (isUpdate(state.line) && state.numbers === "batch" && rows > 1) {
      if (sample !== "batch") store.set({ sample: "batch", sampleBefore: sample });
    } else if (sampleBefore !== null) {
      const back = sample !== "batch" ? sample : sampleBefore < rows ? sampleBefore : 0;
      store.set({ sample: back, sampleBefore: null });
    }
  });
}
