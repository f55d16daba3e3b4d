/** Texts of the explorer: stage, experiment, transport, two runs. */

/** Texts of the network and the ribbon. @satisfies {Texts} */
export const stage = {
  andMore: (n) => `and ${n} more`,
  nextAlarm: "Show the next",
  summedOverBatch: " summed over the batch",
  meanOfBatch: " mean of the batch",
  ofThe: (owner) => ` of the ${owner} `,
  notYet: "not yet",
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
  sampleNamed: (name) => `sample ${name}`,
  sample: "Sample",
  previousSample: "Previous sample",
  nextSample: "Next sample",
  batchOf: (n) => `batch of ${n}`,
  wholeBatch: "whole batch",
  samplesOfUpdate: "The samples that the next update uses",
  trainingSample: (name) => `Training sample ${name}`,
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
  output: (values) => ` Output ${values}.`,
  neuronsLabel: "neurons",
  edgesLabel: "edges",
  sampleLabel: "sample",
  line: "line",
  activation: "activation",
  phases: { forward: "forward", cost: "cost", backward: "backward  ∂𝐶/∂…", update: "update" },
};

/** Texts of the experiment's form. @satisfies {Texts} */
export const experiment = {
  rows: {
    dataset: "dataset",
    seed: "seed",
    standardise: "standardise",
    weights: "weights",
    cost: "cost",
    l1: "L1",
    l2: "L2",
    method: "optimizer",
    schedule: "schedule",
    size: "batch size",
    wholeBatch: "all",
  },
  activationOf: (n) => `activation of layer ${n}`,
  unitFewer: (n) => `Layer ${n}: one unit fewer`,
  unitsOf: (n) => `units of layer ${n}`,
  unitMore: (n) => `Layer ${n}: one unit more`,
  removeLayer: (n) => `Remove layer ${n}`,
  asManyAsData: "As many as the data need",
  unitsOfOutput: "units of the output layer",
  sizes: (parameters, steps) =>
    `${parameters} parameters · ${steps === 1 ? "1 update" : `${steps} updates`}/epoch`,
  testPart: "test part",
  network: "Network",
  otherWeightsTitle: "Draw other first weights",
  otherWeights: "other weights",
  cost: "Cost",
  scaledAs: "scaled as",
  optimizer: "Optimizer",
  batch: "Batch",
  ratePerLayer: "a rate for each layer",
  factorOfLayer: (layer) => `η × of layer ${layer}`,
  shuffle: "shuffle every epoch",
  numberNeeded: "A number is needed here.",
  wholeNumberNeeded: "A whole number is needed here.",
  changesCount: (n) => (n === 1 ? "1 change on the way" : `${n} changes on the way`),
  points: (n) => (n === 1 ? "1 point" : `${n} points`),
  allPoints: "all points",
  shuffled: "shuffled",
  inOrder: "in order",
  thenOutput: (activation) => `then ${activation}`,
  beginWith: "Examples …",
  changesOnTheWay: "Changes on the way",
  goToStep: "Go to this update",
  takeBackEdit: (step, edit) => `Take back: update ${step}, ${edit}`,
  takeBack: "Take back",
  data: "Data",
  examples: "Examples",
  nameAndExamples: (name) => `Experiment ${name}. Examples`,
  step: (n) => `update ${n}`,
  fromTo: (least, most) => `${least} to ${most}`,
  features: (/** @type {number | undefined} */ n) => (n === 1 ? "feature" : "features"),
  oneLayerMore: "+ layer",
};

/** Texts of training. @satisfies {Texts} */
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
  computing: (target, reached) => `computing update ${target}, ${reached} done`,
  step: "update",
  twoClocks: "Train makes updates; Forward and Error back go through one.",
  epoch: "epoch",
  test: "test",
  speedWord: "speed",
  stepOf: (step, end) => `update ${step} of ${end}`,
  /** @param {string} steps @param {number} frames each second */
  pace: (steps, frames) => `${steps} updates/s · ${frames} frames/s`,
  accuracy: "accuracy",
  acc: "acc.",
};

/** Texts of what to change when training goes wrong. @satisfies {Texts} */
export const remedies = {
  useReLU: "Use ReLU",
  useTanh: "Use tanh",
  xavier: "Xavier weights",
  smallerRate: "Smaller learning rate",
  useLeakyReLU: "Use leaky ReLU",
  tryRate: (rate) => `Try learning rate ${rate}`,
  atStep: (step) => `update ${step}`,
  from: (change, where) => `${change} from ${where}`,
  hereOn: "here on",
  againFrom: (change, step) => `${change}, again from update ${step}`,
};

/** Texts of a number that is held at another value. @satisfies {Texts} */
export const hold = {
  card: "A number held at another value",
  hint: "drag: what if",
  putBack: "Put it back",
  keep: "Keep as a copy",
  was: (value) => `was ${value}`,
  slope: (value, falls) => `slope ${value}: ${falls ? "falls" : "rises"} to the right`,
  costOfAll: (n) => `cost of all ${n}`,
  costHere: "cost of these samples",
  costOfSample: (k) => `cost of sample ${k}`,
  costOfBatch: "cost of the batch",
  spoken: (value, cost) => `${value}, cost ${cost}`,
  whatIf: (letter, value) =>
    `What if this ${{ W: "weight", b: "bias", x: "input" }[letter] ?? "target"} were ${value}? ` +
    "Nothing is trained; Esc puts it back.",
  unchecked: "computed in this page while it is held; the checks are of the run",
  weight: (from, to) => `weight from ${from} to unit ${to}`,
  unit: (k) => `unit ${k}`,
  thinBefore: "thin: before",
  whatElse: "What else changes",
  hollow:
    "Hollow: before. Full: now. Dots under the lines above mark every line that changes; a press " +
    "on a row goes to its line.",
};

/** Texts of a network over pictures. @satisfies {Texts} */
export const templates = {
  show: "Pictures of the units show",
  weights: "weights",
  change: "weights − start",
  deep: "only layer 1 reads pixels and has pictures",
  largestSums: "largest sums",
  sumOf: (unit, sum) => `unit ${unit}: its sum is ${sum}`,
  largest: (some, all) => `the ${some} of ${all} with the largest output`,
  range: (reach) => `blue to +${reach}, orange to −${reach}`,
  says: "says ",
  picture: (k, truth, said) => `Picture ${k}, a ${truth}: the network says ${said}`,
  title: (unit) => `Unit ${unit}: weights × picture`,
  three: ["weights", "picture, standardised", "products"],
  sums: ["products above 0", "products below 0", "sum, with bias"],
  said:
    "Blue on blue and orange on orange add to the sum; blue on orange subtracts. Press a pixel: " +
    "its product is shown.",
  pixel: (row, column) => `row ${row}, column ${column}`,
};

/** Texts of two runs beside each other. @satisfies {Texts} */
export const twoRuns = {
  compare: "compare",
  compareTitle: "Keep this run as A and change something in a second one, B (n)",
  open: "both predictions",
  end: "End the comparison",
  asItWas: "as it was",
  diverged: (step) => `${step} (diverged)`,
  run: (step, train, test) => `update ${step}, cost ${train}, test ${test}`,
  title: "Two runs",
  differ: (n) =>
    n === 0
      ? "One run, twice"
      : n === 1
        ? "Two runs that differ in one setting"
        : "Two runs and what they differ in",
  same: (step) =>
    `A is kept as it is. Change B here, or close this and change any setting. Update ${step}.`,
  sentence: (a, b, step) =>
    a && b
      ? `A has ${a}, B has ${b}; all else is the same. Update ${step}.`
      : `${a ? "A" : "B"} has ${a || b}; all else is as in ${a ? "B" : "A"}. Update ${step}.`,
  change: "In B, change",
  settings: {
    learning_rate: "learning rate",
    optimizer: "optimizer",
    activation: "activation of the hidden layers",
  },
  to: "to",
  start: "Change B",
  from: (step) => `from update ${step} on`,
  rateNeeded: "A learning rate is a number, 0 or more.",
  changeSomething: "B has this already.",
  swap: "Swap",
  close: "Close",
  apart: "Where they disagree",
  disagree: (percent) => `${percent} % of the area has another class`,
  wrong: (n, all) => `${n} of ${all} points on the wrong side`,
  train: "cost, train",
  test: "cost, test",
  score: "score",
  line: (low, high, end) =>
    `cost, test, from ${low} to ${high}, over ${end} updates: A solid, B dashed. Drag the ` +
    "line to go back in both.",
  timeLine: "cost, test, of both runs, by update",
  wipe: "How much of the picture is run A's",
  trainBoth: "Train both",
};
