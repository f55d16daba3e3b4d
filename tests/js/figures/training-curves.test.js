import assert from "node:assert/strict";
import test from "node:test";
import { curvesFigure } from "../../../static/js/figures/training-curves.js";
import { PALETTE, SIZE } from "../helpers/palette.js";

const history = (cost_train, score_train = cost_train.map(() => 0.5)) => ({
  step: cost_train.map((_, k) => k),
  cost_train,
  cost_test: cost_train,
  score_train,
  score_test: score_train,
});
const options = { ...SIZE, end: 100, step: 1, score: "accuracy", log: false };

test("the cost begins at 0, in powers of ten if wanted or needed", () => {
  const axis = (costs, log) =>
    curvesFigure(history(costs), PALETTE, { ...options, log }).layout.yaxis;
  assert.equal(axis([2, 1], false).type, "linear");
  assert.equal(axis([2, 1], false).range[0], 0);
  assert.equal(axis([2, 1], true).type, "log");
  assert.equal(axis([1e6, 1], false).type, "log");
  assert.equal(axis([0, 0], true).type, "linear"); // 0 has no logarithm
  assert.deepEqual(axis([NaN], false).range, [0, 1]);
});

test("a long run is thinned, with its last point", () => {
  const costs = Array.from({ length: 1000 }, (_, k) => 1000 - k);
  const [train] = curvesFigure(history(costs), PALETTE, options).data;
  assert.equal(train.x.length, 320);
  assert.equal(train.x.at(-1), 999);
  assert.equal(train.y.at(-1), 1);
});

test("scores far below 0 are outside of the figure, and no larger than a path can hold", () => {
  const { data, layout } = curvesFigure(history([1, 2], [-1e9, 0.5]), PALETTE, {
    ...options,
    score: "r2",
  });
  assert.equal(data[2].y[0], -100);
  assert.deepEqual(layout.yaxis2.range, [-2.1, 1.04]);
});

test("another run is drawn behind", () => {
  const { data } = curvesFigure(history([2, 1]), PALETTE, {
    ...options,
    reference: history([8, 4]),
  });
  assert.equal(data.length, 7);
  assert.deepEqual(data[4].y, [8, 4]);
});

test("before the first update the figure says that there is nothing yet", () => {
  const { layout } = curvesFigure(history([2]), PALETTE, options);
  assert.match(layout.annotations[0].text, /grow/);
  assert.deepEqual(curvesFigure(history([2, 1]), PALETTE, options).layout.annotations, []);
});
