import assert from "node:assert/strict";
import test from "node:test";
import { replay } from "../../../static/js/core/replay.js";

const line = (id, phase, inputs, signature, entry, shape, value) => ({
  ...{ id, phase, inputs, signature, entry, shape, value, op: id },
});
const TRACE = {
  lines: [
    line("z", "forward", ["x", "W"], "i,i->", "Σ[{0}·{1}]", [], 2),
    line("C", "cost", ["z"], "->", "({0} − 1)²", [], 1),
    line("g", "backward", ["z"], "->", "2·({0} − 1)", [], 2),
  ],
  givens: [
    { id: "x", shape: [2], value: [1, 2] },
    { id: "W", shape: [2], value: [0, 1] },
  ],
};

test("the cost at other weights is computed by the lines that depend on them", () => {
  const cost = replay(TRACE, ["W"], 100);
  assert.equal(cost({ W: [0, 1] }), 1);
  assert.equal(cost({ W: [3, 1] }), 16);
  assert.equal(replay(TRACE, ["W"], 2), null); // too many terms
  assert.equal(replay(TRACE, ["q"], 100), null); // nothing depends on it
});
