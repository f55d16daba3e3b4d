/** Texts of the working of a line, and of what is around it. */

/** Texts of a line of the working. @satisfies {Texts} */
export const working = {
  lineOf: (n, all) => `line ${n} of ${all}`,
  thisLineIs: (what) => `This line is ${what}.`,
  newValueOf: (name) => `New value of ${name}`,
  noNumberHere: (text) => `${text} is no number that can stand here.`,
  setTo: (name, value) => `${name} set to ${value}`,
  ofLayer: (layer) => ` · layer ${layer}`,
  shapes: "shapes",
  from: "from",
  through: (name) => `from ${name}`,
  manyParts: (n) => `+ ${n} more`,
  at: "at",
  showMatrices: "Show the matrices",
  hideMatrices: "Only the result",
  gestures: "press a number: where it comes from · drag it: what if",
  whereFrom: "press a number: where it comes from",
};

/** Texts of how the working is written. @satisfies {Texts} */
export const viewBar = {
  columnConvention:
    "Vectors stand upright and 𝑊 is outputs × inputs: 𝑊 multiplies from the left on the " +
    "way forward, 𝑊ᵀ on the way back.",
  rowConvention:
    "Vectors lie and 𝑊 is inputs × outputs: 𝑊 multiplies from the right on the way " +
    "forward, 𝑊ᵀ on the way back.",
  lectureConvention:
    "Vectors stand upright and 𝑊 is inputs × outputs: 𝑊ᵀ moves to the way forward, 𝑊 " +
    "itself leads back.",
  menu: "How it is written ▾",
  yourCourse: "Does your course write it so? Then each visit begins like this. ",
  scaling: "The cost of the samples",
  jacobians: "All slopes as a table",
  twoLines: "First ∂C/∂a, then ∂C/∂z by the slope, instead of a − y.",
  howWritten: "How it is written",
  convention: "Convention",
  jacobiansTitle: "Jacobians: ∂a/∂z, ∂z/∂W, ∂z/∂b and ∂z/∂a as lines of their own.",
  jacobiansTooMany: "The Jacobians of this many units have too many entries to show",
  sameNumbers: (convention) => `${convention} The numbers are the same.`,
  jacobiansOn: "Each gradient now has the Jacobian it is multiplied by before it on the ribbon.",
  jacobiansOff: "The products are written as they are computed, without the Jacobians.",
  oneLine: "One line for both: prediction minus target.",
  twoLinesNow:
    "Two lines: the gradient of the cost, then the slope of the output; their product is " +
    "prediction minus target.",
  runTrainsWith: (reduction) => ` The run itself trains with “${reduction}”.`,
  scaledAnew: "The cost is scaled anew",
  sameNumbersHere: "The same numbers here",
  costTimes: (ratio) => `The cost and every gradient × ${ratio}`,
  before: " Before: ",
  now: ", now: ",
  unfused: "Output and cost as two lines",
};

/**
 * Texts of the switch between the update of the batch and that of one sample.
 * @satisfies {Texts}
 */
export const whoseNumbers = {
  numbersOf: "numbers of",
  nextBatch: "The batch that the next update uses (b)",
  sample: (k) => `sample ${k}`,
  ofBatch: (n) =>
    `Train makes this update: its gradient is that of the batch, ${n} ` +
    `${n === 1 ? "sample" : "samples"}.`,
  ofSample: (k, n) =>
    `Sample ${k} alone would make this update. Train does not: it makes that of the batch of ${n}.`,
  scaled: (reduction) =>
    `The update of the batch under another scaling; Train uses the cost as ${reduction}.`,
};

/** Texts of the checks of gradients. @satisfies {Texts} */
export const checks = {
  autogradTitle:
    "An independent program (autograd) differentiated its own forward pass. Relative " +
    "error of this array.",
  finiteDifferences: "finite differences",
  finiteDifferencesTitle:
    "Central differences of the cost, nudging one number at a time. Relative error of " +
    "this array.",
  checking: "being checked …",
  checkedWhenPaused: "checked when paused",
  tie: "a tie: several gradients are right",
  belowResolution: "below their resolution",
  worstArray: "the worst array",
  thisArray: "this array",
  gradients: "gradients: ",
};

/** Texts of the walk through the lines of a step. @satisfies {Texts} */
export const walk = {
  group: "Walk through the lines",
  forward: "Forward",
  backward: "Error back",
  forwardTitle: "Walk the forward pass line by line (f)",
  backwardTitle: "Run the error back line by line, then update the weights (r)",
  pauseTitle: "Stay at this line",
  pace: "Time for each line",
  aLine: (seconds) => `${seconds} s a line`,
};

/** Texts of the path back to where a number comes from. @satisfies {Texts} */
export const path = {
  whereFrom: "Where this number comes from",
  backToItAt: (step) => `Back to it, update ${step}`,
  backToIt: "Back to it",
  seeUpdate: "See that update",
  leavePath: "Leave the path",
  atStep: (step) => ` update ${step}`,
};

/** Texts of the end of a path: where a number comes from. @satisfies {Texts} */
export const provenance = {
  setByHandAt: (step) => ` Set by hand at update ${step}.`,
  beforeStandardising: (value) => ` Before standardising it was ${value}.`,
  dataFeature: (feature, row, more) => `Data: ${feature} of training sample ${row}.${more}`,
  dataTarget: (row, value, more) => `Data: the target of training sample ${row}, ${value}.${more}`,
  parameterByHand: (step) => `Parameter: set by hand at update ${step}.`,
  parameterUpdated: (name, step) => `Parameter: ${name} as update ${step} left it.`,
  parameterGiven: (name) => `Parameter: ${name} as the experiment gives it.`,
  biasesZero: "Parameter: biases start at 0.",
  drawnBy: (initializer, seed) => `Parameter: drawn by ${initializer}, seed ${seed}.`,
  stateOf: (state, parameter) => `The optimizer's ${state} of ${parameter}`,
  carriedOver: (what, step) => `${what}, carried over from update ${step}.`,
  zeroBefore: (what) => `${what}: 0 before the first update.`,
  costFactor: (reduction) => `The factor of the cost that “${reduction}” asks for.`,
  rateSetting: "A setting of the optimizer: how far one update goes.",
  experimentSetting: (name) => `A setting of the experiment: ${name}.`,
};

/** Texts of a gradient sample by sample. @satisfies {Texts} */
export const sampleParts = {
  inOrder: "in order",
  asTheBatch: "As the batch has them",
  bySize: "by size",
  orderOfBars: "Order of the bars",
  sampleOfBatch: "Sample of the batch",
  goToIt: "go to it",
  backToBatch: "back to the batch",
  sampleBySample: "sample by sample",
  andSampleBySample: " sample by sample",
  percentOfSum: (percent) => `, ${percent} % of the sum`,
  eachIsPart: (n) =>
    ` Each is 1/${n} of what its sample alone would give: the entry is the mean of those.`,
  onePart: "The one part is",
  togetherParts: (n) => `Together the ${n} parts are`,
  withPenalty: (penalty, value) => `; with the penalty's ${penalty} that is the entry, ${value}`,
  theEntry: ", the entry",
  everyPartIsZero: " Every part is 0",
  pullsHardestLayer: " pulls hardest on the whole layer",
  pullsHardestHere: " pulls hardest here",
  onTheWholeLayer: " on the whole layer",
  partOfThis: (n) => `1/${n} of this`,
  allOfThis: "all of this",
  inTheBatch: (size, part, scale) => `In the batch of ${size} its part is ${part}, ${scale}.`,
  sampleAlone: (row, more) => `Sample ${row} alone.${more}`,
  whatSampleBrings: "What each sample brings to the chosen entry",
  sampleNamed: (row, target) => `sample ${row}${target}`,
  here: " here; ",
};

/** Texts of submitted numbers of a line. @satisfies {Texts} */
export const submitted = {
  mine: "yours",
  ours: "the right one",
  difference: "yours − right",
  followsFromYours: "Follows from yours.",
  needsState: (ids) =>
    `${ids} cannot be marked: this optimizer's update also needs its state of the step ` +
    "before.",
  mark: "Mark",
  orPrinted: ", as you have it or as NumPy prints it",
  markMine: "Mark my own numbers",
  hidden: "The right numbers are hidden until yours are marked, or until this is closed.",
  typeFirst: "Type or paste your numbers of this line first.",
  noArray: (line) => `There is no array in this that could be ${line}.`,
  entriesRight: (right, all) => ` ${right} of ${all} entries are right.`,
  right: "Right.",
  wrong: "Wrong.",
  noMistakeKnown:
    "No mistake known here gives these numbers. Compare one entry with its sum written out.",
  yoursRight: " yours is right",
  yoursWrong: (number) => ` yours is wrong${number}`,
  your: "Your ",
  /** @param {number} line @param {number} column @param {string} message of the server */
  unread: (line, column, message) => `Line ${line}, column ${column}: ${message}.`,
  likely: "likely ",
  or: "or ",
  yours: (value) => `yours: ${value}`,
};
