/** Texts of the end of a path: where a number comes from. */
export const provenance = {
  /** @param {number} step */
  setByHandAt: (step) => ` Set by hand at step ${step}.`,
  /** @param {string} value */
  beforeStandardising: (value) => ` Before standardising it was ${value}.`,
  /** @param {string} feature @param {number} row @param {string} more */
  dataFeature: (feature, row, more) => `Data: ${feature} of training sample ${row}.${more}`,
  /** @param {number} row @param {string} value @param {string} more */
  dataTarget: (row, value, more) => `Data: the target of training sample ${row}, ${value}.${more}`,
  /** @param {string} name */
  classNamed: (name) => `class ${name}`,
  /** @param {number} step */
  parameterByHand: (step) => `Parameter: set by hand at step ${step}.`,
  /** @param {string} name @param {number} step */
  parameterUpdated: (name, step) => `Parameter: ${name} as update ${step} left it.`,
  /** @param {string} name */
  parameterGiven: (name) => `Parameter: ${name} as the experiment gives it.`,
  biasesZero: "Parameter: biases start at 0.",
  /** @param {string} initializer @param {number} seed */
  drawnBy: (initializer, seed) => `Parameter: drawn by ${initializer}, seed ${seed}.`,
  /** @param {string} state @param {string} parameter */
  stateOf: (state, parameter) => `The optimizer's ${state} of ${parameter}`,
  /** @param {string} what @param {number} step */
  carriedOver: (what, step) => `${what}, carried over from update ${step}.`,
  /** @param {string} what */
  zeroBefore: (what) => `${what}: 0 before the first update.`,
  /** @param {string} reduction */
  costFactor: (reduction) => `The factor of the cost that “${reduction}” asks for.`,
  rateSetting: "A setting of the optimizer: how far one update goes.",
  /** @param {string} name */
  experimentSetting: (name) => `A setting of the experiment: ${name}.`,
};
