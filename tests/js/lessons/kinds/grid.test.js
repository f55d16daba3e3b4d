import assert from "node:assert/strict";
import test from "node:test";
import { cellName } from "../../../../static/js/lessons/kinds/grid.js";

test("an entry is named by its place, counted from 1", () => {
  assert.equal(cellName([], 0), "the number");
  assert.equal(cellName([3], 2), "entry 3");
  assert.equal(cellName([2, 3], 4), "row 2, column 2");
  assert.equal(cellName([2, 2, 2], 5), "slice 2, row 1, column 2");
});
