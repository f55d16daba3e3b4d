import assert from "node:assert/strict";
import test from "node:test";
import { scrubPath } from "../../../static/js/figures/scrub-curve.js";

const HISTORY = { step: [0, 50, 100], cost_train: [1, 0.5, 0.25], cost_test: [2, NaN, 1] };

test("the curve goes from the first step to its place below the end, highest at the top", () => {
  assert.equal(scrubPath(HISTORY, "cost_train", 200), "M0.0000 0.5000L0.2500 0.7500L0.5000 0.8750");
});

test("points without a finite cost are left out, and one point is no curve", () => {
  assert.equal(scrubPath(HISTORY, "cost_test", 100), "M0.0000 0.0000L1.0000 0.5000");
  assert.equal(scrubPath({ step: [0], cost_train: [1], cost_test: [NaN] }, "cost_train", 100), "");
});

test("a long run has as many points as there is room for", () => {
  const n = 10_000;
  const costs = Array(n).fill(1);
  const step = costs.map((_, k) => k);
  const path = scrubPath({ step, cost_train: costs, cost_test: costs }, "cost_train", n);
  assert.ok(path.split("L").length <= 240);
});
