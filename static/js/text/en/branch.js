/** Texts of branching and comparing runs. */
export const branch = {
  hiddenLayers: "hidden layers",
  branch: "Branch",
  upToThisStep: "Up to this step both runs are the same. The present run stays beside it.",
  goOnChanged: "Go on from this step with something changed (n)",
  keepRun: "Keep this run to compare with",
  /** @param {number} step */
  branchAt: (step) => `Branch at step ${step}`,
  rateNeeded: "A learning rate is a number, 0 or more.",
  changeSomething: "Change something: otherwise both runs are the same.",
  learningRate: "learning rate",
  branchShort: "branch",
  pin: "pin",
};
