import assert from "node:assert/strict";
import test from "node:test";
import {
  fitted,
  predictionUpdate,
  region,
  targetSpan,
} from "../../../static/js/figures/prediction.js";
import { BINARY, CLASSES, CURVE, FITTED, tensor } from "../helpers/data.js";
import { PALETTE } from "../helpers/palette.js";

/** Colours of the cells of a picture, blue first. */
function cells({ source }, columns) {
  const bytes = [...Buffer.from(source.split(",")[1], "base64")].slice(54);
  const row = Math.ceil((3 * columns) / 4) * 4;
  return bytes.flatMap((_, k) =>
    k % row < 3 * columns && (k % row) % 3 === 0 ? [bytes.slice(k, k + 3).join()] : [],
  );
}

test("the middle between two classes has the colour of the paper", () => {
  const [low, middle, , high] = cells(region(BINARY, PALETTE, CLASSES), 2);
  for (const channel of middle.split(",")) assert.ok(channel >= 250, middle);
  assert.equal(new Set([low, middle, high]).size, 3);
});

test("the outermost values lie on the edge: half a cell is outside", () => {
  const { x, y, sizex, sizey } = region(BINARY, PALETTE, CLASSES);
  assert.deepEqual([x, y, sizex, sizey], [-0.5, 1.5, 2, 2]);
});

test("a class whose output is not finite has a colour all the same", () => {
  const classes = { ...BINARY, kind: "classes", z: tensor([0, 1, 0, 1], 2, 2) };
  const unsure = cells(
    region({ ...classes, confidence: tensor([NaN, 0, 1, 1], 2, 2) }, PALETTE, CLASSES),
    2,
  );
  assert.equal(unsure.length, 4);
  assert.notEqual(unsure[0], unsure[2]);
});

test("a fitted curve stays within what an SVG path can hold", () => {
  assert.deepEqual(fitted(FITTED, PALETTE).y, [0.5, 1e4]);
  assert.deepEqual(fitted({ ...FITTED, z: tensor([NaN, -1e9]) }, PALETTE).y, [null, -1e4]);
  assert.deepEqual(fitted(BINARY, PALETTE).x, []);
});

test("a changed prediction is a new curve or a new picture", () => {
  assert.deepEqual(predictionUpdate(FITTED, PALETTE, CURVE).restyle.x, [[-1, 1]]);
  const { source } = predictionUpdate(BINARY, PALETTE, CLASSES);
  assert.match(source, /^data:image\/bmp/);
});

test("the colours of targets are symmetric around 0", () => {
  const train = { ...CURVE.train, target: [-3, 1, 2] };
  assert.deepEqual(targetSpan({ ...CURVE, train }), [-3, 3]);
});
