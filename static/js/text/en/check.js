/** Texts of the check page. @satisfies {Texts} */
export const check = {
  none: "none",
  cost: "cost",
  convention: "convention",
  forUpdate: "For the lines of an update, W1_next and so on",
  activations: "Activations",
  costAndConvention: "Cost and convention",
  reducedBy: "reduced by",
  withoutName: "an array without a name",
  recognised: "Recognised",
  readAs: "read as",
  arraysRead: (n) => (n === 1 ? "One array was read" : `${n} arrays were read`),
  noLine: "no line",
  helper: "a step between",
  notReadList: "Not read",
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
  courseAsked: (which) => `Is this the convention of your course: ${which}?`,
  courseKept: (which) => `Your course: ${which}.`,
  keepCourse: "Yes, remember it",
  noCourse: "No",
  forgetCourse: "Forget it",
  whichLineIs: (name) => `Which line is ${name}?`,
  lineNumber: (n) => `line ${n}`,
  wholeBatch: (n) => `the whole batch of ${n}`,
  fromExperiment: (name, step, which) =>
    `From the experiment ${name}, update ${step}, ${which}. Paste what you found below.`,
  noNumbers: "There are no numbers to check yet.",
  checking: "Checking …",
  checkMyNumbers: "Check my numbers",
  /** @param {number[]} lines */
  inLines: (lines) => (lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.join(", ")}`),
  notMarked: "Not marked. ",
  partsUnread: (where) =>
    `Parts of your text in ${where} were not read; the reasons stand below the text.`,
  takingGivens: "Taking the givens from the experiment …",
  changedSince: "changed since: check again",
  example:
    "An example to try: the course's one-layer network, with one mistake planted in the " +
    "working. Paste your own over it.",
  copyNamed: (title) => `Copy: ${title}`,
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

const layersTo = (/** @type {{layer: number, activation: string}[]} */ activations) =>
  activations
    .map(({ layer, activation }) => `layer ${layer} to ${activation.replaceAll("_", " ")}`)
    .join(" and ");

/** Texts of the marked working. @satisfies {Texts} */
export const marking = {
  correct: "correct",
  agrees: "agrees with the working",
  follows: "follows",
  followsLong: "differs, but consistent with your own earlier numbers: no new mistake",
  wrong: "wrong",
  wrongLong: "does not follow from the lines before it",
  missing: "not handed in",
  missingLong: "no numbers for this line",
  note: "Note",
  perhaps: (note) => `Perhaps ${note}`,
  /** @param {string} note */
  notAMistake: (note) => `${note[0].toUpperCase()}${note.slice(1)}, not a mistake`,
  nothingMarked: "Nothing is marked yet. Press ",
  fourMarks: " and each line of the working gets one of four marks:",
  firstWrong: "First wrong line: ",
  linesByMark: "Lines by mark",
  workingMarked: "The working, marked",
  showMeLine: (line) => `Show me ${line}`,
  showMe: "show me",
  hide: "hide",
  inExplorerLine: (line) => `${line} in the explorer`,
  followSum: "Follow this sum back to the data in the explorer",
  inExplorer: "in the explorer",
  likelyMistake: (mistake) => `Likely: ${mistake}.`,
  anArray: (shape) => `an array (${shape})`,
  yours: (line) => `your ${line}`,
  wrongEntry: " wrong",
  noMistakeKnown:
    "No mistake known here gives these numbers. Open “show me” and compare one entry with yours.",
  likely: "likely",
  or: "or",
  and: "and",
  madeIn: "in ",
  /** @param {{layer: number, activation: string}[]} activations */
  setActivations: (activations) => `Set ${layersTo(activations)}`,
  /** @param {{layer: number, activation: string}[]} activations */
  activationsSet: (activations) => `Set ${layersTo(activations)} and marked again. `,
  takeBack: "Take it back",
  theRight: (line) => `the right ${line}`,
  rightNumbers: "the right numbers",

  /** By verdict. */
  headlines: {
    correct: "All correct",
    other_convention: "Right, in another convention",
    wrong: "Something is wrong",
    incomplete: "Right so far, incomplete",
  },
  /** How sure the diagnoses are. */
  certainty: {
    all_lines: "This explains all your numbers, and no other known mistake does.",
    one_of_several: "Several mistakes give these numbers; more lines of yours would tell which.",
    some_lines: "This explains a part of your numbers only.",
  },
  /** Notes of which some can be a mistake as well. @type {Record<string, string>} */
  notes: {
    other_convention: "another convention",
    other_scaling: "another scaling of the cost",
    single_precision: "single precision",
    rounded_givens: "rounded givens",
    rounded_lines: "rounded lines",
    per_sample: "gradients of each sample alone",
    log_epsilon: "a small number inside the logarithm",
  },
  /** Notes on how names and givens were read. @type {Record<string, string>} */
  readings: {
    numbering: "How your layers are counted",
    read_as: "How a name was read",
    samples_as_columns: "How x was read",
    bias_in_weights: "How W was read",
    class_targets: "How the targets were read",
  },
};
