/** Texts of pictures to take along. */
export const takeAlong = {
  head: "Pictures to take along",
  forward: "Forward pass",
  forwardWhy: "Line by line, with what each reads on its way.",
  backward: "Error back",
  backwardWhy: "The gradient from layer to layer, then the update.",
  run: "This run",
  runWhy: "Network and prediction, from step 0 to this one.",
  format: "Moving pictures as",
  gif: "moving, as GIF",
  webm: "moving, as WebM video (recorded while it plays)",
  noWebm: "WebM: this browser cannot record it",
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
