/** Texts of the switch between the update of the batch and that of one sample. */
export const whoseUpdate = {
  numbersOf: "Whose update the numbers show",
  /** @param {number} n */
  batch: (n) => `batch of ${n}`,
  /** @param {number} k */
  sample: (k) => `sample ${k}`,
  /** @param {number} n */
  ofBatch: (n) =>
    `Training makes this update: its gradient is that of the batch, ${n} ` +
    `${n === 1 ? "sample" : "samples"}.`,
  /** @param {number} k @param {number} n */
  ofSample: (k, n) =>
    `Sample ${k} alone would make this update; training makes that of the batch of ${n}.`,
  /** @param {string} reduction */
  scaled: (reduction) =>
    `The update of the batch under another scaling; training uses the cost as ${reduction}.`,
};
