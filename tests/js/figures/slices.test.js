import assert from "node:assert/strict";
import test from "node:test";
import {
  axisName,
  directionOf,
  heights,
  lineFigure,
  planeFigure,
} from "../../../static/js/figures/slices.js";
import { PALETTE, SIZE } from "../helpers/palette.js";

const direction = (of, cost_train, update = {}) => ({
  of,
  t: [-1, 0, 1],
  cost_train,
  cost_batch: cost_train,
  update: { t: 0.5, off: 0, cost_train: 1.5, cost_batch: 1.5, ...update },
});
const line = (directions) => ({ kind: "gradient", cost: { train: 2, batch: 2 }, directions });

test("each gradient has its own line", () => {
  const answer = line([direction("batch", [3, 2, 1]), direction("train", [9, 2, 1])]);
  assert.equal(directionOf(answer, "train").cost_train[0], 9);
  assert.deepEqual(lineFigure(answer, "train", PALETTE, SIZE).data[0].customdata, [9, 2, 1]);
});

test("a minimum is marked where it is not at an end", () => {
  const least = (costs) =>
    lineFigure(line([direction("batch", costs)]), "batch", PALETTE, SIZE).data[2].x;
  assert.deepEqual(least([3, 1, 2]), [0, 0]);
  assert.deepEqual(least([3, 2, 1]), []);
});

test("an update without a place on the line is not drawn", () => {
  const answer = line([direction("batch", [3, 2, 1], { t: null })]);
  const { data, layout } = lineFigure(answer, "batch", PALETTE, SIZE);
  assert.deepEqual(data[4].x, []);
  assert.equal(layout.shapes.length, 1);
});

test("an update beside the line that lands lower is within the figure", () => {
  const answer = line([direction("batch", [3, 2, 1.9], { cost_train: 0.5 })]);
  assert.ok(heights(answer, answer.directions[0])[0] < 0.5);
  assert.deepEqual(lineFigure(answer, "batch", PALETTE, SIZE).data[4].y, [0.5, 1.5]);
});

test("costs that are not finite leave gaps, and do not take the axis with them", () => {
  const answer = line([direction("batch", [null, 2, 1e300])]);
  const { data, layout } = lineFigure(answer, "batch", PALETTE, SIZE);
  assert.equal(data[0].y[0], null);
  assert.ok(layout.yaxis.range[1] < 100);
  // in an SVG path so large a number is none
  assert.ok(data[0].y[2] < 1000);
  const none = { ...answer, cost: { train: null, batch: null } };
  assert.deepEqual(heights(none, answer.directions[0]), [0, 1]);
});

const plane = (cost, more = {}) => ({
  kind: "plane",
  axes: ["gradient", "random"],
  seed: 3,
  x: [0, 1],
  y: [0, 1],
  cost,
  here: { x: 0, y: 0, cost: 1 },
  update: { x: 1, y: 0, cost: null, off: 0.1 },
  path: { step: [0, 5], x: [0, 1], y: [0, 1], off: [0, 0.25] },
  ...more,
});

test("a plane has the path, its start, the present point and the update", () => {
  const { data } = planeFigure(
    plane([
      [1, 2],
      [3, null],
    ]),
    PALETTE,
    SIZE,
  );
  assert.deepEqual(data[0].z[1][1], null);
  assert.deepEqual(data[2].customdata, [
    [0, 0],
    [5, 0.25],
  ]);
  assert.deepEqual(data[3].x, [0]);
  assert.deepEqual(data[4].x, [0, 1]);
  assert.match(data[6].hovertemplate, /not finite/);
});

test("without a path there is neither start nor line", () => {
  const { data } = planeFigure(plane([[1, 2]], { path: null }), PALETTE, SIZE);
  assert.deepEqual([data[1].x, data[2].customdata, data[3].x], [[], [], []]);
});

test("costs over many sizes are drawn by their power of ten", () => {
  const { data } = planeFigure(plane([[1, 1000]]), PALETTE, SIZE);
  assert.equal(data[0].zmin, 0);
  assert.deepEqual(data[0].customdata, [[1, 1000]]);
});

test("axes are named in words", () => {
  assert.equal(axisName("random", plane([])), "random, seed 3");
  assert.equal(axisName("random", { axes: ["random", "random"] }), "random");
  assert.equal(axisName("W1[0,2]", plane([])), "𝑊⁽¹⁾ from 0 to 2");
  assert.equal(axisName("b2[1]", plane([])), "𝑏⁽²⁾ of 1");
});
