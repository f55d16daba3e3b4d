import assert from "node:assert/strict";
import test from "node:test";
import { markable, valueFor } from "../../../static/js/explorer/submitted-givens.js";

test("a single number gets the brackets of its line", () => {
  const line = { value: [[0.5]], shape: [1, 1] };
  assert.deepEqual(valueFor({ value: 0.5 }, line), [[0.5]]);
  assert.equal(valueFor({ value: 0.5 }, { value: 0.5, shape: [] }), 0.5);
  assert.deepEqual(valueFor({ value: [1, 2] }, { value: [0, 0], shape: [2] }), [1, 2]);
});

test("a decimal comma is one where the line has as many numbers", () => {
  const piece = { value: [0, 5], decimal: 0.5 };
  assert.deepEqual(valueFor(piece, { value: [0.5], shape: [1] }), [0.5]);
  assert.deepEqual(valueFor(piece, { value: [1, 2], shape: [2] }), [0, 5]);
});

test("an update can be marked if it needs no state of the step before", () => {
  assert.equal(markable({ phase: "update", op: "descend" }), true);
  assert.equal(markable({ phase: "update", op: "adam" }), false);
  assert.equal(markable({ phase: "backward", op: "matmul" }), true);
});
