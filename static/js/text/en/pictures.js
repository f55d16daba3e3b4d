/** Texts of the pictures of lines. Names of values come with their letters and numbers. */
export const pictures = {
  picture: "Picture",
  sumTab: "Sum",
  beside: "Sum or picture",
  previous: "Entry before",
  next: "Next entry",
  larger: "In the full window (V)",
  loading: "Drawing the picture …",
  /** @param {number} n */
  others: (n) => `${n} others`,
  /** @param {string} name */
  sum: (name) => `${name} adds its terms`,
  sumSaid: "Each term starts where the one before it ended; the end is the sum.",
  /** @param {string} f @param {string} name */
  curve: (f, name) => `${f} gives ${name}`,
  upAndLeft: "Up from the axis to the curve, then left.",
  same: "a = z",
  /** @type {Record<string, string>} */
  functions: { relu: "ReLU", elu: "ELU", gelu: "GELU", silu: "SiLU", leaky_relu: "leaky ReLU" },
  /** @type {Record<string, string>} */
  ofFunctions: {
    tanh: "Between −1 and 1 whatever z is; near 0 the curve is almost a = z.",
    np_tanh: "Between −1 and 1 whatever z is; near 0 the curve is almost a = z.",
    sigmoid: "Between 0 and 1 whatever z is; 0.5 at 0.",
    relu: "Below 0 nothing passes; above 0 all of it.",
    leaky_relu: "Below 0 a small part passes; above 0 all of it.",
    elu: "Above 0 all of it passes; far below 0 the curve is flat.",
    identity: "The output is z itself.",
  },
  /** @param {string} f @param {string} name */
  slope: (f, name) => `The slope of ${f} at ${name}`,
  /** @param {string} f */
  functionOf: (f) => `${f}(z)`,
  /** @param {string} f */
  slopeOf: (f) => `${f}′(z)`,
  /** @param {string} slope */
  slopeSaid: (slope) =>
    `The tangent rises ${slope} for 1 to the right: the gradient keeps this share of itself.`,

  /** @param {string} name */
  bands: (name) => `What reaches ${name}`,
  bandsSaid:
    "Bands run from right to left, as wide as the number is large. The weight changes each on " +
    "its way; blue adds, orange subtracts.",
  product: "product",
  total: "sum",
  grid: "Error × input, one cell a weight",
  gridOfBias: "The bias: an input that is always 1",
  gridSaid:
    "A weight's cell = error of its unit (left) × what came in (top). The bias is the weight of " +
    "an input that is always 1.",
  gridBiasSaid:
    "The bias is the weight of an input that is always 1: its cell is the error itself.",
  /** @param {number} n */
  gridBatch: (n) =>
    `Each cell adds the products of ${n} samples, which the scaling of the cost has made small.`,
  always: "always 1",
  /** @param {number} n */
  weights: (n) => (n === 1 ? "1 weight" : `weights: ${n}`),
  /** @param {number} n */
  biases: (n) => (n === 1 ? "1 bias" : `biases: ${n}`),
  jacobian: "The table of slopes",
  /** @param {number} zeros @param {number} all */
  jacobianSaid: (zeros, all) =>
    `Rows are outputs, columns inputs. ${zeros} of ${all} are 0: those depend on nothing here.`,
  softmax: "From sums to shares",
  softmaxSaid: "exp makes every number positive; divided by their sum they add up to 1.",
  expShifted: "exp(z − largest)",
  share: "exp(z) / sum",
  /** @param {number} k */
  classNumber: (k) => `class ${k}`,
  /** @param {string} value */
  sumIs: (value) => `sum ${value}`,
  softmaxSlopes: "Every share depends on every z",
  softmaxSlopesSaid: "The chosen row, times the gradients at the right, added up.",
  rightShare: "share of the right class",
  error: "a − y",
  /** @param {string} name */
  cost: (name) => `What the output costs: ${name}`,
  /** @type {Record<string, string>} */
  costs: {
    ...{ mse: "squared error", mae: "absolute error", huber: "Huber" },
    ...{ binary_cross_entropy: "cross-entropy", cross_entropy: "cross-entropy" },
    ...{
      sigmoid_binary_cross_entropy: "cross-entropy",
      softmax_cross_entropy: "cross-entropy",
    },
  },
  /** @param {string} value @param {string} factor */
  costSaid: (value, factor) =>
    `Up to the curve, then left: ${factor ? `${factor} times that is ` : ""}C = ${value}.`,
  /** @param {number} n @param {string} factor @param {string} value */
  costsSaid: (n, factor, value) =>
    `${n} numbers, each with its cost; the largest is marked. ` +
    `Their sum × ${factor} is C = ${value}.`,
  /** @param {number | string} value */
  target: (value) => `target ${value}`,
  costSlope: "The slope of the cost",
  /** @param {string} slope */
  costSlopeSaid: (slope) =>
    `The tangent rises ${slope} for 1 to the right: here the way back begins.`,
  difference: "Prediction minus target",
  /** @param {string} factor */
  differenceSaid: (factor) =>
    `The arrow runs from the target to the prediction` +
    `${factor ? `; its length × ${factor} is the gradient` : ""}.`,
  /** @param {number} k */
  outputNumber: (k) => `output ${k}`,
  penalty: "What the weights cost",
  /** @param {number} n @param {string} value */
  penaltySaid: (n, value) => `${n} weights, each on the curve; together they cost ${value}.`,
  /** @param {boolean} bias */
  update: (bias) => `The cost along this one ${bias ? "bias" : "weight"}`,
  costHere: "C, the other weights as they are",
  slopeIs: "slope ",
  /** @param {string} before @param {string} after */
  alone: (before, after) => `C ${before} → ${after} by this one alone`,
  /** @param {string} after */
  together: (after) => `, ${after} with all of them.`,
  furtherSaid: "Grey: where a larger η leads.",
  momentum: "What is kept, what is new",
  momentumSaid: "The weight moves by the sum, the other way; dotted: without momentum.",
  /** @param {string} mu */
  kept: (mu) => `kept: ${mu} v`,
  /** @param {string} eta */
  added: (eta) => `new: ${eta} ∂C/∂w`,
  move: "move",
  without: "without",
  adaptive: "How far it goes",
  /** @param {string} eta */
  adaptiveSaid: (eta) =>
    `The ratio stays near −1 to 1, so a move is about ${eta} at most, however large the gradients.`,
  gradientNow: "gradient now",
  ratio: "ratio",
  moveIs: "move ",
  schedule: "The rate over the updates",
  /** @param {string} step @param {string} rate */
  scheduleSaid: (step, rate) => `At update ${step} the rate is ${rate}.`,
  /** @param {string} name */
  plain: (name) => `What makes ${name}`,
  notFinite: "Not all numbers of this line are finite: there is nothing to draw.",
  plainSaid: "What the chosen number is made of, and the number itself below.",
};
