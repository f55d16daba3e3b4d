import assert from "node:assert/strict";
import test from "node:test";
import { compared, numbersOf, partOf, written } from "../../../static/js/classroom/answers.js";

test("answers are read as numbers, and compared with their line", () => {
  assert.deepEqual(numbersOf("[0.5, -1]"), [0.5, -1]);
  assert.deepEqual(numbersOf([[1], [2]]), [1, 2]);
  assert.equal(numbersOf("(4,)"), null);
  assert.equal(numbersOf({ z1: [1] }), null);
  assert.deepEqual(partOf({ z1: [1], a1: [2] }, "a1"), [2]);
  assert.equal(partOf("x", "a1"), "x");
  const both = compared([0.5, 2], [0.5, 1]);
  assert.deepEqual([both.shape, both.wrong], [[2], [false, true]]);
  assert.equal(compared([1], [1, 2]), null);
});

test("an answer is written in one line", () => {
  assert.equal(written("(2, 3)"), "(2, 3)");
  assert.equal(written([[1, -0.5]]), "[[1, -0.5]]");
});
