import assert from "node:assert/strict";
import test from "node:test";
import {
  asDataset,
  boundsOf,
  createDrawing,
  EMPTY,
  fromPoints,
  nearest,
  nextName,
} from "../../../static/js/core/drawing.js";

const point = (x, y, k = 0, v = 0) => ({ x, y, k, v });

test("each change is one step to undo and redo", () => {
  const model = createDrawing();
  assert.equal(model.undoable, false);
  model.put([point(0, 0), point(1, 1)]);
  model.move(0, 0.5, 0.5);
  model.move(0, 0.75, 0.75, false);
  assert.deepEqual(model.now.points[0], point(0.75, 0.75));
  model.undo();
  assert.deepEqual(model.now.points[0], point(0, 0));
  model.redo();
  assert.deepEqual(model.now.points[0], point(0.75, 0.75));
  model.undo();
  model.remove(1);
  assert.equal(model.redoable, false);
});

test("switching the kind keeps class and value", () => {
  const model = createDrawing();
  model.put([point(0, 0, 1, 2.5)]);
  model.kind("values");
  model.kind("classes");
  assert.deepEqual(model.now.points, [point(0, 0, 1, 2.5)]);
});

test("points become a data set and come back", () => {
  const points = [point(0, 0, 0), point(1, 0.5, 1), point(2, 1, 1)];
  const drawing = { ...EMPTY, points };
  const dataset = asDataset(drawing, ["p", "q"]);
  assert.deepEqual(
    [dataset.name, dataset.x, dataset.target],
    [
      "points",
      [
        [0, 0],
        [1, 0.5],
        [2, 1],
      ],
      [0, 1, 1],
    ],
  );
  assert.deepEqual(fromPoints(dataset, ["p", "q"]).drawing.points, points);
});

test("the plane shows all points and a margin", () => {
  assert.deepEqual(boundsOf([]), { x: [-1, 1], y: [-1, 1] });
  const { x, y } = boundsOf([point(0, 5), point(10, 5)]);
  assert.deepEqual(x, [-1.2, 11.2]);
  assert.ok(y[0] < 5 && y[1] > 5);
});

test("the nearest point within reach is found", () => {
  const points = [point(0, 0), point(1, 0)];
  assert.equal(nearest(points, 0.9, 0, [0.5, 0.5]), 1);
  assert.equal(nearest(points, 0.9, 3, [0.5, 0.5]), -1);
});

test("a new class has the next letter that is free", () => {
  assert.equal(nextName(["A", "C"]), "B");
});
