/** Texts of the health table. */
export const health = {
  title: "Health of each layer",
  shareZero: "Share of units that are 0 for every training sample (ReLU)",
  shareFlat: "Share of outputs on the flat ends (sigmoid, tanh)",
  meanStd: "Of the layer's outputs over the training set",
  updateRatio:
    "How far the next update moves the weights, as a share of their size: about 0.001 is " +
    "usual",
  gradientSpread: "How the entries of the gradient are spread, from the smallest to the largest",
  /** @param {number} step */
  healthAt: (step) => `Health of each layer at step ${step}`,
  /** @param {string} from @param {string} to */
  entriesFromTo: (from, to) => `entries from ${from} to ${to}`,
  layer: "layer",
  dead: "dead",
  saturated: "saturated",
  meanStdName: "mean ± std",
};
