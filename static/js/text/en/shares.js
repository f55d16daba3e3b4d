/** Texts of a gradient sample by sample. */
export const shares = {
  inOrder: "in order",
  asTheBatch: "As the batch has them",
  bySize: "by size",
  orderOfBars: "Order of the bars",
  sampleOfBatch: "Sample of the batch",
  goToIt: "go to it",
  backToBatch: "back to the batch",
  sampleBySample: "sample by sample",
  andSampleBySample: " sample by sample",
  /** @param {number} percent */
  percentOfSum: (percent) => `, ${percent} % of the sum`,
  /** @param {number} n */
  eachIsPart: (n) =>
    ` Each is 1/${n} of what its sample alone would give: the entry is the mean of those.`,
  onePart: "The one part is",
  /** @param {number} n */
  togetherParts: (n) => `Together the ${n} parts are`,
  /** @param {string} penalty @param {string} value */
  withPenalty: (penalty, value) => `; with the penalty's ${penalty} that is the entry, ${value}`,
  theEntry: ", the entry",
  everyPartIsZero: " Every part is 0",
  pullsHardestLayer: " pulls hardest on the whole layer",
  pullsHardestHere: " pulls hardest here",
  onTheWholeLayer: " on the whole layer",
  /** @param {number} n */
  partOfThis: (n) => `1/${n} of this`,
  allOfThis: "all of this",
  /** @param {number} size @param {string} part @param {string} scale */
  inTheBatch: (size, part, scale) => `In the batch of ${size} its part is ${part}, ${scale}.`,
  /** @param {number} row @param {string} more */
  sampleAlone: (row, more) => `Sample ${row} alone.${more}`,
  whatSampleBrings: "What each sample brings to the chosen entry",
  /** @param {number} row @param {string} target */
  sampleNamed: (row, target) => `sample ${row}${target}`,
  here: " here; ",
};
