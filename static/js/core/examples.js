/**
 * Experiments worth a look, each with the reason. Only what differs from the first-visit experiment
 * is written here. `needs` lists catalog entries; an example whose entries a server does not have
 * is not offered.
 */
import { TEXT } from "../text/en.js";

/** @param {string} text */
const layers = (text) =>
  text.split(" ").map((/** @type {string} */ part) => ({
    units: parseInt(part, 10),
    activation: part.replace(/^\d+/, ""),
  }));

/**
 * @typedef {{title: string, why: string, needs: [string, string][], picture?: string, recipe:
 *   RecipePart}} Example picture: its name in static/examples.svg
 */

/** @type {Example[]} */
export const EXAMPLES = [
  {
    title: TEXT.examples.moons,
    picture: "moons",
    why: TEXT.examples.moonsWhy,
    needs: [["datasets", "moons"]],
    recipe: {},
  },
  {
    title: TEXT.examples.vanishing,
    why: TEXT.examples.vanishingWhy,
    needs: [["activations", "sigmoid"]],
    recipe: {
      network: { layers: layers("5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 1sigmoid") },
    },
  },
  {
    title: TEXT.examples.xor,
    picture: "xor",
    why: TEXT.examples.xorWhy,
    needs: [["datasets", "xor"]],
    recipe: {
      dataset: { name: "xor" },
      network: { layers: layers("2tanh 1sigmoid"), seed: 3 },
      optimizer: { name: "sgd", learning_rate: 0.5 },
      batch: { size: null, shuffle: false },
    },
  },
  {
    title: TEXT.examples.spirals,
    picture: "spirals",
    why: TEXT.examples.spiralsWhy,
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
    title: TEXT.examples.clouds,
    picture: "blobs",
    why: TEXT.examples.cloudsWhy,
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
    title: TEXT.examples.runge,
    picture: "runge",
    why: TEXT.examples.rungeWhy,
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
    title: TEXT.examples.digits,
    picture: "digits",
    why: TEXT.examples.digitsWhy,
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
    title: TEXT.examples.tooLarge,
    why: TEXT.examples.tooLargeWhy,
    needs: [["datasets", "sine"]],
    recipe: {
      dataset: { name: "sine" },
      network: { layers: layers("8relu 8relu 1identity"), initializer: "he_normal" },
      cost: { name: "mse" },
      optimizer: { name: "sgd", learning_rate: 1.5 },
    },
  },
];

/** @param {Catalog} catalog @returns {Example[]} */
export const available = (catalog) =>
  EXAMPLES.filter(({ needs }) =>
    needs.every(([table, name]) =>
      catalog[/** @type {"datasets"} any registry */ (table)]?.some((entry) => entry.name === name),
    ),
  );
