import assert from "node:assert/strict";
import test from "node:test";
import { isWatchable, steepest, weightNamed } from "../../../static/js/core/watched.js";
import { value } from "../helpers/lines.js";

test("the weight with the largest gradient is named by its ends, in both conventions", () => {
  const gradient = value("dC_dW1", {
    value: [
      [1, 2],
      [-5, 3],
      [0, 4],
    ],
    shape: [3, 2],
  });
  assert.equal(steepest({ lines: [gradient], givens: [] }), "W1[0,1]");
  const row = { ...gradient, axes: ["unit below", "unit"] };
  assert.equal(steepest({ lines: [row], givens: [] }), "W1[1,0]");
  assert.deepEqual(weightNamed("W1[1,0]"), { layer: 1, from: 1, to: 0 });
  for (const name of [null, "b1[0]", "W1[0]", "W1[0,1] "]) assert.equal(weightNamed(name), null);
});

test("networks of up to 4 layers of up to 8 units can be watched", () => {
  assert.ok(isWatchable([2, 8, 8, 8, 1]));
  for (const sizes of [
    [2, 9, 1],
    [9, 2, 1],
    [2, 2, 2, 2, 2, 1],
  ])
    assert.ok(!isWatchable(sizes));
});
