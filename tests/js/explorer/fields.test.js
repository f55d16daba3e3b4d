import assert from "node:assert/strict";
import test from "node:test";
import { nudge } from "../../../static/js/explorer/fields.js";

test("a number goes by one in its leading digit", () => {
  assert.equal(nudge(0.1, 1, false), 0.2);
  assert.equal(nudge(0.1, -1, false), 0.09);
  assert.equal(nudge(35, 1, false), 45);
  assert.equal(nudge(0, 1, false), 0.01);
});

test("whole numbers go by one", () => {
  assert.equal(nudge(30, 1, true), 31);
});

test("bounds hold", () => {
  assert.equal(nudge(0.9, 1, false, 0, 0.9), 0.9);
  assert.equal(nudge(1, -1, true, 1), 1);
});
