import assert from "node:assert/strict";
import test from "node:test";
import {
  hardestOf,
  orderOf,
  penaltyOf,
  targetText,
  wireEntry,
} from "../../../static/js/core/sample-parts.js";
import { CLASSES, CURVE } from "../helpers/data.js";
import { value } from "../helpers/lines.js";

test("the route counts rows of W as inputs, and leaves out the row of a bias", () => {
  assert.equal(wireEntry(value("dC_dW1"), [2, 0]), "W[0,2]");
  assert.equal(wireEntry(value("dC_dW1", { axes: ["unit below", "unit"] }), [2, 0]), "W[2,0]");
  assert.equal(wireEntry(value("dC_db1"), [0, 3]), "b[3]");
});

test("samples are ordered by the size of their parts, equal ones as in the batch", () => {
  const parts = [1, -3, 0, 3];
  assert.deepEqual(orderOf(parts, "samples"), [0, 1, 2, 3]);
  assert.deepEqual(orderOf(parts, "size"), [1, 3, 0, 2]);
  assert.equal(hardestOf(parts), 1);
  assert.equal(hardestOf([0, null]), -1);
});

test("a difference within rounding is no penalty", () => {
  assert.equal(penaltyOf(1 + 1e-15, 1), 0);
  assert.equal(penaltyOf(1.5, 1), 0.5);
});

test("a target is a class or a number; several have no text", () => {
  assert.equal(targetText(CLASSES, 1, String), "B");
  assert.equal(
    targetText(CURVE, 0, (value) => `<${value}>`),
    "<1>",
  );
  assert.equal(targetText(CLASSES, 99, String), null);
  const train = { ...CURVE.train, targets: [[1, 2]] };
  assert.equal(targetText({ ...CURVE, train }, 0, String), null);
});
