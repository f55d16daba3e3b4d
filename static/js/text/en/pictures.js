/**
 * Texts of the pictures of lines. Names of values come with their letters and numbers.
 * @satisfies {Texts}
 */
export const pictures = {
  picture: "Picture",
  sumTab: "Sum",
  beside: "Sum or picture",
  previous: "Entry before",
  next: "Next entry",
  larger: "In the full window (V)",
  loading: "Drawing the picture …",
  others: (n) => `${n} others`,
  zeroTerms: (n) => `${n} zeros`,
  sum: (name) => `${name} adds its terms`,
  sumSaid: "Each term starts where the one before it ended; the end is the sum.",
  curve: (f, name) => `${f} gives ${name}`,
  changes: (name, of) => `How ${name} changes with ${of}`,
  upAndLeft: "Up from the axis to the curve, then left.",
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
  slope: (f, name) => `The slope of ${f} at ${name}`,
  functionOf: (f) => `${f}(z)`,
  slopeOf: (f) => `${f}′(z)`,
  slopeSaid: (slope) =>
    `The tangent rises ${slope} for 1 to the right: the gradient keeps this part of itself.`,

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
  gridBatch: (n) =>
    `Each cell adds the products of ${n} samples, which the scaling of the cost has made small.`,
  always: "always 1",
  weights: (n) => (n === 1 ? "1 weight" : `weights: ${n}`),
  biases: (n) => (n === 1 ? "1 bias" : `biases: ${n}`),
  jacobian: "The table of slopes",
  jacobianSaid: "Rows are outputs, columns inputs.",
  zeros: (zeros, all) => ` ${zeros} of ${all} are 0: those depend on nothing here.`,
  softmax: "From sums to probabilities",
  softmaxSaid: "exp makes every number positive; divided by their sum they add up to 1.",
  expShifted: "exp(z − largest)",
  quotient: "exp(z) / sum",
  classNumber: (k) => `class ${k}`,
  sumIs: (value) => `sum ${value}`,
  softmaxSlopes: "Every probability depends on every z",
  softmaxSlopesSaid: "The chosen row, times the gradients at the right, added up.",
  ofRightClass: "probability of the right class",
  error: "a − y",
  cost: (name) => `What the output costs: ${name}`,
  /** @type {Record<string, string>} */
  costs: {
    ...{ mse: "squared error", mae: "absolute error", huber: "Huber" },
    ...{ binary_cross_entropy: "cross-entropy", cross_entropy: "cross-entropy" },
    ...{ sigmoid_binary_cross_entropy: "cross-entropy", softmax_cross_entropy: "cross-entropy" },
  },
  costSaid: (value, factor) =>
    `Up to the curve, then left: ${factor ? `${factor} times that is ` : ""}C = ${value}.`,
  costsSaid: (n, factor, value) =>
    `${n} numbers, each with its cost; the largest is marked. ` +
    `Their sum × ${factor} is C = ${value}.`,
  target: (value) => `target ${value}`,
  costSlope: "The slope of the cost",
  costSlopeSaid: (slope) =>
    `The tangent rises ${slope} for 1 to the right: here the way back begins.`,
  difference: "Prediction minus target",
  differenceSaid: (factor) =>
    `The arrow runs from the target to the prediction` +
    `${factor ? `; its length × ${factor} is the gradient` : ""}.`,
  outputNumber: (k) => `output ${k}`,
  penalty: "What the weights cost",
  penaltySaid: (n, value) => `${n} weights, each on the curve; together they cost ${value}.`,
  update: "The cost along this one weight",
  updateOfBias: "The cost along this one bias",
  costHere: "C, the other weights as they are",
  slopeIs: "slope ",
  alone: (before, after) => `C ${before} → ${after} by this one alone`,
  together: (after) => `, ${after} with all of them.`,
  furtherSaid: "Grey: where a larger η leads.",
  momentum: "What is kept, what is new",
  momentumSaid: "The weight moves by the sum, the other way; dotted: without momentum.",
  kept: (mu) => `kept: ${mu} v`,
  added: (eta) => `new: ${eta} ∂C/∂w`,
  move: "move",
  without: "without",
  adaptive: "How far it goes",
  adaptiveSaid: (eta) =>
    `The ratio stays near −1 to 1, so a move is about ${eta} at most, however large the gradients.`,
  gradientNow: "gradient now",
  ratio: "ratio",
  moveIs: "move ",
  schedule: "The rate over the updates",
  scheduleSaid: (step, rate) => `At update ${step} the rate is ${rate}.`,
  plain: (name) => `What makes ${name}`,
  notFinite: "Not all numbers of this line are finite: there is nothing to draw.",
  /** @type {(left: number) => string} left: entries that are not drawn */
  plainSaid: (left) =>
    "What the chosen number is made of, and the number itself below." +
    (left ? ` ${left} more entries are read.` : ""),
  scaledSaid: "Each term starts where the one before ended; it has the factor of the sum.",
};
