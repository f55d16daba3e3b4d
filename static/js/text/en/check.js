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
  withoutName: "an array without a name",
  recognised: "Recognised",
  readAs: "read as",
  /** @param {number} n */
  arraysRead: (n) => (n === 1 ? "One array was read" : `${n} arrays were read`),
  noLine: "no line",
  helper: "a step between",
  notReadList: "Not read",
  /** @param {number} n */
  notRead: (n) =>
    `Not read: ${n === 1 ? "one array" : `${n} arrays`}. Choose a line for what should be marked.`,
  /** How an array was read. @type {Record<string, string>} */
  how: {
    numbers: "read by its numbers",
    name: "read by its name",
    shape: "read by its shape",
    given: "a given of the exercise",
    helper: "a step between two lines, not marked",
  },
  /** @param {string} name */
  found: (name) => `found: ${name}`,
  toBeFound: "to be found",
  proposed: "Settings found in your numbers",
  noSettings: "No settings fit these numbers. Choose them, or paste more lines.",
  take: "Take these settings",
  findAgain: "Find them again",
  taken: "These settings are taken.",
  /** @param {{reduction: string, convention: string, step: string}} course */
  convention3: ({ reduction, convention, step }) =>
    `${reduction.replaceAll("_", " ")}, W in the ${convention} convention, the step is ${
      step === "add" ? "added" : "subtracted"
    }`,
  /** @param {string} which */
  courseAsked: (which) => `Is this the convention of your course: ${which}?`,
  /** @param {string} which */
  courseKept: (which) => `Your course: ${which}.`,
  keepCourse: "Yes, remember it",
  noCourse: "No",
  forgetCourse: "Forget it",
  /** @param {string} name */
  whichLineIs: (name) => `Which line is ${name}?`,
  /** @param {number} n */
  lineNumber: (n) => `line ${n}`,
  /** @param {number} n */
  wholeBatch: (n) => `the whole batch of ${n}`,
  /** @param {number} n */
  sample: (n) => `sample ${n}`,
  /** @param {string} name @param {number} step @param {string} which */
  fromExperiment: (name, step, which) =>
    `From the experiment ${name}, step ${step}, ${which}. Paste what you found below.`,
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
