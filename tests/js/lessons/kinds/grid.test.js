import assert from "node:assert/strict";
import test from "node:test";
import { cellName } from "../../../../static/js/lessons/kinds/grid.js";

test("an entry is named by its place, counted from 1", () => {
  assert.equal(cellName([], 0), "the number");
  assert.equal(cellName([3], 2), "entry [2]");
  assert.equal(cellName([2, 3], 4), "entry [1, 1]");
  assert.equal(cellName([2, 2, 2], 5), "entry [1, 0, 1]");
});
