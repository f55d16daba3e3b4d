import assert from "node:assert/strict";
import test from "node:test";
import { parameterOf, sliceOf } from "../../../../static/js/explorer/dock/cost-bar.js";

test("an edge is a weight, a neuron its bias, an input nothing", () => {
  assert.equal(parameterOf("e2.3.0"), "W2[3,0]");
  assert.equal(parameterOf("n1.2"), "b1[2]");
  assert.equal(parameterOf("n0.1"), null);
  assert.equal(parameterOf(null), null);
});

test("a cut that cannot be read is that along the gradient", () => {
  assert.deepEqual(sliceOf({ slice: "plane:random:3" }), {
    kind: "plane",
    second: "random",
    seed: 3,
  });
  assert.deepEqual(sliceOf({ slice: "nonsense" }), { kind: "gradient", of: "batch" });
});
