/** Texts of the explorer: stage, experiment, transport, branches. */

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
  previousLineKey: "Previous line (←)",
  previousLine: "Previous line",
  nextLineKey: "Next line (→)",
  nextLine: "Next line",
  weightedSum: "weighted sum",
  gradientOfA: "gradient with respect to a",
  gradientOfZ: "gradient with respect to z",
  aboutLine: "What the current line is about",
  gradientOfW: "gradient with respect to the weights, of the batch of this update",
  neuronsShow: "Neurons show",
  edgesShow: "Edges show",
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
    `Network of ${sizes} units at update ${step}. Neurons show ${neurons}, edges ` +
    `${edges}.${more} Arrow keys move between neurons.`,
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

/** Texts of the experiment's form. */
export const experiment = {
  rows: {
    dataset: "dataset",
    seed: "seed",
    standardise: "standardise",
    weights: "weights",
    cost: "cost",
    l1: "L1",
    l2: "L2",
    method: "method",
    schedule: "schedule",
    size: "size",
    wholeBatch: "all",
  },
  /** @param {number} n */
  activationOf: (n) => `activation of layer ${n}`,
  /** @param {number} n */
  unitFewer: (n) => `Layer ${n}: one unit fewer`,
  /** @param {number} n */
  unitsOf: (n) => `units of layer ${n}`,
  /** @param {number} n */
  unitMore: (n) => `Layer ${n}: one unit more`,
  /** @param {number} n */
  removeLayer: (n) => `Remove layer ${n}`,
  asManyAsData: "As many as the data need",
  unitsOfOutput: "units of the output layer",
  /** @param {string} parameters @param {number} steps */
  sizes: (parameters, steps) =>
    `${parameters} parameters · ${steps === 1 ? "1 update" : `${steps} updates`} / epoch`,
  testPart: "test part",
  network: "Network",
  otherWeightsTitle: "Draw other first weights",
  otherWeights: "other weights",
  cost: "Cost",
  scaledAs: "scaled as",
  optimizer: "Optimizer",
  batch: "Batch",
  ratePerLayer: "a rate for each layer",
  /** @param {number} layer */
  factorOfLayer: (layer) => `η × of layer ${layer}`,
  shuffle: "shuffle every epoch",
  numberNeeded: "A number is needed here.",
  wholeNumberNeeded: "A whole number is needed here.",
  /** @param {number} n */
  changesCount: (n) => (n === 1 ? "1 change on the way" : `${n} changes on the way`),
  /** @param {number} n */
  points: (n) => (n === 1 ? "1 point" : `${n} points`),
  allPoints: "all points",
  shuffled: "shuffled",
  inOrder: "in order",
  /** @param {string} activation */
  thenOutput: (activation) => `then ${activation}`,
  beginWith: "Examples …",
  changesOnTheWay: "Changes on the way",
  goToStep: "Go to this update",
  /** @param {number} step @param {string} edit */
  takeBackEdit: (step, edit) => `Take back: update ${step}, ${edit}`,
  takeBack: "Take back",
  data: "Data",
  examples: "Examples",
  /** @param {string} name */
  nameAndExamples: (name) => `Experiment ${name}. Examples`,
  /** @param {number} n */
  step: (n) => `update ${n}`,
  /** @param {number} least @param {number} most */
  fromTo: (least, most) => `${least} to ${most}`,
  input: "input",
  output: "output",
  /** @param {number | undefined} n */
  features: (n) => (n === 1 ? "feature" : "features"),
  /** @param {number} n */
  layer: (n) => `layer ${n}`,
  oneLayerMore: "+ layer",
};

/** Texts of training. */
export const transport = {
  toStartKey: "To the start (Home)",
  toStart: "To the start",
  stepBackKey: "One update back (,)",
  stepBack: "One update back",
  playOrPause: "Train or pause (space)",
  oneStepKey: "One update (.)",
  oneStep: "One update",
  trainingStep: "Update",
  goToStep: "Go to update",
  stop: "Stop",
  stopComputing: "Stop computing",
  wholeNumber: "A whole number from 0 on is needed here.",
  speed: "Speed",
  toStep: "to update",
  costTrain: "cost train",
  pause: "Pause",
  play: "Train",
  /** @param {string} target @param {string} reached */
  computing: (target, reached) => `computing update ${target}, ${reached} done`,
  step: "update",
  twoClocks: "Train makes updates; Forward and Error back go through one.",
  epoch: "epoch",
  test: "test",
  speedWord: "speed",
  /** @param {number} step @param {number} end */
  stepOf: (step, end) => `update ${step} of ${end}`,
  /** @param {string} steps @param {number} frames each second */
  pace: (steps, frames) => `${steps} updates/s · ${frames} frames/s`,
  accuracy: "accuracy",
  acc: "acc.",
  accuracyOf: { train: "accuracy train", test: "accuracy test" },
};

/** Texts of branching and comparing runs. */
export const branch = {
  hiddenLayers: "hidden layers",
  branch: "Branch",
  upToThisStep: "Up to this update both runs are the same. The present run stays beside it.",
  goOnChanged: "Go on from this update with something changed (n)",
  keepRun: "Keep this run to compare with",
  /** @param {number} step */
  branchAt: (step) => `Branch at update ${step}`,
  rateNeeded: "A learning rate is a number, 0 or more.",
  changeSomething: "Change something: otherwise both runs are the same.",
  learningRate: "learning rate",
  branchShort: "branch",
  pin: "pin",
};

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

/** Texts of what to change when training goes wrong. */
export const remedies = {
  useReLU: "Use ReLU",
  useTanh: "Use tanh",
  xavier: "Xavier weights",
  smallerRate: "Smaller learning rate",
  useLeakyReLU: "Use leaky ReLU",
  /** @param {number} rate */
  tryRate: (rate) => `Try learning rate ${rate}`,
  /** @param {number} step */
  atStep: (step) => `update ${step}`,
  /** @param {string} change @param {string} where */
  from: (change, where) => `${change} from ${where}`,
  hereOn: "here on",
  /** @param {string} change @param {number} step */
  againFrom: (change, step) => `${change}, again from update ${step}`,
};
