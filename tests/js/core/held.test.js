import assert from "node:assert/strict";
import test from "node:test";
import { heldOf } from "../../../static/js/core/held.js";
import { b, DATA, FRAME, out, TRACE, tensor, total, w, x, y } from "../helpers/unit.js";

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test("a weight at another value changes working, network, border and cost of all", () => {
  const held = heldOf({ trace: TRACE, frame: FRAME, data: DATA }, "W1", [0, 0]);
  assert.deepEqual([held.was, held.layer, held.unit], [0.5, 1, 0]);
  const { trace, frame } = held.at(2);
  assert.deepEqual(trace.givens[1].value, [[2, -0.25]]);
  near(trace.lines[1].value[0], out(x, 2));
  assert.equal(trace.verification, null);
  assert.deepEqual([...frame.layers[0].W.data], [2, -0.25]);
  near(frame.boundary.z.data[3], out([1, 1], 2));
  near(held.one(2), (out(x, 2) - y) ** 2 + 0.3 * (4 + 0.0625));
  for (const value of [0.5, 2, -1]) near(held.all(value), total(value));
});

test("an input has no cost of all; what is more than arithmetic cannot be held", () => {
  const held = heldOf({ trace: TRACE, frame: FRAME, data: DATA }, "x", [1]);
  assert.deepEqual([held.all, held.layer], [null, null]);
  near(held.at(3).trace.lines[0].value[0], w[0] + 3 * w[1] + b);
  assert.equal(held.at(3).frame, FRAME);
  const lines = TRACE.lines.with(1, { ...TRACE.lines[1], entry: "max{0}" });
  assert.equal(
    heldOf({ trace: { ...TRACE, lines }, frame: FRAME, data: DATA }, "W1", [0, 0]),
    null,
  );
});

test("a picture that the page would draw otherwise stays the server's", () => {
  const boundary = { ...FRAME.boundary, z: tensor([9, 9, 9, 9], [2, 2]) };
  const held = heldOf({ trace: TRACE, frame: { ...FRAME, boundary }, data: DATA }, "W1", [0, 0]);
  assert.equal(held.at(2).frame.boundary, boundary);
});
