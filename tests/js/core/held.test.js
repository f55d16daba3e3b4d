import assert from "node:assert/strict";
import test from "node:test";
import { heldOf } from "../../../static/js/core/held.js";

const line = (id, phase, quantity, layer, inputs, signature, entry, shape, value) => ({
  ...{ id, phase, quantity, layer, inputs, signature, entry, shape, value, op: id },
  axes: ["unit"],
});
const given = (id, quantity, layer, axes, shape, value) => ({
  ...{ id, quantity, layer, axes, shape, value },
});
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

// Two inputs, one unit, squared error; a penalty on the weights is added to the cost.
const [w, b, x, y] = [[0.5, -0.25], 0.1, [1, 2], 1];
const z = w[0] * x[0] + w[1] * x[1] + b;
const penalty = 0.3 * (w[0] ** 2 + w[1] ** 2);
const TRACE = {
  ...{ step: 3, batch: null, rows: [0], verification: {} },
  lines: [
    line("z1", "forward", "z", 1, ["x", "W1", "b1"], "i,ji,j->j", "Σ[{1}·{0}] + {2}", [1], [z]),
    line("a1", "forward", "a", 1, ["z1"], "j->j", "tanh({0})", [1], [Math.tanh(z)]),
    line("D", "cost", "C", null, ["a1", "target"], "j,j->", "Σ[({0} − {1})²]", [], 0),
    line("P", "cost", "C", null, ["W1"], "ji->", "3/10·Σ[{0}²]", [], penalty),
    line("C", "cost", "C", null, ["D", "P"], ",->", "{0} + {1}", [], 0),
  ],
  givens: [
    given("x", "x", null, ["feature"], [2], x),
    given("W1", "W", 1, ["unit", "unit below"], [1, 2], [w]),
    given("b1", "b", 1, ["unit"], [1], [b]),
    given("target", "target", null, ["unit"], [1], [y]),
  ],
};
const DATA = { task: "regression", train: { x: [x, [-1, 0.5]], target: [y, 0] } };
const out = (row, first) => Math.tanh(first * row[0] + w[1] * row[1] + b);
const total = (first) =>
  ((out(x, first) - y) ** 2 + out([-1, 0.5], first) ** 2) / 2 + 0.3 * (first ** 2 + w[1] ** 2);
const tensor = (data, shape) => ({ data, shape });
const grid = tensor([0, 1], [2]);
const FRAME = {
  cost: { train: total(w[0]) },
  layers: [{ units: 1, W: tensor(w, [2, 1]), b: tensor([b], [1]) }],
  boundary: {
    ...{ kind: "binary", axes: [0, 1], x: grid, y: grid },
    z: tensor(
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ].map((row) => out(row, w[0])),
      [2, 2],
    ),
  },
};

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
