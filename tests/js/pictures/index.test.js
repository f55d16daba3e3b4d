import assert from "node:assert/strict";
import test from "node:test";
import { pictureOf } from "../../../static/js/pictures/index.js";
import { fitted } from "../../../static/js/pictures/shapes.js";

const line = {
  ...{ id: "z", op: "affine", phase: "forward", inputs: ["x"], shape: [1], value: [2] },
  ...{ signature: "i->i", entry: "{0}", axes: [], label: "z", plain: "z", symbol: null },
};
const viewOf = (value) => {
  const given = { ...line, id: "x", value };
  return { line, trace: { lines: [line], givens: [given] }, index: [0] };
};

test("a line with numbers that are not finite says so and draws nothing", () => {
  const { family, shapes } = pictureOf(viewOf([Infinity]));
  assert.deepEqual([family, shapes], ["none", []]);
});

test("a label that is too long keeps the last words of each name, else its end", () => {
  assert.equal(fitted("row 1", 100), "row 1");
  assert.equal(fitted("window row 1, window column 2", 120), "row 1, column 2");
  assert.equal(fitted("kernel and row and column 19", 50), "…umn 19");
});
