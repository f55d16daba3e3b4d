import assert from "node:assert/strict";
import test from "node:test";
import { planeShapes } from "../../../static/js/figures/plane-shapes.js";
import { PALETTE } from "../helpers/palette.js";

const BOX = { x: 100, y: 50, side: 200 };
const tensor = (...data) => ({ data });

test("points of two features lie in the box, y upwards, over a picture of the regions", () => {
  const data = {
    task: "classification",
    classes: ["a", "b"],
    train: {
      x: [
        [-1, -1],
        [1, 1],
        [0, 0],
      ],
      target: [0, 1, 1],
    },
  };
  const boundary = {
    kind: "binary",
    axes: [0, 1],
    x: tensor(-1, 1),
    y: tensor(-1, 1),
    z: tensor(0, 0.2, 0.7, 1),
  };
  const { source, shapes } = planeShapes(data, boundary, PALETTE, BOX);
  assert.match(source, /^data:image\/bmp/);
  assert.deepEqual(
    shapes.map(({ x, y, fill }) => [x, y, fill]),
    [
      [100, 250, PALETTE.classes[0]],
      [300, 50, PALETTE.classes[1]],
      [200, 150, PALETTE.classes[1]],
    ],
  );
});

test("a fitted curve is a line through the box, without what is outside of it", () => {
  const data = { task: "regression", classes: [], train: { x: [[0], [2]], target: [0, 1] } };
  const boundary = { kind: "curve", x: tensor(0, 1, 2), z: tensor(0, 0.5, 90) };
  const { source, shapes } = planeShapes(data, boundary, PALETTE, BOX);
  assert.equal(source, null);
  assert.equal(shapes.filter(({ kind }) => kind === "line").length, 1);
  assert.equal(shapes.filter(({ kind }) => kind === "circle").length, 2);
});
