/** Texts of names of lines and numbers, and of problems. */
export const core = {
  /** @param {number} min @param {number} max */
  mustBeWithin: (min, max) => `It must be from ${min} to ${max}.`,
  sameName: "Two classes have the same name.",
  noName: "A class has no name.",
  twoClasses: "Put points of at least two classes.",
  twoPoints: "Put at least two points.",
  cost: "cost",
  /** @param {number} layer */
  inLayer: (layer) => `layer ${layer}, `,
  /** @param {string} at @param {string} letter */
  newOf: (at, letter) => `${at}new ${letter}`,
  /** @param {string} state @param {string} parameter */
  stateOf: (state, parameter) => `${state} of ${parameter}`,
  /** @param {string} line @param {number} n */
  lineSize: (line, n) => `${line}, ${n} values`,
  costOfData: "cost of the data",
  learningRate: "learning rate",
  /** @param {string} at @param {string} above @param {string} letter */
  jacobianOf: (at, above, letter) => `${at}Jacobian d${above}/d${letter}`,
  /** @param {number} layer */
  penaltyOfLayer: (layer) => `penalty of layer ${layer}`,
  /** @param {string} line @param {number} n @param {string} largest */
  lineRead: (line, n, largest) => `${line}, ${n} values, largest ${largest}`,
  hiddenInLesson: "asked in the lesson",
  notShownYet: "not shown yet",
  /** Axes, as the server names them. */
  unit: "unit",
  unitBelow: "unit below",
  sample: "sample",
  /** @param {string | number} name */
  inputNamed: (name) => `input ${name}`,
  /** @param {number} n */
  neuronNumber: (n) => `neuron ${n}`,
  /** @param {number} layer @param {string} from @param {string} to */
  weightFromTo: (layer, from, to) => `layer ${layer}, weight from ${from} to ${to}`,
  targetIsOneClass: "The target is one class: set 1 at the class that it shall be.",
  targetIsClass: "The target is a class: 0 or 1.",
  /** @param {string} name @param {number} from @param {number} to */
  weightNamed: (name, from, to) => `${name} from ${from} to ${to}`,
  /** @param {string} what @param {number} units @param {string} activation @param {string} cost */
  fittedTo: (what, units, activation, cost) =>
    `Fitted to ${what}: output layer ${units} × ${activation}, cost ${cost}.`,
  ownData: "own data",
  /** @param {string} name @param {string} rate */
  withLearningRate: (name, rate) => `${name} with learning rate ${rate}`,
  /** @param {string} what @param {number} step */
  fromStep: (what, step) => `${what} from update ${step}`,
  /** @param {number} n */
  andMore: (n) => ` and ${n} more`,
  /**
   * @param {string} terms @param {string} value @param {number} all @param {number} zero
   * @param {string} letter
   */
  throughJacobian: (terms, value, all, zero, letter) =>
    `Through the Jacobian: Σ ∂𝐶/∂𝑧ⱼ · ∂𝑧ⱼ/∂𝑊 = ${terms} = ${value}. Of its ${all} ` +
    `entries ${zero} are 0, for a weight moves only the unit it ends in; what is left is ` +
    `∂𝐶/∂𝑧 times ${letter}, an outer product.`,
  notFinite: "not finite",
  /** @param {string | number | null} column */
  targetNamed: (column) => (column === null ? "target" : `target ${column}`),
  /** @param {string} name @param {number | string} row @param {string} value */
  valueOfSample: (name, row, value) => `${name} of sample ${row} = ${value}`,
  /** @param {number | string} n */
  layer: (n) => `layer ${n}`,
  /** @param {string} numbers */
  layers: (numbers) => `layers ${numbers}`,
  /** @param {string} name @param {number} unit */
  biasNamed: (name, unit) => `${name} of ${unit}`,
  given: "given",
  /** @param {number} i @param {number} j */
  zeroBecause: (i, j) => `0, because ${i} ≠ ${j}`,
  /** @param {string} shape @param {string} inputs */
  shapeFrom: (shape, inputs) => `${shape} from ${inputs}`,
  scalar: "scalar",
  aNumber: "a number",
  /** @param {number} n */
  classesCount: (n) => `${n} classes`,
  /** @param {number} n */
  timesZero: (n) => `${n} times 0`,
};
