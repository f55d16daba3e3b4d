import assert from "node:assert/strict";
import test from "node:test";
import { linePath } from "../../../static/js/figures/border.js";

const of = (data, shape) => ({ data, shape });

test("the border goes between the points on its two sides", () => {
  // left column 0, right column 1: an upright line in the middle, from the lower edge up
  const z = of([0, 1, 0, 1], [2, 2]);
  assert.equal(linePath({ kind: "binary", z }, 100, 50), "M50.0 50.0L50.0 0.0");
  const nearer = of([0.4, 1, 0.4, 1], [2, 2]);
  assert.match(linePath({ kind: "binary", z: nearer }, 100, 50), /^M16\.7 50\.0L16\.7/);
  assert.equal(linePath({ kind: "binary", z: of([0, 0, 0, 0], [2, 2]) }, 100, 50), "");
});

test("a fitted curve is drawn within the range of its axis, classes have no line", () => {
  const z = of([0, 2, 4], [3]);
  assert.equal(linePath({ kind: "curve", z }, 100, 40, [0, 4]), "M0.0 40.0L50.0 20.0L100.0 0.0");
  assert.equal(linePath({ kind: "classes", z: of([0, 1, 2, 0], [2, 2]) }, 10, 10), "");
});
