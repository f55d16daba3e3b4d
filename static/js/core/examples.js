/**
 * Experiments worth a look, each with the reason. Only what differs from the first-visit experiment
 * is written here. `needs` lists catalog entries; an example whose entries a server does not have
 * is not offered.
 */

/** @param {string} text */
const layers = (text) =>
  text.split(" ").map((/** @type {string} */ part) => ({
    units: parseInt(part, 10),
    activation: part.replace(/^\d+/, ""),
  }));

/**
 * @typedef {{title: string, why: string, needs: [string, string][], recipe:
 *   Partial<import("./wire.js").Recipe>}} Example
 */

/** @type {Example[]} */
export const EXAMPLES = [
  {
    title: "Two moons",
    why: "The first visit: a curve must be bent between two classes.",
    needs: [["datasets", "moons"]],
    recipe: {},
  },
  {
    title: "A gradient that vanishes",
    why: "Seven sigmoid layers: look at the gradient flow, then change them to ReLU.",
    needs: [["activations", "sigmoid"]],
    recipe: {
      network: { layers: layers("5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 1sigmoid") },
    },
  },
  {
    title: "XOR, the smallest hard one",
    why: "Four corners that no line can part; a hidden layer of two can.",
    needs: [["datasets", "xor"]],
    recipe: {
      dataset: { name: "xor" },
      network: { layers: layers("2tanh 1sigmoid"), seed: 3 },
      optimizer: { name: "sgd", learning_rate: 0.5 },
      batch: { size: null, shuffle: false },
    },
  },
  {
    title: "Spirals",
    why: "Needs width, and Adam.",
    needs: [
      ["datasets", "spirals"],
      ["optimizers", "adam"],
    ],
    recipe: {
      dataset: { name: "spirals" },
      network: { layers: layers("8tanh 8tanh 1sigmoid") },
      optimizer: { name: "adam", learning_rate: 0.02 },
    },
  },
  {
    title: "Three clouds, softmax",
    why: "Softmax and cross-entropy together give prediction minus target.",
    needs: [
      ["datasets", "blobs"],
      ["activations", "softmax"],
      ["costs", "cross_entropy"],
    ],
    recipe: {
      dataset: { name: "blobs", classes: 3 },
      network: { layers: layers("6tanh 3softmax") },
      cost: { name: "cross_entropy" },
    },
  },
  {
    title: "Runge's function",
    why: "Regression: the curve is fitted while you watch.",
    needs: [
      ["datasets", "runge"],
      ["optimizers", "adam"],
    ],
    recipe: {
      dataset: { name: "runge" },
      network: { layers: layers("10tanh 10tanh 1identity") },
      cost: { name: "mse" },
      optimizer: { name: "adam", learning_rate: 0.01 },
    },
  },
  {
    title: "Handwritten digits",
    why: "64 inputs, ten classes: the network becomes heat maps.",
    needs: [
      ["datasets", "digits"],
      ["optimizers", "adam"],
    ],
    recipe: {
      dataset: { name: "digits" },
      network: { layers: layers("32relu 10softmax"), initializer: "he_normal" },
      cost: { name: "cross_entropy" },
      optimizer: { name: "adam", learning_rate: 0.003 },
    },
  },
  {
    title: "A learning rate too large",
    why: "Watch it diverge, and where.",
    needs: [["datasets", "sine"]],
    recipe: {
      dataset: { name: "sine" },
      network: { layers: layers("8relu 8relu 1identity"), initializer: "he_normal" },
      cost: { name: "mse" },
      optimizer: { name: "sgd", learning_rate: 1.5 },
    },
  },
];

/** @param {import("./wire.js").Catalog} catalog @returns {Example[]} */
export const available = (catalog) =>
  EXAMPLES.filter(({ needs }) =>
    needs.every(([table, name]) =>
      catalog[/** @type {"datasets"} any registry */ (table)]?.some((entry) => entry.name === name),
    ),
  );
