/** Texts of the figures. */
export const figures = {
  costTrain: "cost, train",
  costTest: "cost, test",
  /** @param {string} space */
  curvesGrow: (space) => `the curves grow${space}as the network learns`,
  noGradientYet: "no gradient yet",
  notComputedYet: "not computed yet",
  normNow: "norm now",
  trainingSet: "training set",
  afterUpdateHover: "after the update: %{y:.4g}<extra></extra>",
  towardsStart: "towards the start",
  /** @param {number | undefined} seed */
  randomSeed: (seed) => `random, seed ${seed}`,
  stepHover: "step %{customdata[0]}, %{customdata[1]:.2g} off the plane<extra></extra>",
  /** @param {string} cost */
  afterUpdateCost: (cost) => `after the update: cost ${cost}<extra></extra>`,
  notFinite: "not finite",
};
