import assert from "node:assert/strict";
import test from "node:test";
import { lineTexts, planeTexts, stillFalls } from "../../../static/js/figures/slice-texts.js";

const direction = (more = {}) => ({
  of: "batch",
  gradient_norm: 1,
  t: [0, 1, 2],
  cost_train: [3, 1, 2],
  cost_batch: [3, 1, 2],
  update: { t: 0.5, off: 0, cost_train: 2, cost_batch: 2 },
  ...more,
});
const line = (more) => ({
  kind: "gradient",
  cost: { train: 3, batch: 3 },
  directions: [direction(more)],
});
const plane = (cost, more = {}) => ({
  kind: "plane",
  axes: ["gradient", "start"],
  cost,
  samples: 4,
  here: { x: 0, y: 0, cost: 3 },
  update: { x: 1, y: 0, cost: 2, off: 0 },
  path: null,
  ...more,
});

test("a line says where the update goes and where the cost is least", () => {
  const { summary, sentence } = lineTexts(line(), "batch");
  assert.equal(summary, "◆ t = 0.50: 3 → 2 · ▽ at t = 1");
  assert.match(sentence, /from 3 to 2\. Along this line .* least at t = 1, where it is 1\./);
});

test("an update beside the line, or without a place on it", () => {
  const beside = line({ update: { t: 0.5, off: 0.25, cost_train: 2, cost_batch: 2 } });
  assert.match(lineTexts(beside, "batch").summary, /25 % beside/);
  const nowhere = line({ update: { t: null, off: null, cost_train: null, cost_batch: null } });
  assert.match(lineTexts(nowhere, "batch").summary, /^The update has no place here · ▽/);
});

test("a cost that still falls has no minimum yet", () => {
  const falling = line({ cost_train: [3, 2, 1] });
  assert.equal(stillFalls(falling), true);
  assert.equal(stillFalls(line()), false);
  assert.equal(stillFalls(plane([[1]])), false);
  assert.match(lineTexts(falling, "batch").summary, /still falls at the end$/);
});

test("a gradient of 0 has no direction", () => {
  assert.match(lineTexts(line({ gradient_norm: 0 }), "batch").summary, /zero/);
});

test("a plane says the present, the next and the least cost, and of how many rows", () => {
  const { summary, sentence } = planeTexts(plane([[3, 1]]), 4);
  assert.equal(summary, "○ now 3 · ◆ update 2 · least here 1");
  assert.match(sentence, /of all 4 rows\. Across: along −∂C\/∂θ; up: towards the start\./);
  assert.match(planeTexts(plane([[3, 1]]), 9).summary, /now 3 of 4 rows/);
});

test("flat planes and planes without a finite cost are named", () => {
  assert.match(planeTexts(plane([[2, 2]]), 4).summary, /^Flat/);
  assert.match(planeTexts(plane([[null, null]]), 4).summary, /not finite/);
});
