/** @param {{layer: number, activation: string}[]} activations */
const layersTo = (activations) =>
  activations
    .map(({ layer, activation }) => `layer ${layer} to ${activation.replaceAll("_", " ")}`)
    .join(" and ");

/** Texts of the marked working. */
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
  /** @param {string} note */
  perhaps: (note) => `Perhaps ${note}`,
  /** @param {string} note */
  notAMistake: (note) => `${note[0].toUpperCase()}${note.slice(1)}, not a mistake`,
  nothingMarked: "Nothing is marked yet. Press ",
  checkMyNumbers: "Check my numbers",
  fourMarks: " and each line of the working gets one of four marks:",
  firstWrong: "First wrong line: ",
  linesByMark: "Lines by mark",
  workingMarked: "The working, marked",
  /** @param {string} line */
  showMeLine: (line) => `Show me ${line}`,
  showMe: "show me",
  hide: "hide",
  /** @param {string} line */
  inExplorerLine: (line) => `${line} in the explorer`,
  followSum: "Follow this sum back to the data in the explorer",
  inExplorer: "in the explorer",
  /** @param {string} mistake */
  likelyMistake: (mistake) => `Likely: ${mistake}.`,
  /** @param {string} shape */
  anArray: (shape) => `an array (${shape})`,
  /** @param {string} line */
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
  /** @param {number} n */
  more: (n) => ` and ${n} more`,
  /** @param {string} line */
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
