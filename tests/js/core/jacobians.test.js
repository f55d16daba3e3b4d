import assert from "node:assert/strict";
import test from "node:test";
import { collapse } from "../../../static/js/core/jacobians.js";

import { value } from "../helpers/lines.js";

const LINE = value("dC_dW1", {
  inputs: ["x", "dC_dz1"],
  value: [
    [0.5, 1],
    [-1, -2],
  ],
});
const TRACE = {
  convention: "column",
  batch: null,
  givens: [value("x", { value: [0.25, 0.5] })],
  lines: [value("dC_dz1", { value: [2, -4] }), value("dz1_dW1"), LINE],
};

test("of the sum over the Jacobian one product is left", () => {
  const said = collapse(TRACE, LINE, [1, 0]);
  assert.match(said, /= 2·0 \+ \(−4\)·0\.250 = −1\./);
  assert.match(said, /Of its 8 entries 4 are 0/);
});

test("with rows the two indices change places", () => {
  const turned = {
    ...LINE,
    axes: ["unit below", "unit"],
    value: [
      [0.5, -1],
      [1, -2],
    ],
  };
  const trace = { ...TRACE, lines: [...TRACE.lines.slice(0, 2), turned] };
  assert.match(collapse(trace, turned, [0, 1]), /= −1\./);
});

test("many units are not all written", () => {
  const lines = [value("dC_dz1", { value: [1, 2, 3, 4, 5, 6] }), value("dz1_dW1")];
  const line = { ...LINE, value: Array.from({ length: 6 }, () => [1, 1]) };
  assert.match(collapse({ ...TRACE, lines }, line, [2, 0]), /3·0\.250 \+ 5 times 0/);
});

test("without Jacobians, of a batch and of other lines there is nothing to say", () => {
  assert.equal(collapse({ ...TRACE, lines: [LINE] }, LINE, [0, 0]), null);
  assert.equal(collapse({ ...TRACE, batch: 2 }, LINE, [0, 0]), null);
  assert.equal(collapse(TRACE, value("dC_dz1"), [0]), null);
});
