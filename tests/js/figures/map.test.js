import assert from "node:assert/strict";
import test from "node:test";
import { curvePath, mapFigure, mapScale, rangeOf } from "../../../static/js/figures/map.js";

const COLOURS = {
  ...{ paper: "#ffffff", sheet: "#ffffff", ink: "#000000", soft: "#555555", zero: "#eeeeee" },
  ...{ rule: "#dddddd", strongRule: "#999999", positiveStrong: "#0000ff" },
  ...{ negativeStrong: "#ff8800", phases: {}, classes: [], sans: "sans" },
};
const SWEEP = {
  recipe: {},
  axes: [
    { field: "penalty.l2", values: [0, 1] },
    { field: "optimizer.learning_rate", values: [1, 2, 3] },
  ],
  step: 10,
  measure: "cost.test",
};
const CELLS = {
  rows: 2,
  columns: 3,
  values: Float64Array.of(1, 10, 100, NaN, 1000, 1),
  spread: null,
  diverged: Float64Array.of(NaN, NaN, NaN, 4, NaN, NaN),
  reached: 6,
  target: 6,
};
const MEASURE = { name: "cost.test", title: "test cost", description: "", better: "lower" };
const view = { width: 400, height: 300, best: null, cursor: null };

test("a cell that diverged has no colour of a value", () => {
  const { data } = mapFigure(SWEEP, CELLS, MEASURE, COLOURS, view);
  const [values, diverged] = data;
  assert.deepEqual(values.z[1], [null, values.z[1][1], values.z[1][2]]);
  assert.deepEqual(diverged.z, [
    [null, null, null],
    [4, null, null],
  ]);
  assert.equal(values.z.length, 2);
});

test("numbers that differ by powers of ten are shown by them", () => {
  assert.ok(rangeOf(CELLS).log);
  assert.ok(rangeOf(CELLS, "lower").log);
  assert.ok(!rangeOf(CELLS, "higher").log);
  assert.ok(!rangeOf({ ...CELLS, values: Float64Array.of(1, 2, 3) }).log);
  const { low, high } = rangeOf({ ...CELLS, values: Float64Array.of(2, 2) });
  assert.ok(high > low);
  assert.deepEqual(rangeOf({ ...CELLS, values: Float64Array.of(NaN) }), {
    log: false,
    low: 0,
    high: 1,
  });
});

test("zeros have the colour of the lowest power of ten", () => {
  const cells = { ...CELLS, values: Float64Array.of(0, 1e-6, 1, 0, 0.1, 2) };
  const { log, low, high } = rangeOf(cells);
  assert.ok(log);
  assert.equal(Math.round(low), -6);
  assert.ok(high < 1);
  const [values] = mapFigure(SWEEP, cells, MEASURE, COLOURS, view).data;
  assert.equal(values.z[0][0], low);
  assert.ok(!rangeOf({ ...CELLS, values: Float64Array.of(0, 0) }).log);
});

test("labels of a zoomed axis and legend differ", () => {
  const axes = [0, 1].map((a) => ({
    field: `optimizer.learning_rate.${a + 1}`,
    values: [6.1432, 6.1437, 6.1442].slice(a),
  }));
  const cells = {
    ...CELLS,
    rows: 3,
    columns: 2,
    values: Float64Array.of(5, 5.0001, 5, 5, 5, 5.0002),
  };
  const { layout } = mapFigure({ ...SWEEP, axes }, cells, MEASURE, COLOURS, view);
  for (const name of ["xaxis", "yaxis", "yaxis2"]) {
    const { ticktext } = layout[name];
    assert.equal(new Set(ticktext).size, ticktext.length, name);
  }
});

test("names of an axis are all shown", () => {
  const names = ["sigmoid", "tanh", "relu", "elu", "gelu", "sine", "softplus", "identity"];
  const axes = [{ field: "network.activation", values: names }];
  const cells = { ...CELLS, rows: 8, columns: 1, values: new Float64Array(8) };
  const { layout } = mapFigure({ ...SWEEP, axes }, cells, MEASURE, COLOURS, view);
  assert.deepEqual(layout.yaxis.ticktext, names);
});

test("the better end is blue", () => {
  assert.equal(mapScale(COLOURS, "lower")[0][1], COLOURS.positiveStrong);
  assert.equal(mapScale(COLOURS, "higher")[0][1], COLOURS.negativeStrong);
  assert.deepEqual(
    mapScale(COLOURS, "higher").map(([at]) => at),
    [0, 0.25, 0.5, 0.75, 1],
  );
});

test("the cursor and the best cell are marked", () => {
  const cursor = { row: 0, column: 2 };
  const corner = { row: 1, column: 1 };
  const shown = mapFigure(SWEEP, CELLS, MEASURE, COLOURS, {
    ...view,
    best: cursor,
    cursor,
    corner,
  });
  const [shape] = shown.layout.shapes;
  assert.deepEqual([shape.x0, shape.x1, shape.y0, shape.y1], [0.5, 2.5, -0.5, 1.5]);
  assert.deepEqual(shown.data.find(({ name }) => name === "best")?.x, [2]);
});

test("a curve is a path that skips what is not finite", () => {
  const frame = { width: 10, height: 10, last: 2, low: 0, high: 1 };
  assert.equal(curvePath([0, 1, 2], [0, null, 2], frame), "M0.0 10.0L10.0 0.0");
});

test("long labels of the legend leave room for its title", () => {
  const ratios = { ...CELLS, values: Float64Array.of(2e-8, 1e-6, 2.2e-4, NaN, 0.022, 2.2) };
  const right = (cells) => mapFigure(SWEEP, cells, MEASURE, COLOURS, view).layout.margin.r;
  assert.ok(right(ratios) > right(CELLS));
});

test("a small map has fewer numbers at its axes, and none of them is turned", () => {
  const rates = { field: "optimizer.learning_rate", values: [1, 2, 3, 4, 5, 6] };
  const sweep = { ...SWEEP, axes: [SWEEP.axes[0], rates] };
  const cells = { ...CELLS, columns: 6, values: Float64Array.from({ length: 12 }, (_, k) => k) };
  const ticksAt = (width) => {
    const { xaxis } = mapFigure(sweep, cells, MEASURE, COLOURS, { ...view, width }).layout;
    assert.equal(xaxis.tickangle, 0);
    return xaxis.ticktext.length;
  };
  assert.equal(ticksAt(700), 6);
  assert.equal(ticksAt(330), 3);
});
