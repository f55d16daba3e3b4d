/** Texts of the comparison of two runs. */
export const comparison = {
  differsIn: "differs in",
  compareNoLonger: "Compare no longer",
  bothRuns: "The run that is shown and the one it is compared with",
  showOther: "Show the other run, keep this one beside it",
  sameExperiment: "the same experiment",
  withoutIt: "without it",
  thisRun: "this run",
  run: "run",
  swap: "swap",
  firstNorm: "‖∂C/∂W‖ first",
  lastNorm: "last",
  /** @param {number} step */
  diverged: (step) => `${step} diverged`,
  reference: "reference",
  score: "score",
};
