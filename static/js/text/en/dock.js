/** Texts of the dock and its figures. */

/**
 * Texts of the dock: of each figure its tab, its heading and the tooltip of its tab.
 * @satisfies {Texts}
 */
export const dock = {
  network: "Network",
  /** @type {Record<string, {text: string, heading: string, title?: string}>} in this order */
  figures: {
    data: { text: "Data", heading: "Data and prediction" },
    "gradient-flow": { text: "Flow", heading: "Gradient flow" },
    health: {
      text: "Health",
      heading: "Health",
      title: "Dead and saturated units, size of the update, spread of the gradient",
    },
    cost: {
      text: "Cost",
      heading: "Cost nearby",
      title: "The cost along the gradient, and over a plane with the path so far",
    },
    map: {
      text: "Map",
      heading: "Map of runs",
      title: "Many runs over two settings, each a square",
    },
    "training-curves": { text: "Curves", heading: "Training" },
  },
};

/** Texts of the figures. @satisfies {Texts} */
export const figures = {
  normHover: "‖∂C/∂W‖ of layer %{y} at update %{x:.0f}: %{customdata:.2g}<extra></extra>",
  flowScale: "‖∂C/∂W‖ over the run, from the least to the largest",
  mean: "mean",
  runningMean: "A running mean over the updates: less noise",
  costTrain: "cost, train",
  costTest: "cost, test",
  curvesGrow: (space) => `the curves grow${space}as the network learns`,
  noGradientYet: "no gradient yet",
  notComputedYet: "not computed yet",
  normNow: "norm now",
  trainingSet: "training set",
  afterUpdateHover: "after the update: %{y:.4g}<extra></extra>",
  towardsStart: "towards the start",
  randomSeed: (/** @type {number | undefined} */ seed) => `random, seed ${seed}`,
  stepHover: "update %{customdata[0]}, %{customdata[1]:.2g} off the plane<extra></extra>",
  afterUpdateCost: (cost) => `after the update: cost ${cost}<extra></extra>`,
  curves: (reached, step, cost) =>
    `Training curves up to update ${reached}; at update ${step} the cost is ${cost}. A click ` +
    "goes to an update.",
  logCost: "Logarithmic axis for the cost",
  horizontal: "horizontal axis",
  vertical: "vertical axis",
  show: "Show",
  andOnTest: (value) => ` and ${value} on test`,
  onTrain: (value, more) => `${value} on train${more}`,
  gradientSizes: (step, norms) => `Size of the gradient of the weights at update ${step}: ${norms}`,
  points: (train, more, step, values) =>
    `${train} training${more} points with the prediction at update ${step}${values}`,
  andTestPoints: (n) => ` and ${n} test`,
  train: "train",
  test: "test",
  log: "log",
  image: "image",
  plane: "plane",
  layerNorm: (layer, norm) => `layer ${layer} ${norm}`,
  input: "input",
  output: "output",
  reads: "reads ",
  computes: "computes ",
  costNow: (cost) => `now: cost ${cost}<extra></extra>`,
  ofReference: (part) => `reference, ${part} %{y:.4g}<extra></extra>`,
  ofTrain: (score) => `${score}, train`,
  ofTest: (score) => `${score}, test`,
  layerAxis: "layer",
  stepAxis: "update",
  costAxis: "cost",
  alongGradient: "t, at θ − t·∂C/∂θ",
};

/** Texts of the health table. @satisfies {Texts} */
export const health = {
  title: "Health of each layer",
  partZero: "Fraction of units that are 0 for every training sample (ReLU)",
  partFlat: "Fraction of outputs on the flat ends (sigmoid, tanh)",
  meanStd: "Of the layer's outputs over the training set",
  updateRatio:
    "How far the next update moves the weights, as a fraction of their size: about 0.001 is " +
    "usual",
  gradientSpread: "How the entries of the gradient are spread, from the smallest to the largest",
  healthAt: (step) => `Health of each layer at update ${step}`,
  entriesFromTo: (from, to) => `entries from ${from} to ${to}`,
  layer: "layer",
  dead: "dead",
  saturated: "saturated",
  meanStdName: "mean ± std",
};

/**
 * Texts about the cost around a step. A summary is one line, a sentence its tooltip.
 * @satisfies {Texts}
 */
export const cost = {
  notFinite: "The cost is not finite in this plane.",
  flat: "Flat: the cost does not depend on these two.",
  noGradient: "The gradient is zero here: there is no direction to go.",
  fallsSummary: " · still falls at the end",
  fallsSentence: " The training set's cost still falls at the end of this line.",
  leastSummary: (t) => ` · ▽ at t = ${t}`,
  leastSentence: (t, least) =>
    ` Along this line the training set's cost is least at t = ${t}, where it is ${least}.`,
  noPlaceSummary: (least) => `The update has no place here${least}`,
  noPlaceSentence: (least) => `The update has no place on this line.${least}`,
  /**
   * @param {string} t @param {string} off fraction of the way beside the line, or empty
   * @param {string} before @param {string} after @param {string} least
   */
  updateSummary: (t, off, before, after, least) =>
    `◆ t = ${t}${off && ` (${off} beside)`}: ${before} → ${after}${least}`,
  /**
   * @param {string} t @param {string} off fraction of the way beside the line, or empty
   * @param {string} before @param {string} after @param {string} least
   */
  updateSentence: (t, off, before, after, least) =>
    `The update goes to t = ${t}${off && `, ${off} of its way beside the line`}: ` +
    `the training set's cost goes from ${before} to ${after}.${least}`,
  path: (steps) => `The line is the training so far, ${steps} updates of it, the square its start.`,
  noPath: "The network is too large for its path to be kept.",
  rows: (samples, all) => (samples < all ? `the first ${samples} of ${all}` : `all ${samples}`),
  /**
   * @param {{now: string, next: string, least: string, samples: number, all: number,
   *   path: boolean}} about
   */
  planeSummary: ({ now, next, least, samples, all, path }) =>
    `○ now ${now}${samples < all ? ` of ${samples} rows` : ""} · ◆ update ${next} · ` +
    `least here ${least}${path ? " · ■ start" : ""}`,
  /**
   * @param {{now: string, next: string, least: string, rows: string, across: string, up: string,
   *   path: string}} about
   */
  planeSentence: ({ now, next, least, rows, across, up, path }) =>
    `The cost is ${now}, after the update (◆) ${next}; the least in this plane is ` +
    `${least}, of ${rows} rows. Across: ${across}; up: ${up}. ${path}`,
  chosen: "chosen",
};

/** Texts of the figure of the cost around a step. @satisfies {Texts} */
export const slices = {
  batchGradient: "batch's gradient",
  trainingGradient: "training set's gradient",
  twoWeights: "two weights",
  whatIsCut: "What is cut through the cost",
  randomSeed: "Seed of the random direction",
  anotherDirection: "Another random direction",
  weightEntry: (title) => `${title}, as W1[0,2] or b2[1]: rows are inputs, counted from 0`,
  horizontalWeight: "Horizontal weight",
  verticalWeight: "Vertical weight",
  chosenWeight:
    "The weight chosen in the network or the working becomes the vertical one, and the " +
    "vertical one horizontal",
  larger: "Larger",
  computing: "The cost is being computed …",
  title: "The cost around the present parameters",
  drawNow: "draw now",
  aroundStep: "The cost around this update",
  thisIsStep: (step) => `This is update ${step}.`,
  another: "another",
  costAroundStep: (step, more) => `The cost around update ${step}. ${more}`,
  gradientAndRandom: "gradient × random",
  gradientAndStart: "gradient × start",
};

/** Texts of the map of runs. @satisfies {Texts} */
export const map = {
  /** Names of settings, by field. @type {Record<string, string>} */
  settings: {
    "optimizer.learning_rate": "learning rate η",
    "optimizer.name": "method",
    "penalty.l1": "penalty λ₁",
    "penalty.l2": "penalty λ₂",
    "batch.size": "batch size",
    "batch.seed": "seed of the batches",
    "network.seed": "seed of the weights",
    "network.depth": "hidden layers",
    "network.units": "units of hidden layers",
    "network.activation": "activation of hidden layers",
    "network.initializer": "initial weights",
    "dataset.seed": "seed of the data",
    "dataset.noise": "noise of the data",
    "dataset.samples": "samples",
  },
  ofLayer: (setting, layer) => `${setting} of layer ${layer}`,
  rateOfLayer: (layer) => `η of layer ${layer}`,
  noValue: "no value",
  divergedAt: (step) => `diverged at update ${step}`,
  /** @param {string} measure @param {string} value @param {string | null} spread */
  measured: (measure, value, spread) =>
    `${measure} ${value}${spread === null ? "" : ` ± ${spread}`}`,
  cell: (where, said) => `${where}: ${said}`,
  at: (setting, value) => `${setting} ${value}`,
  value: "value",

  cellsComputed: "Cells computed",
  tools: "Map",
  axes: "axes…",
  stop: "stop",
  stopTitle: "Stop computing; what is there stays",
  goOn: "go on",
  open: "open run",
  openTitle: "Open this cell's run beside the present one (Enter)",
  zoom: "zoom",
  zoomTitle: "Compute the marked rectangle anew (z)",
  back: "back",
  backTitle: "The map before (Backspace)",
  row: "row",
  rowTitle: "Training curves of this row",
  column: "column",
  columnTitle: "Training curves of this column",
  numpy: "NumPy",
  numpyTitle: "Copy the map as NumPy",
  csv: "CSV",
  csvTitle: "Save the map as CSV",
  larger: "larger",
  largerTitle: "The map over the whole window",
  close: "Close (Esc)",
  best: "the best run",
  diverged: "diverged, the paler the later",
  keys:
    "Arrows move between cells, with Shift they mark a rectangle, b goes to the best cell, Enter " +
    "opens the run, z computes the rectangle anew.",
  beingComputed: "The map is being computed.",
  chooseAxes: "Choose the settings of another map: axes…",
  whatItShows: (step) =>
    "A map trains this network many times, once for each cell: with other learning rates across, " +
    `with other penalties up. The colour is the test cost after ${step} updates. A press on a ` +
    "cell opens its run.",
  drawUsual: "Draw this map",
  described: (rows, columns, cell) => `Map of ${rows} by ${columns} runs. ${cell}`,
  /** @param {number} percent @param {number | null} seconds */
  percentDone: (percent, seconds) =>
    ` · ${percent} %${seconds === null ? "" : `, ${seconds} s left`}`,
  stopped: " · stopped",
  copied: "Copied.",

  costsOf: {
    row: "Training cost of the runs of this row",
    column: "Training cost of the runs of this column",
  },
  curvesBeingComputed: "The curves are being computed.",
  noCurves: "The curves cannot be computed.",
  /** @param {string} value @param {string} cost @param {number | undefined} step */
  curve: (value, cost, step) => `${value}: training cost ${cost} at update ${step}`,

  rowAxis: "rows (up)",
  columnAxis: "columns (across)",
  colour: "colour",
  costToReach: "cost to reach",
  afterSteps: "after updates",
  runsPerCell: "runs per cell",
  draw: "Draw",
  none: "none",
  settingOf: (axis) => `Setting of the ${axis}`,
  point: "point",
  pointTitle: "Point at a setting of the form, or at a weight in a matrix",
  scaleOf: (axis) => `Scale of the ${axis}`,
  scales: { log: "log", linear: "linear", listed: "listed" },
  from: "From",
  to: "To",
  valueCount: "Number of values",
  partOf: (part, axis) => `${part} of the ${axis}`,
  valuesOf: (axis) => `Values of the ${axis}, separated by commas`,
  notNumbers: (axis) => `${axis}: from, to and count are numbers.`,
  notWhole: "Steps and runs are whole numbers.",
};
