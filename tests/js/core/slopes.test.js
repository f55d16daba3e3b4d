import assert from "node:assert/strict";
import test from "node:test";
import { slopeOf, slopesOf } from "../../../static/js/core/slopes.js";

test("a slope is the second factor, at what the line reads", () => {
  const backward = {
    ...{ id: "dz", op: "tanh_backward", inputs: ["g", "z"], shape: [2] },
    ...{ signature: "j,j->j", entry: "{0}·(1 − tanh²({1}))" },
  };
  assert.equal(slopeOf(backward).at(0), 1);
  assert.deepEqual(slopesOf(backward, { shape: [2], value: [0, 0] }).value, [1, 1]);
  assert.equal(slopeOf({ ...backward, entry: "{1}·{0}" }), null);
  assert.equal(slopesOf(backward, { shape: [3], value: [0, 0, 0] }), null);
});
