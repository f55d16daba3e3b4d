import assert from "node:assert/strict";
import test from "node:test";
import { activationsOf, computed, costsOf, joined } from "../../../static/js/core/dense.js";

const a = (layer, entry, signature, shape) => ({
  ...{ id: `a${layer}`, quantity: "a", layer, phase: "forward", inputs: [`z${layer}`] },
  ...{ entry, signature, shape },
});
const SOFTMAX = a(2, "exp({0:j}) / Σ[exp({0:k})]", "j->j", [3]);
const TRACE = {
  lines: [
    a(1, "max({0}, 0.1·{0})", "j->j", [2]),
    SOFTMAX,
    {
      ...{ id: "C", phase: "cost", inputs: ["a2", "target"], signature: "j,j->", shape: [] },
      entry: "Σ[{1}·({0} − 1)²]",
    },
  ],
  givens: [{ id: "target", quantity: "target", layer: null, shape: [3], value: [1, 0, 0] }],
};
TRACE.lines[1].value = [1, 0, 0];
TRACE.lines[0].value = [0, 0];
const LAYERS = [
  { units: 2, W: { data: [1, -1] }, b: { data: [0, 0.5] } },
  { units: 3, W: { data: [1, 0, 0, 0, 1, 0] }, b: { data: [0, 0, 0] } },
];
const POINTS = joined([[2], [-3]]);

test("all points go through all layers, with the activations as the working writes them", () => {
  const layers = computed(activationsOf(TRACE, 2), LAYERS, POINTS);
  assert.deepEqual([...layers[0].z], [2, -1.5, -3, 3.5]);
  assert.deepEqual([...layers[0].a], [2, -0.15000000000000002, -0.30000000000000004, 3.5]);
  const powers = [2, -0.15000000000000002, 0].map(Math.exp);
  const sum = powers.reduce((total, each) => total + each);
  powers.forEach((power, k) => {
    assert.ok(Math.abs(layers[1].a[k] - power / sum) < 1e-15);
  });
});

test("one changed unit gives what computing all again gives", () => {
  const activations = activationsOf(TRACE, 2);
  const before = computed(activations, LAYERS, POINTS);
  const now = [{ ...LAYERS[0], W: { data: [1, 4] } }, LAYERS[1]];
  const only = { layer: 0, unit: 1, before };
  assert.deepEqual(computed(activations, now, POINTS, only), computed(activations, now, POINTS));
});

test("costs are summed over samples with their own targets; what is no arithmetic has none", () => {
  const sum = costsOf(TRACE, { task: "classification", train: { target: [0, 2] } }, 2);
  const last = { z: new Float64Array(6), a: Float64Array.from([0.5, 0.2, 0.3, 0, 0, 0.1]) };
  assert.ok(Math.abs(sum(last) - (0.25 + 0.81)) < 1e-12);
  const strange = { ...TRACE, lines: [TRACE.lines[0], { ...SOFTMAX, entry: "max{0}" }] };
  assert.equal(activationsOf(strange, 2), null);
});
