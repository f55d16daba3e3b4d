/** Texts of the figures. */
export const figures = {
  normHover: "‖∂C/∂W‖ of layer %{y} at step %{x:.0f}: %{customdata:.2g}<extra></extra>",
  flowScale: "‖∂C/∂W‖ over the run, from the least to the largest",
  mean: "mean",
  runningMean: "A running mean over the steps: less noise",
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
  /** @param {number} reached @param {number} step @param {string} cost */
  curves: (reached, step, cost) =>
    `Training curves up to step ${reached}; at step ${step} the cost is ${cost}. A click ` +
    "goes to a step.",
  logCost: "Logarithmic axis for the cost",
  horizontal: "horizontal axis",
  vertical: "vertical axis",
  show: "Show",
  /** @param {string} value */
  andOnTest: (value) => ` and ${value} on test`,
  /** @param {string} value @param {string} more */
  onTrain: (value, more) => `${value} on train${more}`,
  /** @param {number} step @param {string} norms */
  gradientSizes: (step, norms) => `Size of the gradient of the weights at step ${step}: ${norms}`,
  /** @param {number} train @param {string} more @param {number} step @param {string} values */
  points: (train, more, step, values) =>
    `${train} training${more} points with the prediction at step ${step}${values}`,
  /** @param {number} n */
  andTestPoints: (n) => ` and ${n} test`,
  /** @param {number} n @param {string} name */
  imageOfSample: (n, name) =>
    `Image of sample ${n}, class ${name}, and how strongly the network says each class`,
  train: "train",
  test: "test",
  log: "log",
  image: "image",
  plane: "plane",
  /** @param {number} layer @param {string} norm */
  layerNorm: (layer, norm) => `layer ${layer} ${norm}`,
  input: "input",
  output: "output",
  /** @param {number} n */
  layer: (n) => `layer ${n}`,
  reads: "reads ",
  computes: "computes ",
  /** @param {string} cost */
  costNow: (cost) => `now: cost ${cost}<extra></extra>`,
  /** @param {string} part */
  ofReference: (part) => `reference, ${part} %{y:.4g}<extra></extra>`,
  /** @param {string} score */
  ofTrain: (score) => `${score}, train`,
  /** @param {string} score */
  ofTest: (score) => `${score}, test`,
  layerAxis: "layer",
  stepAxis: "step",
  costAxis: "cost",
  alongGradient: "t, at θ − t·∂C/∂θ",
};
