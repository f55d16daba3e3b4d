import assert from "node:assert/strict";
import test from "node:test";
import { sentences } from "../../../static/js/core/sentences.js";

const CATALOG = {
  provided_datasets: [],
  datasets: [
    { name: "moons", title: "Moons", parameters: [{ name: "samples" }, { name: "noise" }] },
  ],
  costs: [{ name: "binary_cross_entropy", title: "Binary cross-entropy" }],
  optimizers: [
    { name: "sgd", title: "Gradient descent" },
    { name: "adam", title: "Adam" },
  ],
};
const RECIPE = {
  dataset: { name: "moons", samples: 300, noise: 0.2 },
  network: {
    layers: [
      { units: 4, activation: "tanh" },
      { units: 4, activation: "tanh" },
      { units: 1, activation: "sigmoid" },
    ],
  },
  cost: { name: "binary_cross_entropy", reduction: "mean" },
  penalty: { l1: 0, l2: 0 },
  optimizer: { name: "sgd", learning_rate: 0.1, schedule: { name: "constant" } },
  batch: { size: 32, shuffle: true },
};
const rows = (n) => ({ x: Array(n).fill([0, 0]) });
const DATA = { features: ["x1", "x2"], train: rows(210), test: rows(90) };

test("each group says its values in a sentence", () => {
  assert.deepEqual(sentences(RECIPE, CATALOG, DATA), {
    data: "moons, 300 points, noise 0.2",
    network: "2–4–4–1, tanh, then sigmoid",
    cost: "Binary cross-entropy, mean",
    optimizer: "Gradient descent, 𝜂 = 0.1",
    batch: "32 points, shuffled",
  });
});

test("what is set beyond the usual is said too", () => {
  const recipe = {
    ...RECIPE,
    dataset: { name: "points" },
    network: { layers: [{ units: 1, activation: "identity" }] },
    penalty: { l1: 0, l2: 0.01 },
    optimizer: { name: "adam", learning_rate: 0.02, schedule: { name: "step_decay" } },
    batch: { size: null, shuffle: false },
  };
  const said = sentences(recipe, CATALOG, null);
  assert.equal(said.data, "own data");
  assert.equal(said.network, "·–1, identity");
  assert.equal(said.cost, "Binary cross-entropy, mean, L2 0.01");
  assert.equal(said.optimizer, "Adam, 𝜂 = 0.02, step decay");
  assert.equal(said.batch, "all points, in order");
});

test("rates of layers are listed", () => {
  const said = (/** @type {number[]} */ layer_factors) =>
    sentences({ ...RECIPE, optimizer: { ...RECIPE.optimizer, layer_factors } }, CATALOG, DATA);
  assert.equal(said([1, 0.5, 20]).optimizer, "Gradient descent, 𝜂 = 0.100, 0.0500, 2");
  assert.match(said([1, 1, 1, 1, 1]).optimizer, /0\.100, …$/);
});

test("a deep network is abridged", () => {
  const layers = Array.from({ length: 12 }, () => ({ units: 5, activation: "relu" }));
  const { network } = sentences({ ...RECIPE, network: { layers } }, CATALOG, DATA);
  assert.equal(network, "2–5–5–…–5–5, relu, then relu");
});
