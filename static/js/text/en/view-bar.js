/** Texts of how the working is written. */
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
  scaling: "Scaling of the cost in this working",
  jacobians: "Jacobians",
  twoLines:
    "Cost and output activation as two lines: the gradient of the cost, then the slope " +
    "(softmax: the Jacobian)",
  howWritten: "How the working is written",
  costAs: "cost as",
  convention: "Convention",
  jacobiansTitle: "∂a/∂z, ∂z/∂W, ∂z/∂b and ∂z/∂a as lines of their own",
  jacobiansTooMany: "The Jacobians of this many units have too many entries to show",
  /** @param {string} convention */
  sameNumbers: (convention) => `${convention} The numbers are the same.`,
  jacobiansOn: "Each gradient now has the Jacobian it is multiplied by before it on the ribbon.",
  jacobiansOff: "The products are written as they are computed, without the Jacobians.",
  oneLine: "One line for both: prediction minus target.",
  twoLinesNow:
    "Two lines: the gradient of the cost, then the slope of the output; their product is " +
    "prediction minus target.",
  /** @param {string} reduction */
  runTrainsWith: (reduction) => ` The run itself trains with “${reduction}”.`,
  scaledAnew: "The cost is scaled anew",
  sameNumbersHere: "The same numbers here",
  /** @param {string} ratio */
  costTimes: (ratio) => `The cost and every gradient × ${ratio}`,
  before: " Before: ",
  now: ", now: ",
  unfused: "unfused",
};
