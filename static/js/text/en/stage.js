/** Texts of the network and the ribbon. */
export const stage = {
  /** @param {number} n */
  andMore: (n) => `and ${n} more`,
  nextAlarm: "Show the next",
  learningRate: "learning rate",
  summedOverBatch: " summed over the batch",
  meanOfBatch: " mean of the batch",
  /** @param {string} owner */
  ofThe: (owner) => ` of the ${owner} `,
  notYet: "not yet",
  /** @param {string} value */
  costIs: (value) => `cost 𝐶 = ${value}`,
  lineByLine: "One step, line by line",
  twoClocks: "Train makes steps; here are the lines of one.",
  previousLineKey: "Previous line (←)",
  previousLine: "Previous line",
  nextLineKey: "Next line (→)",
  nextLine: "Next line",
  weightedSum: "weighted sum",
  gradientOfA: "gradient with respect to a",
  gradientOfZ: "gradient with respect to z",
  aboutLine: "What the current line is about",
  gradientOfW: "gradient with respect to the weights, of the batch of this step",
  neuronsShow: "Neurons show",
  edgesShow: "Edges show",
  nextBatch: "The batch that the next update uses (b)",
  edges: "edges ",
  neurons: "neurons ",
  /** @param {string} name */
  sampleNamed: (name) => `sample ${name}`,
  sample: "Sample",
  previousSample: "Previous sample",
  nextSample: "Next sample",
  /** @param {number | string} n */
  batchOf: (n) => `batch of ${n}`,
  wholeBatch: "whole batch",
  samplesOfUpdate: "The samples that the next update uses",
  /** @param {string} name */
  trainingSample: (name) => `Training sample ${name}`,
  /**
   * @param {string} sizes @param {number} step @param {string} neurons @param {string} edges
   * @param {string} more
   */
  networkNow: (sizes, step, neurons, edges, more) =>
    `Network of ${sizes} units at step ${step}. Neurons show ${neurons}, edges ${edges}.${more} ` +
    "Arrow keys move between neurons.",
  nothingYet: "nothing yet",
  weightedSums: "weighted sums",
  gradientsOfA: "gradients of a",
  gradientsOfZ: "gradients of z",
  gradientsOfW: "gradients of the weights",
  inputs: "inputs",
  activations: "activations",
  weights: "weights",
  /** @param {string} values */
  output: (values) => ` Output ${values}.`,
  neuronsLabel: "neurons",
  edgesLabel: "edges",
  sampleLabel: "sample",
  line: "line",
  activation: "activation",
  phases: {
    forward: "forward",
    cost: "cost",
    backward: "backward  ∂𝐶/∂…",
    update: "update",
  },
};
