/** Texts of pictures to take along. */
export const takeAlong = {
  head: "Pictures to take along",
  forward: "Forward pass as GIF",
  forwardWhy: "Line by line, with what each reads on its way.",
  backward: "Error back as GIF",
  backwardWhy: "The gradient from layer to layer.",
  run: "This run as GIF",
  runWhy: "Network and prediction, from step 0 to this one.",
  figure: "Figure",
  network: "Network",
  /** @param {string} format */
  as: (format) => `Save as ${format}`,
  /** @param {number} done @param {number} all */
  making: (done, all) => `Frame ${done} of ${all}. Press again to stop.`,
  stopped: "Stopped.",
  noFigure: "This figure is not on the page now.",
  /** @param {number} step @param {string} cost */
  stepAndCost: (step, cost) => `step ${step}, cost ${cost}`,
};
