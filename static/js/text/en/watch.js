/** Texts of the first visit and of Watch. */

/** Texts of the first visit. @satisfies {Texts} */
export const first = {
  question: (n) =>
    `Which way should each of these ${n} weights and biases change to make this prediction better?`,
  itSays: "it says",
  itShouldSay: "it should say",
  more: "▲ more",
  or: "or",
  less: "▼ less",
  asked: "?",
  thisPoint: "this point",
  doors: "Where to begin",
  watch: "Watch",
  watchWhat: "Follow one error back to one weight",
  watchMore: "12 pictures, about 3 minutes.",
  watchGo: "Start watching",
  learn: "Learn",
  learnWhat: "Do it yourself, one number at a time",
  learnMore: (n, title, minutes) => `${n} lessons. The first: ${title}, ${minutes} min.`,
  learnGo: "Begin lesson 1",
  check: "Check my NumPy",
  checkWhat: "Paste what your program printed",
  checkMore: "It finds the first wrong line and names the mistake.",
  checkGo: "Paste numbers",
  exampleMistake: "derivative left out",
  orLetItLearn: "or let it learn",
  lines: (n) => `One update is ${n} lines`,
  allControls: "All controls",
  everything: "Every line, setting, curve and map:",
};

/** Texts of Watch: one error followed back to one weight. @satisfies {Texts} */
export const watch = {
  watchThis: "Watch this weight",
  watch: "Watch",
  picture: (k, n) => `picture ${k} of ${n}`,
  back1: "Picture before (←)",
  next: "Next picture (→)",
  play: "Play, a picture every 4 seconds (space)",
  pause: "Pause (space)",
  close: "Leave Watch (Esc)",
  tooLarge:
    "This network is too large to be watched: up to 4 layers of up to 8 units can be. " +
    "Choose fewer " +
    "layers or units, or another example.",
  loading: "Reading the numbers …",
  weight: (layer, from, to) =>
    layer === 1
      ? `the weight from input ${from} to unit ${to}`
      : `the weight from unit ${from} to unit ${to} of layer ${layer}`,
  question: "Should this weight be larger or smaller?",
  answers: (weight, w, outputs, targets) =>
    `The network says ${outputs} and should say ${targets}. What would help: more or less of ` +
    `${weight}, which is now ${w}?`,
  more: "▲ larger",
  less: "▼ smaller",
  cost: "How wrong is it?",
  costText: (cost) =>
    `The cost 𝐶 says it in one number: ${cost}. From here on there is one question: how ` +
    `fast does ` +
    "𝐶 change when something behind it grows a little?",
  error: "error",
  errorAt: "The error at the output",
  errorText: (z, error, why) =>
    `${z} is what the output unit adds up. When it grows a little, 𝐶 changes ${error} ` +
    `times as much. ` +
    why,
  unit: (unit, layer) => `unit ${unit} of layer ${layer}`,
  back: "Back along one path",
  backText: (unit, w) =>
    `What ${unit} passes on counts ${w} times in that sum. So the error comes back to it ` +
    `times this ` +
    "weight.",
  through: (unit) => `Through ${unit}`,
  throughLayer: (layer) => `Through layer ${layer}`,
  slopeText: (activation) =>
    `The unit sends its sum through ${activation}: times the slope where it stands, the ` +
    `tangent. Where ` +
    "the curve is flat, little comes back.",
  further: "One layer further back",
  furtherText: "Each weight and each slope on the way is one more factor.",
  second: "A second path",
  secondText: (unit) => `The same rule by ${unit}: weight, slope, weight.`,
  others: (n) => (n === 1 ? "The third path" : "The other paths"),
  othersText: "On each edge at the unit: what comes back along that path.",
  meet: (n, unit) => (n === 1 ? `Back to unit ${unit}` : `${n} paths meet in unit ${unit}`),
  meetText: "The unit changes the cost along all of them, so what comes back is added.",
  backTo: (layer) => `Back to layer ${layer}`,
  backAll: "To each unit: the error times the weight on the way.",
  sumAll: (unit) =>
    `Each unit adds up what comes back along its weights; the terms of unit ${unit} are ` +
    `written out.`,
  by: (unit) => `by unit ${unit}`,
  toWeight: "To the weight",
  inputText: (input, gradient) =>
    `Times the input that the weight carries, ${input}. That is ∂𝐶/∂𝑤, how fast 𝐶 changes ` +
    `with this ` +
    `weight: ${gradient}.`,
  all: (n) => `Now all ${n}`,
  allText:
    "Every weight and bias gets such a product, blue where more of it raises the cost. " +
    "What paths share " +
    "is computed once: that is backpropagation.",
  weightTerm: "weight",
  slope: "slope",
  input: "input",
  penalty: "with penalty",
  sumOf: (n) => `sum of ${n} paths`,
  sumByError: (n) => `${n} paths ÷ error`,
  slopeFactor: (slope) => `slope × ${slope}`,
  product: "The bars: the product so far",
  sum: "sum",
  test: (h) => `Test: make 𝑤 larger by ${h}.`,
  conclusion: (/** @type {boolean} */ falls) =>
    falls ? "So: a little more 𝑤, a little less cost." : "So: a little less 𝑤, a little less cost.",
  guess: (/** @type {boolean} */ right) => (right ? "As you said." : "You said the other way."),
  proof: (error) => `Finite differences of the server: the same within ${error}.`,
  update: (rate) => `One update with η = ${rate} for this sample alone:`,
  exploreAll: "See every line",
  lesson: "Do it yourself: lesson 1",
  another: "Another weight: press its edge, or choose it above.",
  which: "Which weight",
};
