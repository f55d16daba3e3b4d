import assert from "node:assert/strict";
import test from "node:test";
import { available } from "../../../static/js/core/examples.js";

/** A catalog that has every entry. */
const everything = new Proxy({}, { get: () => ({ find: () => ({}) }) });

test("each example has a title, a reason and a network whose output fits its cost", () => {
  const examples = available(everything);
  assert.ok(examples.length >= 5);
  assert.equal(new Set(examples.map(({ title }) => title)).size, examples.length);
  for (const { title, why, recipe } of examples) {
    assert.ok(title && why);
    const output = recipe.network?.layers.at(-1);
    if (recipe.cost?.name === "cross_entropy") assert.equal(output.activation, "softmax", title);
  }
});

test("an example that needs what a server lacks is not offered", () => {
  const none = new Proxy({}, { get: () => [] });
  assert.deepEqual(
    available(none).map(({ recipe }) => recipe),
    [{}],
  );
  const datasets = [{ name: "xor" }, { name: "spirals" }];
  const activations = [{ name: "tanh" }, { name: "sigmoid" }];
  const offered = available({ datasets, activations, optimizers: [{ name: "sgd" }], costs: [] });
  assert.deepEqual(
    offered.map(({ picture }) => picture),
    ["moons", undefined, "xor"],
  );
});
