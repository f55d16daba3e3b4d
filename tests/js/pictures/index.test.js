import assert from "node:assert/strict";
import test from "node:test";
import { pictureOf } from "../../../static/js/pictures/index.js";

const line = {
  ...{ id: "z", op: "affine", phase: "forward", inputs: ["x"], shape: [1], value: [2] },
  ...{ signature: "i->i", entry: "{0}", axes: [], label: "z", plain: "z", symbol: null },
};
const viewOf = (value) => {
  const given = { ...line, id: "x", value };
  return { line, trace: { lines: [line], givens: [given] }, index: [0] };
};

test("a line with numbers that are not finite says so and draws nothing", () => {
  const { family, marks } = pictureOf(viewOf([Infinity]));
  assert.deepEqual([family, marks], ["none", []]);
});
