import assert from "node:assert/strict";
import test from "node:test";
import { flat, spoken } from "../../../static/js/core/lines.js";
import { value } from "../helpers/lines.js";

test("a line is read out with its layer and its largest value", () => {
  assert.equal(
    spoken(value("z1", { shape: [2], value: [0.25, -0.49] })),
    "layer 1, z, 2 values, largest −0.49",
  );
  assert.equal(spoken(value("C", { shape: [], value: 0.5 })), "cost, 0.50");
  assert.equal(
    spoken(value("W1", { shape: [300, 200], value: null, left_out: true })),
    "layer 1, W, 60000 values",
  );
});

test("flat takes nested lists and numbers", () => {
  assert.deepEqual(flat([[1, 2], [3]]), [1, 2, 3]);
  assert.deepEqual(flat(4), [4]);
});
