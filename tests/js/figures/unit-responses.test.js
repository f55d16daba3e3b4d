import assert from "node:assert/strict";
import test from "node:test";
import {
  inputResponses,
  placeIn,
  responseColours,
  sameResponse,
  spanOf,
  unitPixels,
} from "../../../static/js/figures/unit-responses.js";

const PALETTE = { zero: "#ffffff", positiveStrong: "#0000ff", negativeStrong: "#ff0000" };
const COLOURS = responseColours(PALETTE);
const channels = (pixels, k) => [...pixels.slice(4 * k, 4 * k + 3)];

test("a bounded activation has its whole range, another one its largest value", () => {
  assert.deepEqual(spanOf([0.2], [0, 1]), { middle: 0.5, reach: 0.5 });
  assert.deepEqual(spanOf([0.2], [-1, 1]), { middle: 0, reach: 1 });
  const { middle, reach } = spanOf([0.2, -3], [0, null]);
  assert.equal(middle, 0);
  assert.ok(reach >= 3 && reach < 4.6);
});

test("the rows of a map go up, those of a picture down", () => {
  const map = { shape: [2, 2, 2], data: [9, 9, 9, 9, -1, 0, 0, 1] };
  const pixels = unitPixels(map, 1, { middle: 0, reach: 1 }, COLOURS);
  assert.deepEqual(channels(pixels, 1), [0, 0, 255]); // upper right: +1
  assert.deepEqual(channels(pixels, 2), [255, 0, 0]); // lower left: −1
  assert.ok(channels(pixels, 0).every((each) => each > 250));
});

test("a response that stays is not drawn again", () => {
  const [a, b] = [
    [9, 9, 9, 9, -1, 0, 0, 1],
    [9, 9, 9, 9, -1, 0, 0, 2],
  ].map((data) => ({ shape: [2, 2, 2], data }));
  assert.deepEqual([sameResponse(a, b, 0), sameResponse(a, b, 1)], [true, false]);
});

test("an input's map is the feature itself", () => {
  const { data, shape } = inputResponses([-1, 0, 1], [0, 4], 3);
  assert.deepEqual(shape, [2, 3, 3]);
  assert.deepEqual(data, [-1, 0, 1, -1, 0, 1, -1, 0, 1, 0, 0, 0, 2, 2, 2, 4, 4, 4]);
});

test("a sample is where its features are", () => {
  assert.deepEqual(placeIn([0, 3], [-1, 1], [0, 4]), [0.5, 0.25]);
});
