import assert from "node:assert/strict";
import test from "node:test";
import { indexOf, off, shapeOf } from "../../../static/js/core/differences.js";

test("entries are compared by the digits that were handed in", () => {
  assert.deepEqual(off([[0.12, 0.5]], [[0.1234, 0.1234]]), [false, true]);
  assert.deepEqual(off([0.1234], [0.1239]), [true]);
  assert.equal(off([1, 2], [1]), null);
});

test("the k-th entry has an index in the shape", () => {
  assert.deepEqual(
    shapeOf([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    [2, 3],
  );
  assert.deepEqual(indexOf(4, [2, 3]), [1, 1]);
});
