import assert from "node:assert/strict";
import test from "node:test";
import { showsImage, withAxis } from "../../../../static/js/explorer/dock/data-tools.js";

test("an axis gets another feature; the other axis' feature changes places with its own", () => {
  assert.deepEqual(withAxis([0, 1], 0, 2), [2, 1]);
  assert.deepEqual(withAxis([0, 1], 0, 1), [1, 0]);
  assert.deepEqual(withAxis([0, 1], 1, 0), [1, 0]);
  const axes = [0, 1];
  withAxis(axes, 0, 1);
  assert.deepEqual(axes, [0, 1]);
});

test("images are shown unless the plane is asked for", () => {
  const data = { image_shape: [8, 8] };
  assert.equal(showsImage({ data, view: "auto" }), true);
  assert.equal(showsImage({ data, view: "plane" }), false);
  assert.equal(showsImage({ data: { image_shape: null }, view: "image" }), false);
});
