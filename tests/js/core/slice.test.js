import assert from "node:assert/strict";
import test from "node:test";
import { argmin, formatSlice, parameterNames, parseSlice } from "../../../static/js/core/slice.js";

test("a slice is read from a word and written back", () => {
  for (const text of [
    "gradient",
    "gradient:train",
    "plane:random:3",
    "plane:start",
    "weights:W1[0,2]:b2[1]",
  ])
    assert.equal(formatSlice(parseSlice(text)), text);
});

test("what is no slice is refused", () => {
  for (const text of [
    7,
    "",
    "gradient:test",
    "plane",
    "plane:random:x",
    "weights:W1[0,0]",
    "a:b:c:d",
  ])
    assert.equal(parseSlice(text), null, String(text));
});

test("parameters are named layer by layer, up to a number", () => {
  assert.deepEqual(parameterNames([1, 2], 9), ["W1[0,0]", "W1[0,1]", "b1[0]", "b1[1]"]);
  assert.equal(parameterNames([5, 5], 7).length, 7);
});

test("argmin leaves out what is not finite", () => {
  assert.equal(argmin([null, NaN, 3, -1, Infinity]), 3);
  assert.equal(argmin([null]), -1);
});
