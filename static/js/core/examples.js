/**
 * Experiments worth a look, each with the reason. Only what differs from the first-visit experiment
 * is written here. An example with entries that the server's catalog does not have is not offered.
 */
import { TEXT } from "../text/en.js";
import { find } from "./recipe.js";

const layers = (/** @type {string} */ text) =>
  text
    .split(" ")
    .map((/** @type {string} */ part) => ({
      units: parseInt(part, 10),
      activation: part.replace(/^\d+/, ""),
    }));

/**
 * @typedef {{title: string, why: string, picture?: string, recipe:
 *   RecipePart}} Example picture: its name in static/examples.svg
 */

/** @type {Example[]} */
export const EXAMPLES = [
  { title: TEXT.examples.moons, picture: "moons", why: TEXT.examples.moonsWhy, recipe: {} },
  {
    title: TEXT.examples.vanishing,
    why: TEXT.examples.vanishingWhy,
    recipe: {
      network: { layers: layers("5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 5sigmoid 1sigmoid") },
    },
  },
  {
    title: TEXT.examples.xor,
    picture: "xor",
    why: TEXT.examples.xorWhy,
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
  EXAMPLES.filter(({ recipe: { dataset, network, cost, optimizer } }) => {
    const layers = network?.layers ?? [];
    return (
      layers.every(({ activation }) => find(catalog.activations, activation)) &&
      (dataset?.name === undefined ? true : find(catalog.datasets, dataset.name)) &&
      (!cost?.name || find(catalog.costs, cost.name)) &&
      (!optimizer?.name || find(catalog.optimizers, optimizer.name))
    );
  });
