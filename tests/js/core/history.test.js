import assert from "node:assert/strict";
import test from "node:test";
import { emptyHistory, extend, horizon, since } from "../../../static/js/core/history.js";

const frame = (step, steps, more = {}) => ({
  step,
  diverged: null,
  curves: {
    step: { data: steps, shape: [steps.length] },
    cost_train: { data: steps.map((k) => 1 / (k + 1)), shape: [steps.length] },
    W_norm: { data: steps.flatMap((k) => [k, -k]), shape: [steps.length, 2] },
  },
  ...more,
});

test("curves are appended, and points that are known already left out", () => {
  const first = extend(emptyHistory(2), frame(4, [0, 1, 4]));
  const second = extend(first, frame(9, [1, 4, 9]));
  assert.deepEqual(second.step, [0, 1, 4, 9]);
  assert.deepEqual(second.W_norm, [
    [0, 1, 4, 9],
    [-0, -1, -4, -9],
  ]);
  assert.ok(second.cost_test.every(Number.isNaN));
  assert.equal(second.reached, 9);
  assert.equal(since(second), 9);
  assert.equal(since(emptyHistory(1)), undefined);
});

test("going back keeps what lies ahead, and the same object if nothing is new", () => {
  const history = extend(emptyHistory(2), frame(4, [0, 4]));
  assert.equal(extend(history, frame(0, [0])), history);
});

test("a run that diverged ends at its last finite step", () => {
  assert.equal(extend(emptyHistory(2), frame(3, [0], { diverged: { step: 5 } })).end, 3);
});

test("the slider ends at a round number", () => {
  assert.deepEqual([0, 100, 101, 201, 501, 1500].map(horizon), [100, 100, 200, 500, 1000, 2000]);
});
