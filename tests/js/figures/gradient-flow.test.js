import assert from "node:assert/strict";
import test from "node:test";
import { decades, gradientFlowFigure, runGrid } from "../../../static/js/figures/gradient-flow.js";
import { PALETTE, SIZE } from "../helpers/palette.js";

const HISTORY = {
  step: [0, 50],
  W_norm: [
    [1, 0.1],
    [0, 10],
  ],
  reached: 50,
};
const layer = (W_norm, z_norm) => ({ gradient: { W_norm, z_norm } });

test("a norm of 0 has no point on the logarithmic axis", () => {
  const frame = { step: 50, layers: [layer(0.1, 0.2), layer(0, 3)] };
  const { data, layout } = gradientFlowFigure(frame, HISTORY, PALETTE, { ...SIZE, end: 100 });
  assert.deepEqual(data[0].x, [0.1, null]);
  assert.deepEqual(data[1].x, [0.2, 3]);
  assert.equal(layout.shapes[0].x0, 50);
});

test("a frame without norms draws empty lines", () => {
  const frame = { step: 0, layers: [{}, {}] };
  const { data } = gradientFlowFigure(frame, HISTORY, PALETTE, { ...SIZE, end: 100 });
  assert.deepEqual(data[0].x, [null, null]);
});

test("the reference is a third line", () => {
  const frame = { step: 0, layers: [layer(1, 1), layer(1, 1)] };
  const reference = { step: 0, layers: [layer(5, 5), layer(0, 5)] };
  const { data } = gradientFlowFigure(frame, HISTORY, PALETTE, { ...SIZE, end: 100, reference });
  assert.deepEqual(data[3].x, [5, null]);
});

test("the axis covers whole decades, at least two", () => {
  assert.deepEqual(decades([0.02, 30]), [-2, 2]);
  assert.deepEqual(decades([1]), [-1, 1]);
  assert.deepEqual(decades([null, NaN, Infinity]), [-3, 1]);
});

test("the run is a grid of steps: powers of ten, nothing beyond the reached step", () => {
  const { z, low, high } = runGrid(HISTORY, 2, 100);
  assert.equal(z[0][0], 0);
  assert.equal(z[0][60], -1);
  assert.equal(z[1][0], null);
  assert.equal(z[1].at(-1), null);
  assert.deepEqual([low, high], [-1, 1]);
});

test("what is pointed at over the run is said as a number, and changes are marked", () => {
  const frame = { step: 50, layers: [layer(0.1, 0.2), layer(0, 3)] };
  const options = { ...SIZE, end: 100, edits: [20, 20, 40] };
  const { data, layout } = gradientFlowFigure(frame, HISTORY, PALETTE, options);
  assert.equal(data[2].customdata[0][60], 0.1);
  assert.equal(data[2].customdata[1][0], null);
  assert.ok(!data[2].hovertemplate.includes("10^"));
  assert.deepEqual(
    layout.shapes.map(({ x0 }) => x0),
    [50, 20, 40],
  );
});

test("a running mean has less of the noise and no more of the run", () => {
  const steps = Array.from({ length: 101 }, (_, k) => k);
  const noisy = { step: steps, W_norm: [steps.map((k) => (k % 2 ? 1 : 100))], reached: 100 };
  const spread = (row) => Math.max(...row) - Math.min(...row);
  const [plain] = runGrid(noisy, 1, 200).z;
  const [mean] = runGrid(noisy, 1, 200, true).z;
  const known = (row) => row.filter((each) => each !== null);
  assert.equal(known(plain).length, known(mean).length);
  assert.ok(spread(known(mean).slice(5, -5)) < spread(known(plain)) / 2);
});
