import assert from "node:assert/strict";
import test from "node:test";
import { SYMBOLS, symbolPath } from "../../../static/js/figures/symbols.js";

test("every symbol of the data figure has a closed path of its own", () => {
  const paths = SYMBOLS.map((_, k) => symbolPath(k, 8));
  assert.equal(new Set(paths).size, SYMBOLS.length);
  for (const path of paths) assert.match(path, /^M[-\d.,L]+Z$/);
});

test("symbols repeat when there are more classes than symbols", () => {
  assert.equal(symbolPath(SYMBOLS.length, 8), symbolPath(0, 8));
});

test("a symbol is as large as its radius says", () => {
  const numbers = symbolPath(0, 8)
    .match(/-?\d+\.\d+/g)
    .map(Number);
  assert.equal(Math.max(...numbers), 8);
});
