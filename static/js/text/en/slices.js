/** Texts of the figure of the cost around a step. */
export const slices = {
  batchGradient: "batch's gradient",
  trainingGradient: "training set's gradient",
  twoWeights: "two weights",
  whatIsCut: "What is cut through the cost",
  randomSeed: "Seed of the random direction",
  anotherDirection: "Another random direction",
  /** @param {string} title */
  weightEntry: (title) => `${title}, as W1[0,2] or b2[1]: rows are inputs, counted from 0`,
  horizontalWeight: "Horizontal weight",
  verticalWeight: "Vertical weight",
  chosenWeight:
    "The weight chosen in the network or the working becomes the vertical one, and the " +
    "vertical one horizontal",
  larger: "Larger",
  computing: "The cost is being computed …",
  title: "The cost around the present parameters",
  drawNow: "draw now",
  aroundStep: "The cost around this step",
  /** @param {number} step */
  thisIsStep: (step) => `This is step ${step}.`,
  another: "another",
  /** @param {number} step @param {string} more */
  costAroundStep: (step, more) => `The cost around step ${step}. ${more}`,
  gradientAndRandom: "gradient × random",
  gradientAndStart: "gradient × start",
};
