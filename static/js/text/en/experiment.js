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
    `${parameters} parameters · ${steps === 1 ? "1 step" : `${steps} steps`} an epoch`,
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
  beginWith: "Begin with",
  changesOnTheWay: "Changes on the way",
  goToStep: "Go to this step",
  /** @param {number} step @param {string} edit */
  takeBackEdit: (step, edit) => `Take back: step ${step}, ${edit}`,
  takeBack: "Take back",
  data: "Data",
  examples: "Examples",
  /** @param {string} name */
  nameAndExamples: (name) => `Experiment ${name}. Examples`,
  /** @param {number} n */
  step: (n) => `step ${n}`,
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
