/** Texts of the checks of gradients. */
export const checks = {
  autogradTitle:
    "An independent program (autograd) differentiated its own forward pass. Relative " +
    "error of this array.",
  finiteDifferences: "finite differences",
  finiteDifferencesTitle:
    "Central differences of the cost, nudging one number at a time. Relative error of " +
    "this array.",
  checkedWhenPaused: "checked when paused",
  belowResolution: "below their resolution",
  worstArray: "the worst array",
  thisArray: "this array",
  gradients: "gradients: ",
};
