/** Texts of the map of runs. */
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
  /** @param {string} setting @param {number} layer */
  ofLayer: (setting, layer) => `${setting} of layer ${layer}`,
  /** @param {number} layer */
  rateOfLayer: (layer) => `η of layer ${layer}`,
  notComputedYet: "not computed yet",
  noValue: "no value",
  /** @param {number} step */
  divergedAt: (step) => `diverged at step ${step}`,
  /** @param {string} measure @param {string} value @param {string | null} spread */
  measured: (measure, value, spread) =>
    `${measure} ${value}${spread === null ? "" : ` ± ${spread}`}`,
  /** @param {string} where @param {string} said */
  cell: (where, said) => `${where}: ${said}`,
  /** @param {string} setting @param {string} value */
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
  picture: "picture",
  pictureTitle: "Save the map as a picture",
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
  /** @param {number} step */
  whatItShows: (step) =>
    "A map trains this network many times, once for each cell: with other learning rates across, " +
    `with other penalties up. The colour is the test cost after ${step} steps. A press on a cell ` +
    "opens its run.",
  drawUsual: "Draw this map",
  /** @param {number} rows @param {number} columns @param {string} cell */
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
  curve: (value, cost, step) => `${value}: training cost ${cost} at step ${step}`,

  rowAxis: "rows (up)",
  columnAxis: "columns (across)",
  colour: "colour",
  costToReach: "cost to reach",
  afterSteps: "after steps",
  runsPerCell: "runs per cell",
  draw: "Draw",
  none: "none",
  /** @param {string} axis */
  settingOf: (axis) => `Setting of the ${axis}`,
  point: "point",
  pointTitle: "Point at a setting of the form, or at a weight in a matrix",
  /** @param {string} axis */
  scaleOf: (axis) => `Scale of the ${axis}`,
  scales: { log: "log", linear: "linear", listed: "listed" },
  from: "From",
  to: "To",
  valueCount: "Number of values",
  /** @param {string} part @param {string} axis */
  partOf: (part, axis) => `${part} of the ${axis}`,
  /** @param {string} axis */
  valuesOf: (axis) => `Values of the ${axis}, separated by commas`,
  /** @param {string} axis */
  notNumbers: (axis) => `${axis}: from, to and count are numbers.`,
  notWhole: "Steps and runs are whole numbers.",
};
