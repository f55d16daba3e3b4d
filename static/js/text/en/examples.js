/** Texts of the examples. */
export const examples = {
  /** Below the pictures. @type {Record<string, string>} */
  short: {
    moons: "moons",
    xor: "XOR",
    spirals: "spirals",
    blobs: "clouds",
    runge: "Runge",
    digits: "digits",
  },
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
  digitsWhy: "64 inputs, ten classes: the network becomes heat maps.",
  tooLarge: "A learning rate too large",
  tooLargeWhy: "Watch it diverge, and where.",
};
