import assert from "node:assert/strict";
import test from "node:test";
import { carryTime, firstOf, linesOf, PACES, USUAL_PACE } from "../../../static/js/core/walk.js";

const TRACE = {
  lines: [
    { id: "z1", phase: "forward" },
    { id: "a1", phase: "forward" },
    { id: "C", phase: "cost" },
    { id: "dC_dz1", phase: "backward" },
    { id: "dC_dW1", phase: "backward" },
    { id: "W1_next", phase: "update" },
  ],
};

test("a pass has its own lines: one ends with the cost, the other with the update", () => {
  assert.deepEqual(linesOf(TRACE, "forward"), ["z1", "a1", "C"]);
  assert.deepEqual(linesOf(TRACE, "backward"), ["dC_dz1", "dC_dW1", "W1_next"]);
  assert.deepEqual(linesOf(null, "backward"), []);
});

test("a walk begins at the pass, a paused one goes on, a finished one begins again", () => {
  assert.equal(firstOf(TRACE, "forward", "a1", false), "z1");
  assert.equal(firstOf(TRACE, "forward", "a1", true), "C");
  assert.equal(firstOf(TRACE, "backward", "z1", true), "dC_dz1");
  assert.equal(firstOf(TRACE, "backward", "dC_dW1", true), "W1_next");
  assert.equal(firstOf(TRACE, "backward", "W1_next", true), "dC_dz1");
  assert.equal(firstOf(null, "backward", "z1", false), undefined);
});

test("what is carried arrives before the next line comes", () => {
  for (const pace of PACES) assert.ok(carryTime(pace) < pace);
  assert.equal(PACES[USUAL_PACE], 1000);
});
