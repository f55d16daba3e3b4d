import assert from "node:assert/strict";
import test from "node:test";
import {
  addLayer,
  fitTo,
  get,
  put,
  removeLayer,
  summary,
  withInitializer,
  withLayerFactors,
  withOptimizer,
  withSchedule,
} from "../../../static/js/core/recipe.js";

const CATALOG = {
  activations: ["identity", "sigmoid", "softmax"].map((name) => ({ name })),
  costs: ["mse", "binary_cross_entropy", "cross_entropy"].map((name) => ({ name })),
};
const recipe = (...layers) => ({
  dataset: { name: "moons" },
  network: { layers, weights: [1] },
  cost: { name: "mse" },
  optimizer: { name: "sgd", learning_rate: 0.1 },
});
const layer = (units, activation) => ({ units, activation });

test("a changed recipe is a copy", () => {
  const before = recipe(layer(3, "tanh"));
  const after = put(before, "network.layers.0.units", 5);
  assert.equal(get(after, "network.layers.0.units"), 5);
  assert.equal(get(before, "network.layers.0.units"), 3);
  assert.equal(get(before, "no.such.path"), undefined);
});

test("output and cost are fitted to the number of classes", () => {
  const fitted = (classes) => {
    const { network, cost } = fitTo(
      recipe(layer(4, "tanh"), layer(1, "sigmoid")),
      classes,
      CATALOG,
    );
    const { units, activation } = network.layers.at(-1);
    return [units, activation, cost.name];
  };
  assert.deepEqual(fitted(null), [1, "identity", "mse"]);
  assert.deepEqual(fitted(2), [1, "sigmoid", "binary_cross_entropy"]);
  assert.deepEqual(fitted(3), [3, "softmax", "cross_entropy"]);
});

test("a new layer is like the one before the output, and needs new weights", () => {
  const added = addLayer(recipe(layer(3, "relu"), layer(1, "sigmoid")));
  assert.deepEqual(
    added.network.layers.map(({ units }) => units),
    [3, 3, 1],
  );
  assert.equal(added.network.weights, null);
  assert.deepEqual(
    removeLayer(added, 0).network.layers.map(({ units }) => units),
    [3, 1],
  );
});

test("factors of the learning rate follow the layers and the optimizer", () => {
  const before = withLayerFactors(recipe(layer(3, "relu"), layer(1, "sigmoid")), true);
  assert.deepEqual(before.optimizer.layer_factors, [1, 1]);
  const set = put(before, "optimizer.layer_factors", [2, 3]);
  const added = addLayer(set);
  assert.deepEqual(added.optimizer.layer_factors, [2, 2, 3]);
  assert.deepEqual(removeLayer(added, 1).optimizer.layer_factors, [2, 3]);
  const adam = withOptimizer(set, "adam", { optimizers: [{ name: "adam", parameters: [] }] });
  assert.deepEqual(adam.optimizer.layer_factors, [2, 3]);
  assert.equal("layer_factors" in withLayerFactors(set, false).optimizer, false);
});

test("another optimizer keeps rate and schedule and has its own parameters", () => {
  const before = recipe(layer(3, "relu"));
  before.optimizer.momentum = 0.5;
  before.optimizer.schedule = { name: "step", every: 10 };
  const catalog = { optimizers: [{ name: "adam", parameters: [{ name: "beta1", default: 0.9 }] }] };
  assert.deepEqual(withOptimizer(before, "adam", catalog).optimizer, {
    name: "adam",
    learning_rate: 0.1,
    beta1: 0.9,
    schedule: { name: "step", every: 10 },
  });
});

test("a summary shortens equal layers", () => {
  const deep = recipe(...Array(5).fill(layer(4, "tanh")), layer(1, "sigmoid"));
  assert.match(summary(deep, 2), /2-4×5-1/);
});

test("another initializer draws new weights with its own parameters", () => {
  const catalog = {
    initializers: [{ name: "uniform", parameters: [{ name: "low", default: -1 }] }],
  };
  const before = recipe(layer(1, "sigmoid"));
  before.network.value = 0.5;
  assert.deepEqual(withInitializer(before, "uniform", catalog).network, {
    layers: before.network.layers,
    weights: null,
    initializer: "uniform",
    low: -1,
  });
});

test("another schedule keeps the optimizer", () => {
  const catalog = { schedules: [{ name: "step", parameters: [{ name: "every", default: 10 }] }] };
  const before = { ...recipe(), optimizer: { name: "adam", schedule: { name: "cosine", end: 9 } } };
  assert.deepEqual(withSchedule(before, "step", catalog).optimizer, {
    name: "adam",
    schedule: { name: "step", every: 10 },
  });
});
