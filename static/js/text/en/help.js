/** Texts of the help. */
export const help = {
  title: "How to read this page",
  close: "Close help",
  twoClocks: "Two clocks. ",
  twoClocksText:
    "The bar at the bottom moves training steps. The ribbon under the network moves " +
    "through the lines of one step: forward, cost, backward, update.",
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
    "Drag an entry of 𝑊, 𝑏, 𝑥 or the target, or double-click it and type. Everything " +
    "follows; it is a change of the experiment from this step on.",
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
  keys: "Keys",
  typeCharacters: " keys that type a character (off for speech input)",
};
