/** Texts of the check page. */
export const check = {
  /** @param {number} n */
  layer: (n) => `layer ${n}`,
  none: "none",
  cost: "cost",
  convention: "convention",
  numberNeeded: "A number is needed here.",
  forUpdate: "For the lines of an update, W1_next and so on",
  learningRate: "learning rate",
  activations: "Activations",
  activation: "activation",
  costAndConvention: "Cost and convention",
  reducedBy: "reduced by",
  /** @param {string} problem */
  nothingRead: (problem) => `Nothing of this was read: ${problem}`,
  withoutName: "an array without a name",
  notUsed: "not used",
  stillNeeded: "Still needed: ",
  columnHere: "W is (n_out, n_in) here, so the convention is column.",
  rowHere: "W is (n_in, n_out) here, so the convention is row.",
  recognised: "Recognised",
  printedWithoutName: "printed without a name: taken in the order W, b of each layer",
  takenAsGradients: "Arrays without a name are taken as the gradients of W and b, layer by layer.",
  /** @param {string} lines */
  givenTwice: (lines) => `${lines}: given twice with different numbers. The first one is used.`,
  /** @param {string} name */
  whichLineIs: (name) => `Which line is ${name}?`,
  /** @param {number} n */
  arrayInLine: (n) => `the array in line ${n}`,
  whichLine: "which line?",
  /** @param {number} n */
  lineNumber: (n) => `line ${n}`,
  /** @param {number} line @param {number} column */
  place: (line, column) => `Line ${line}, column ${column}: `,
  /** @param {number} n */
  wholeBatch: (n) => `the whole batch of ${n}`,
  /** @param {number} n */
  sample: (n) => `sample ${n}`,
  /** @param {string} name @param {number} step @param {string} which */
  fromExperiment: (name, step, which) =>
    `From the experiment ${name}, step ${step}, ${which}. Paste what you found below.`,
  /** @param {string[]} names */
  noneYet: (names) => `There is no ${names.join(", no ")} yet.`,
  chooseOrName: "Choose which line each array is, or write a name and = in front of it.",
  noNumbers: "There are no numbers to check yet.",
  checking: "Checking …",
  checkMyNumbers: "Check my numbers",
  /** @param {number[]} lines */
  inLines: (lines) => (lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.join(", ")}`),
  notMarked: "Not marked. ",
  /** @param {string} where */
  partsUnread: (where) =>
    `Parts of your text in ${where} were not read; the reasons stand below the text.`,
  takingGivens: "Taking the givens from the experiment …",
  changedSince: "changed since: check again",
  example:
    "An example to try: the course's one-layer network, with one mistake planted in the " +
    "working. Paste your own over it.",
  /** @param {string} title */
  copyNamed: (title) => `Copy: ${title}`,
  copy: "Copy",
  copied: "Copied",
  selectAndCopy: "Select and copy it",
  overHttp: "Over HTTP, from this server",
  withoutServer: "Without a server, in this project's folder",
  l2Term: "L2 term",
  dividedBy: "divided by",
  nothing: "nothing",
  samples: "N samples",
  penaltyOf: "of",
  weights: "weights",
  lambda1: "λ₁ of λ₁ Σ|W|",
  lambda2: "λ₂ of λ₂/2 Σ W²",
  weightsAndBiases: "weights and biases",
  penalty: "Penalty",
  penaltyTag: "penalty",
  numberFromZero: "A number from 0 is needed here.",
};
