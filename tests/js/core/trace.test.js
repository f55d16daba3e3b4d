import assert from "node:assert/strict";
import test from "node:test";
import {
  atStep,
  jacobiansFit,
  leftOut,
  leftOutOf,
  lineOf,
  neighbour,
  variable,
  withValues,
} from "../../../static/js/core/trace.js";

const TRACE = {
  givens: [
    { id: "x", value: [1], shape: [1] },
    { id: "W1", value: null, left_out: true },
  ],
  lines: [
    { id: "z1", inputs: ["x", "W1"], value: null, left_out: true },
    { id: "a1", inputs: ["z1"], value: [2] },
  ],
};

test("a variable is a line or a given", () => {
  assert.equal(variable(TRACE, "x"), TRACE.givens[0]);
  assert.equal(variable(TRACE, "a1"), TRACE.lines[1]);
  assert.equal(lineOf(TRACE, "x"), undefined);
  assert.equal(lineOf(null, "z1"), undefined);
});

test("the neighbour of a line stays within the trace", () => {
  assert.deepEqual(
    ["z1", "a1"].map((id) => neighbour(TRACE, id, 1)),
    ["a1", "a1"],
  );
  assert.equal(neighbour(TRACE, "z1", -1), "z1");
});

test("values that were left out are found and filled in", () => {
  assert.deepEqual(leftOut(TRACE, "z1"), ["z1", "W1"]);
  assert.deepEqual(leftOut(TRACE, "none"), []);
  const whole = withValues(TRACE, [
    { id: "z1", value: [5] },
    { id: "W1", value: [[5]] },
  ]);
  assert.deepEqual(leftOut(whole, "z1"), []);
  assert.deepEqual(variable(whole, "W1").value, [[5]]);
  assert.equal(TRACE.lines[0].left_out, true);
});

test("the working of another step has the formulas of the one before, new values", () => {
  const before = {
    step: 1,
    batch: 2,
    gradients: [{}],
    givens: [{ id: "x", symbol: "𝑥", value: [[1], [2]], shape: [2, 1] }],
    lines: [
      { id: "z1", formula: "f", inputs: ["x"], value: [[3], [4]], shape: [2, 1] },
      { id: "a1", formula: "g", inputs: ["z1"], value: [[5], [6]], shape: [2, 1] },
    ],
  };
  // the last batch of an epoch is smaller
  const found = {
    step: 2,
    batch: 1,
    gradients: [],
    givens: [{ id: "x", value: [[7]], shape: [1, 1] }],
    lines: [{ id: "z1", inputs: ["x"], value: [[8]], shape: [1, 1] }],
  };
  const now = atStep(before, found);
  assert.deepEqual([now.step, now.batch, now.gradients], [2, 1, [{}]]);
  assert.deepEqual(now.givens[0], {
    ...before.givens[0],
    ...found.givens[0],
    left_out: undefined,
    finite: undefined,
  });
  assert.deepEqual(now.lines[0], {
    ...before.lines[0],
    ...found.lines[0],
    left_out: undefined,
    finite: undefined,
  });
  assert.deepEqual(now.lines[1], { ...before.lines[1], value: null, left_out: true });
  assert.deepEqual(leftOutOf(now, ["x", "a1", "none"]), ["a1"]);
});

test("Jacobians are asked for up to 100,000 entries a layer", () => {
  const data = { features: ["x", "y"], train: { x: Array(60).fill([0, 0]) } };
  const recipe = (units, size) => ({
    network: { layers: units.map((n) => ({ units: n })) },
    batch: { size },
  });
  assert.equal(jacobiansFit(recipe([40, 1], 50), data, 0), true);
  assert.equal(jacobiansFit(recipe([40, 1], 20), data, "batch"), true);
  for (const size of [50, null])
    assert.equal(jacobiansFit(recipe([40, 1], size), data, "batch"), false);
  assert.equal(jacobiansFit(recipe([40, 80], 50), data, 0), false);
});
