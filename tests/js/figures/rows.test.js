import assert from "node:assert/strict";
import test from "node:test";
import { pooledRows } from "../../../static/js/figures/rows.js";

test("entries too small to see are pooled to the largest in magnitude", () => {
  const found = pooledRows([1, -5, 2, 3], 1, 4, 1, 2).map((row) => [...row]);
  assert.deepEqual(found, [[-5, 3]]);
});

test("a small matrix stays as it is, missing numbers are 0", () => {
  const found = pooledRows([1, NaN, 3, null], 2, 2, 2, 10).map((row) => [...row]);
  assert.deepEqual(found, [
    [2, 0],
    [6, 0],
  ]);
});
