import assert from "node:assert/strict";
import test from "node:test";
import {
  baseName,
  outOfBounds,
  parameterOf,
  withParameter,
} from "../../../static/js/core/activations.js";

const slope = { name: "slope", title: "slope for negative z", default: 0.01, min: 0, max: 1 };
const ENTRIES = [
  { name: "relu", title: "ReLU", parameters: [] },
  { name: "leaky_relu", title: "leaky ReLU", parameters: [slope] },
];

test("a name is taken apart into activation and parameter", () => {
  assert.equal(baseName("leaky_relu(0.1)"), "leaky_relu");
  assert.equal(baseName("relu"), "relu");
  assert.equal(parameterOf(ENTRIES, "leaky_relu(0.1)")?.value, 0.1);
  assert.equal(parameterOf(ENTRIES, "leaky_relu")?.value, 0.01);
  assert.equal(parameterOf(ENTRIES, "relu"), null);
  assert.equal(parameterOf(ENTRIES, "swish"), null);
});

test("a parameter is written into the name unless it is the usual one", () => {
  assert.equal(withParameter(ENTRIES, "leaky_relu", 0.2), "leaky_relu(0.2)");
  assert.equal(withParameter(ENTRIES, "leaky_relu(0.2)", 0.01), "leaky_relu");
  assert.equal(withParameter(ENTRIES, "leaky_relu", 0.1 + 0.2), "leaky_relu(0.3)");
  assert.equal(withParameter(ENTRIES, "leaky_relu", 0), "leaky_relu(0)");
});

test("a parameter out of bounds is refused", () => {
  assert.equal(outOfBounds(slope, 1), null);
  assert.equal(outOfBounds(slope, 1.5), "It must be from 0 to 1.");
  assert.ok(outOfBounds(slope, Number.NaN));
});
