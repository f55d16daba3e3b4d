/** Texts of the path back to where a number comes from. */
export const path = {
  whereFrom: "Where this number comes from",
  /** @param {number} step */
  backToItAt: (step) => `Back to it, step ${step}`,
  backToIt: "Back to it",
  seeUpdate: "See that update",
  leavePath: "Leave the path",
  /** @param {number} step */
  atStep: (step) => ` step ${step}`,
};
