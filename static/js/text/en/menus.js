/** Texts of the menus, the help and the keys. */

/** Texts of the commands, as the help lists them. @satisfies {Texts} */
export const commands = {
  lines: "line before, line after",
  entries: "number before, number after, of this line",
  play: "play, pause",
  walkForward: "walk the forward pass line by line, pause it",
  walkBackward: "run the error back line by line, pause it",
  steps: "one update back, on",
  toStart: "to update 0",
  samples: "sample before, sample after",
  typeValue: "on an entry of W, b, x or the target: type another value",
  dragValue: "an edge or such an entry: what if it were another; Esc puts it back",
  undo: "undo, redo a change to the experiment",
  experiment: "all controls; then the experiment's form",
  compare: "two runs: keep this one, change another",
  middle: "gradient flow, health, cost nearby, map of runs",
  wholeBatch: "one sample, whole batch",
  convention: "next convention",
  submitted: "mark my own numbers of this line",
  jacobians: "with or without Jacobians",
  picture: "the line's picture in the full window",
  pathBack: "one back on the way to where a number came from",
  chooseNothing: "choose nothing",
  projector: "projector: stage and working only, larger",
  theme: "light, dark, as the system",
  between: "in the network: between neurons; in a matrix: between entries",
  watch: "watch one error go back to one weight; leave it",
  lessons: "lessons",
  check: "check my numbers",
  thisSheet: "this sheet",
  share: "share: link, NumPy, files",
};

/** Texts of the help. @satisfies {Texts} */
export const help = {
  title: "How to read this page",
  twoClocks: "Two clocks. ",
  twoClocksText:
    "The bar at the bottom goes from update to update. The ribbon under the network moves " +
    "through the lines of one update: forward, cost, backward, update.",
  seenTwice: "One thing, seen twice. ",
  seenTwiceText:
    "Point at an entry of a matrix and its edge or neuron lights up; click a neuron or an " +
    "edge and its row, column or entry does. The sum below the matrices is that entry, " +
    "written out.",
  whereFrom: "Where a number comes from. ",
  whereFromText:
    "Click an entry to the right of the equals sign: the working turns to the line that " +
    "made it, and so on, down to the data and the parameters. The path below shows the " +
    "way back. Entries count from 0, as in NumPy: W[1, 0] is 𝑊₁₀, and the first subscript " +
    "is the row. Layers count from 1.",
  whatIf: "What if. ",
  whatIfText:
    "Drag an edge of the network, or an entry of 𝑊, 𝑏, 𝑥 or the target: everything follows, the " +
    "old numbers stay beside the new ones, and Esc puts it back. Enter on a unit goes to its " +
    "weights, Enter on a weight takes it, arrows move it. Double-click an entry to type: that is " +
    "a change of the experiment from this update on.",
  colours:
    "Blue is positive, orange negative; the stronger and wider, the larger. Teal is " +
    "forward, amber the cost, violet backward, green the update.",
  colour: "Colour. ",
  samples:
    "Click a training point to follow it through the network, or take the whole batch " +
    "that the next update uses.",
  sample: "Samples. ",
  checks:
    "Each gradient is compared with autograd, an independent program, and with finite " +
    "differences of the cost. The number is the relative error.",
  proof: "Proof. ",
  forLecturers: "For lecturers:",
  teach: "Teach a class",
  sheetsAndLinks: "Sheets and class links",
  forPrograms: "For programs:",
  api: "API",
  keys: "Keys",
  typeCharacters: " keys that type a character (off for speech input)",
};

/** Texts of the examples. @satisfies {Texts} */
export const examples = {
  moons: "Two moons",
  moonsWhy: "The first visit: a curve must be bent between two classes.",
  vanishing: "A gradient that vanishes",
  vanishingWhy: "Seven sigmoid layers: look at the gradient flow, then change them to ReLU.",
  xor: "XOR, the smallest hard one",
  xorWhy: "Four corners that no line can part; a hidden layer of two can.",
  spirals: "Spirals",
  spiralsWhy: "Needs width, and Adam.",
  clouds: "Three clouds, softmax",
  cloudsWhy: "Softmax and cross-entropy together give prediction minus target.",
  runge: "Runge's function",
  rungeWhy: "Regression: the curve is fitted while you watch.",
  digits: "Handwritten digits",
  digitsWhy: "64 inputs, ten classes: each unit is a picture of its weights.",
  tooLarge: "A learning rate too large",
  tooLargeWhy: "Watch it diverge, and where.",
};

/** Texts of sharing and exporting. @satisfies {Texts} */
export const share = {
  files: {
    notebook: {
      title: "Notebook",
      why: "Data, training and every line in NumPy, checked with autograd",
    },
    script: { title: "NumPy script", why: "The notebook as one Python file" },
    pytorch: {
      title: "PyTorch code",
      why: "These weights in torch.nn, the same gradients, one update",
    },
    trace: { title: "Working as JSON", why: "All lines with values, formulas and proof" },
    history: {
      title: "History as CSV",
      why: "Cost, score and gradient norms of the recorded updates",
    },
    data: { title: "Data as CSV", why: "All rows before standardising" },
    weights: {
      title: "Weights for NumPy",
      why: "W (inputs × outputs) and b of every layer, for np.load",
    },
  },
  notBeforeAnswered: (what) => `What is ${what} can be exported once it is answered.`,
  lineAsNumPy: "This line as NumPy",
  shareAndExport: "Share and export",
  copyLink: "Copy link",
  linkToCard: "To this lesson with the numbers of its seed, at this card",
  linkToView: "It holds the whole view: recipe, update, line, what is chosen",
  copiedWithInputs: "Copied with what it is made of",
  lineCopied: (line) => `${line} is copied`,
  filesOfStep: "Files of this update",
  linkCopied: "Link copied",
  linkInAddress: "Link is in the address bar",
  share: "Share",
  beingMade: (title) => `${title} is being made …`,
  couldNotBeMade: (title) => `${title} could not be made.`,
  downloaded: (name) => `${name} is downloaded.`,
  copiedAsNumPy: (line) => `${line} copied as NumPy`,
  mayNotCopy: "This browser does not let the page copy.",
  copied: "copied",
  notCopied: "no",
};

/** Texts of pictures to take along. @satisfies {Texts} */
export const takeAlong = {
  head: "Pictures to take along",
  forward: "Forward pass",
  forwardWhy: "Line by line, with what each reads on its way.",
  backward: "Error back",
  backwardWhy: "The gradient from layer to layer, then the update.",
  run: "This run",
  runWhy: "Network and prediction, from update 0 to this one.",
  format: "Moving pictures as",
  gif: "moving, as GIF",
  webm: "moving, as WebM video (recorded while it plays)",
  noWebm: "WebM: this browser cannot record it",
  figure: "Figure",
  network: "Network",
  as: (format) => `Save as ${format}`,
  making: (done, all) => `Frame ${done} of ${all}. Press again to stop.`,
  stopped: "Stopped.",
  noFigure: "This figure is not on the page now.",
  stepAndCost: (step, cost) => `update ${step}, cost ${cost}`,
};
