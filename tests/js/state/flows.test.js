import assert from "node:assert/strict";
import test from "node:test";
import { flowsOf, unitsOf } from "../../../static/js/state/flows.js";

import { value } from "../helpers/lines.js";

const line = (id, phase, inputs, own) =>
  value(id, { phase, inputs, value: own, shape: [own.length] });
const TRACE = {
  step: 0,
  batch: null,
  convention: "column",
  activations: ["tanh", "sigmoid"],
  givens: [value("x", { value: [2, -3], shape: [2] })],
  lines: [
    line("z1", "forward", ["W1", "x", "b1"], [0.1, 0.2]),
    line("a1", "forward", ["z1"], [0.1, 0.2]),
    line("z2", "forward", ["W2", "a1", "b2"], [0.3]),
    line("dC_dz2", "backward", ["a2", "target"], [4]),
    line("dC_dW2", "backward", ["dC_dz2", "a1"], [[0.4, 0.8]]),
    line("dC_da1", "backward", ["W2", "dC_dz2"], [8, 2]),
    line("dC_dz1", "backward", ["dC_da1", "z1"], [0.8, 0.2]),
  ],
};
const layer = (units, W) => ({ units, W: { data: W }, dC_dW: { data: W }, neurons: {} });
const STATE = {
  trace: TRACE,
  frame: { step: 0, layers: [layer(2, [1, 0, 5, -1]), layer(1, [2, -0.5])] },
  data: { features: ["p", "q"] },
  sample: 0,
  playing: false,
  line: "z1",
};
const of = (id, most = 100) =>
  flowsOf(
    STATE,
    TRACE.lines.find((each) => each.id === id),
    most,
  );

test("a sum carries its terms from each unit that it reads to each that it writes", () => {
  const flows = of("z1").map(({ from, to, fraction }) => [from, to, fraction]);
  // |W x|: 1·2, 0·2, 5·3, 1·3; the largest of the pass is 15
  assert.deepEqual(flows, [
    ["n0.0", "n1.0", 2 / 15],
    ["n0.0", "n1.1", 0],
    ["n0.1", "n1.0", 1],
    ["n0.1", "n1.1", 3 / 15],
  ]);
});

test("the error is carried from the upper layer down, as large as weight times gradient", () => {
  assert.deepEqual(
    of("dC_da1").map(({ from, to, along, fraction }) => [from, to, along, fraction]),
    [
      ["n2.0", "n1.0", "e2.0.0", 1],
      ["n2.0", "n1.1", "e2.1.0", 0.25],
    ],
  );
});

test("a weight's gradient is carried from both of its ends to its edge", () => {
  assert.deepEqual(
    of("dC_dW2").map(({ from, to, fraction }) => [from, to, fraction]),
    [
      ["n1.0", "e2.0.0", 0.5],
      ["n2.0", "e2.0.0", 0.5],
      ["n1.1", "e2.1.0", 1],
      ["n2.0", "e2.1.0", 1],
    ],
  );
});

test("of too many terms the largest are carried", () => {
  assert.deepEqual(
    of("z1", 2).map(({ fraction }) => fraction),
    [1, 3 / 15],
  );
});

test("terms are compared with the largest of the whole pass, so that fading is seen", () => {
  // 2·0.1 and 0.5·0.2
  assert.deepEqual(
    of("z2").map(({ fraction }) => fraction),
    [0.2 / 15, 0.1 / 15],
  );
});

test("units are compared with the largest of the whole pass, so that fading is seen", () => {
  const units = unitsOf(STATE, TRACE.lines.at(-1)).map(({ fraction }) => fraction);
  assert.deepEqual(units, [0.1, 0.025]);
  assert.deepEqual(of("dC_dz1"), []);
});
