import assert from "node:assert/strict";
import test from "node:test";
import {
  crossHair,
  curveOf,
  drawn,
  into,
  lineShape,
  outputAt,
  planeOf,
  planeShapes,
  pointGroups,
  regionShape,
  targetSpan,
  wrongPlaces,
  wrongShapes,
} from "../../../static/js/figures/plane.js";
import { svgOfShape } from "../../../static/js/figures/shapes.js";
import { BINARY, CLASSES, CURVE, FITTED, tensor } from "../helpers/data.js";
import { PALETTE } from "../helpers/palette.js";

const BOX = { x: 100, y: 50, w: 200, h: 100 };
const inUnits = (x, y) => [x, y];
const inBox = into(BOX, planeOf(CLASSES, BINARY).ranges);

/** Colours of the cells of a picture, blue first. */
function cells({ source }, columns) {
  const bytes = [...Buffer.from(source.split(",")[1], "base64")].slice(54);
  const row = Math.ceil((3 * columns) / 4) * 4;
  return bytes.flatMap((_, k) =>
    k % row < 3 * columns && (k % row) % 3 === 0 ? [bytes.slice(k, k + 3).join()] : [],
  );
}

test("regions lie under the line, points over it, upwards and to the right", () => {
  const shapes = planeShapes(CLASSES, BINARY, PALETTE, BOX);
  assert.deepEqual(
    shapes.map(({ kind }) => kind),
    ["image", "path", "point", "point", "point", "point"],
  );
  assert.deepEqual(
    shapes.slice(2).map(({ x, y, symbol, fill, stroke }) => [x, y, symbol, fill, stroke]),
    [
      [100, 150, 0, PALETTE.classes[0], PALETTE.paper],
      [300, 150, 1, PALETTE.classes[1], PALETTE.paper],
      [100, 50, 1, PALETTE.classes[1], PALETTE.paper],
      [300, 50, 0, PALETTE.paper, PALETTE.classes[0]], // hollow: of the test part
    ],
  );
  for (const shape of shapes) assert.ok(svgOfShape(shape).tag);
});

test("the middle between two classes has the colour of the paper", () => {
  const [low, middle, , high] = cells(regionShape(CLASSES, BINARY, PALETTE, inUnits), 2);
  for (const channel of middle.split(",")) assert.ok(channel >= 250, middle);
  assert.equal(new Set([low, middle, high]).size, 3);
});

test("the outermost values lie on the edge: half a cell is outside", () => {
  const { x, y, w, h } = regionShape(CLASSES, BINARY, PALETTE, inUnits);
  assert.deepEqual([x, y, w, h], [-0.5, 1.5, 2, -2]);
  const inside = regionShape(CLASSES, BINARY, PALETTE, inBox);
  assert.deepEqual([inside.x, inside.y, inside.w, inside.h], [0, 0, 400, 200]);
});

test("a class whose output is not finite has a colour all the same", () => {
  const classes = { ...BINARY, kind: "classes", z: tensor([0, 1, 0, 1], 2, 2) };
  const confidence = tensor([NaN, 0, 1, 1], 2, 2);
  const unsure = cells(regionShape(CLASSES, { ...classes, confidence }, PALETTE, inUnits), 2);
  assert.equal(unsure.length, 4);
  assert.notEqual(unsure[0], unsure[2]);
});

test("the border goes between the points on its two sides", () => {
  const border = (...z) => lineShape({ ...BINARY, z: tensor(z, 2, 2) }, PALETTE, inBox).d;
  // left column 0, right column 1: an upright line in the middle, from the lower edge up
  assert.equal(border(0, 1, 0, 1), "M200.0 150.0L200.0 50.0");
  assert.match(border(0.4, 1, 0.4, 1), /^M133\.3 150\.0L133/);
  assert.equal(border(0, 0, 0, 0), "");
  assert.equal(lineShape({ ...BINARY, kind: "classes" }, PALETTE, inBox).d, "");
});

test("a fitted curve stays within what an SVG path can hold", () => {
  assert.deepEqual(curveOf(FITTED).y, [0.5, 1e4]);
  assert.deepEqual(curveOf({ ...FITTED, z: tensor([NaN, -1e9]) }).y, [null, -1e4]);
  const { ranges } = planeOf(CURVE, FITTED);
  assert.deepEqual(ranges, [
    [-1, 1],
    [-0.15, 1.15],
  ]);
  const curve = { ...FITTED, z: tensor([-0.15, 1.15]) };
  assert.equal(lineShape(curve, PALETTE, into(BOX, ranges)).d, "M100.0 150.0L300.0 50.0");
});

test("points of numbers have their colours, symmetric around 0", () => {
  const train = { ...CURVE.train, target: [-3, 1, 2] };
  assert.deepEqual(targetSpan({ ...CURVE, train }), [-3, 3]);
  const [{ shapes }] = pointGroups({ ...CURVE, train }, FITTED, PALETTE, inUnits);
  assert.equal(shapes[0].fill, "rgb(170,80,0)");
  assert.equal(new Set(shapes.map(({ fill }) => fill)).size, 3);
});

test("the output between points of the grid says which points are wrong", () => {
  assert.equal(outputAt(BINARY, 0.5, 0.5), 0.5);
  assert.equal(outputAt(BINARY, 5, -5), 0.4995);
  assert.equal(outputAt({ ...BINARY, kind: "classes", z: tensor([0, 1, 2, 3], 2, 2) }, 0.4, 1), 2);
  const ups = { ...BINARY, z: tensor([0, 0.6, 0.4, 1], 2, 2) };
  assert.deepEqual(wrongPlaces(CLASSES, ups), [
    [0, 1],
    [1, 1],
  ]);
  assert.deepEqual(wrongPlaces(CURVE, FITTED), []);
  assert.deepEqual(
    wrongShapes([[0, 1]], inBox, 4).map(({ x, y, r }) => [x, y, r]),
    [[100, 50, 8]],
  );
});

test("a cross-hair goes from side to side", () => {
  const ends = crossHair({ x: 120, y: 60 }, BOX, 1).map(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2]);
  assert.deepEqual(ends, [
    [100, 60, 300, 60],
    [120, 50, 120, 150],
  ]);
});

test("of many points some are drawn, evenly chosen", () => {
  assert.deepEqual(drawn(3), [0, 1, 2]);
  assert.ok(drawn(100000).length <= 1200);
  assert.equal(drawn(3000)[1], 3);
});
