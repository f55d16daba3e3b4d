import assert from "node:assert/strict";
import test from "node:test";
import { digitFigure } from "../../../static/js/figures/digit.js";
import { CLASSES } from "../helpers/data.js";
import { PALETTE, SIZE } from "../helpers/palette.js";

const DATA = {
  ...CLASSES,
  image_shape: [1, 2],
  train: { x: [[-1, 1]], target: [1], rows: [0] },
  feature_mean: [8, 8],
  feature_scale: [4, 8],
};

test("pixels are those of the image before standardising", () => {
  const [image] = digitFigure(DATA, 0, [0.1, 0.9], PALETTE, SIZE).data;
  assert.deepEqual(image.z, [[4, 16]]);
});

test("the bar of the true class is marked", () => {
  const [, bars] = digitFigure(DATA, 0, [0.001, 0.9], PALETTE, SIZE).data;
  assert.deepEqual(bars.y, ["A", "B"]);
  assert.deepEqual(bars.text, ["", "0.90"]);
  assert.equal(bars.marker.color[1], PALETTE.phases.forward);
  assert.notEqual(bars.marker.color[0], PALETTE.phases.forward);
});

test("without an output there are no bars", () => {
  assert.deepEqual(digitFigure(DATA, 0, null, PALETTE, SIZE).data[1].x, []);
});
