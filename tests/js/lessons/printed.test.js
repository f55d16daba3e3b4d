import assert from "node:assert/strict";
import test from "node:test";
import { bracketed, numeral, readPrinted, sixDigits } from "../../../static/js/lessons/printed.js";

test("numbers are read as typed, with the digits that were typed", () => {
  assert.deepEqual([" −0,50 ", "1e-3", ".5", "1,2,3", "x", ""].map(numeral), [
    "-0.50",
    "1e-3",
    ".5",
    null,
    null,
    null,
  ]);
});

test("arrays are read as NumPy prints them", () => {
  const square = { shape: [2, 2], numerals: ["0.1", "0.2", "0.3", "0.4"] };
  for (const text of [
    "[[0.1 0.2]\n [0.3 0.4]]",
    "W1 = np.array([[0.1, 0.2], [0.3, 0.4]], dtype=np.float32)",
  ])
    assert.deepEqual(readPrinted(text), square);
  assert.deepEqual(readPrinted("[0,5 0,25]"), { shape: [2], numerals: ["0.5", "0.25"] });
  assert.deepEqual(readPrinted("np.float64(0.5)"), { shape: [], numerals: ["0.5"] });
  for (const text of [
    "[[1, 2], [3]]",
    "[1, ..., 2]",
    "[1, 2",
    "1 2",
    "a",
    "[]",
    "[[], []]",
    "[".repeat(20),
  ])
    assert.equal(readPrinted(text), null, text);
});

test("numerals are written as nested brackets", () => {
  assert.equal(bracketed(["1", "2", "3", "4"], [2, 2]), "[[1, 2], [3, 4]]");
  assert.equal(bracketed(["1"], []), "1");
  assert.equal(sixDigits(-0.1234567), "−0.123457");
});
