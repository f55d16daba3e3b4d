import assert from "node:assert/strict";
import test from "node:test";
import {
  edgeQuantity,
  neuronsOfLine,
  shownEdges,
  shownIds,
  shownNeurons,
  valuesOf,
} from "../../../static/js/state/shown.js";

import { value } from "../helpers/lines.js";

const line = (id, phase, inputs, own) =>
  value(id, { phase, inputs, value: own, shape: [own.length] });
const given = (id, own = [0]) => value(id, { value: own, shape: [own.length] });
const TRACE = {
  step: 0,
  batch: null,
  convention: "column",
  activations: ["tanh", "sigmoid"],
  givens: [given("x", [1, 2]), ...["W1", "b1", "b2"].map((id) => given(id))],
  lines: [
    line("z1", "forward", ["W1", "x", "b1"], [0.1]),
    line("a1", "forward", ["z1"], [0.2]),
    line("z2", "forward", ["W2", "a1", "b2"], [0.3]),
    line("a2", "forward", ["z2"], [0.4]),
    line("dC_dz2", "backward", ["a2", "target"], [0.5]),
    line("dC_dW2", "backward", ["dC_dz2", "a1"], [[0.6]]),
  ],
};
const matrix = { data: [9], shape: [1, 1] };
const layer = { units: 1, W: matrix, b: null, dC_dW: matrix, neurons: { a: [7], z: [8] } };
const STATE = {
  trace: TRACE,
  frame: { step: 0, input: [1, 2], layers: [layer, layer] },
  data: { features: ["p", "q"] },
  sample: 0,
  playing: false,
  line: "z2",
  neurons: "line",
  edges: "line",
  veil: null,
};

test("neurons show what the line reads and computes, and else what is known already", () => {
  const on = (k) =>
    neuronsOfLine(TRACE, TRACE.lines[k]).map(({ variable, role }) => [variable?.id ?? null, role]);
  assert.deepEqual(on(2), [
    ["x", "known"],
    ["a1", "reads"],
    ["z2", "writes"],
  ]);
  const early = on(0);
  assert.deepEqual(early, [
    ["x", "reads"],
    ["z1", "writes"],
    [null, "pending"],
  ]);
});

test("the numbers are those of the working", () => {
  assert.deepEqual(
    shownNeurons(STATE).map(({ values }) => values),
    [[1, 2], [0.2], [0.3]],
  );
});

test("while playing no layer is pending, and those of the line show what it reads", () => {
  const idsAndValues = (state) =>
    shownNeurons(state).map(({ variable, values }) => [variable.id, values]);
  const state = { ...STATE, line: "z1", playing: true };
  assert.deepEqual(idsAndValues(state), [
    ["x", [1, 2]],
    ["z1", [0.1]],
    ["z2", [0.3]],
  ]);
  // values that did not come with the working are those of the frame, as all of another step are
  const lines = TRACE.lines.map((each) =>
    each.id === "z2" ? { ...each, value: null, left_out: true } : each,
  );
  assert.deepEqual(idsAndValues({ ...state, trace: { ...TRACE, lines } })[2], ["z2", [8]]);
  assert.deepEqual(idsAndValues({ ...state, frame: { ...STATE.frame, step: 1 } })[1], ["z1", [8]]);
});

test("where neurons do not follow the line, all layers show one quantity", () => {
  // A working of fewer layers than the frame is of another network.
  const frame = { ...STATE.frame, layers: [layer, layer, layer] };
  const trace = { ...TRACE, lines: [...TRACE.lines, line("W1_next", "update", ["W1"], [1])] };
  const shown = (id) =>
    shownNeurons({ ...STATE, trace, frame, line: id }).map(({ variable }) => variable.id);
  assert.deepEqual(shown("z2"), ["x", "z1", "z2", "z3"]);
  assert.deepEqual(shown("a2"), ["x", "a1", "a2", "a3"]);
  assert.deepEqual(shown("W1_next"), ["x", "a1", "a2", "a3"]);
  assert.deepEqual(shown("dC_dW2"), ["x", "dC_dz1", "dC_dz2", "dC_dz3"]);
});

test("the page shows values of the line, of the neurons, of the edges and of the cost", () => {
  assert.deepEqual(shownIds({ ...STATE, playing: true }), ["z2", "a1", "b2", "x"]);
  const trace = {
    ...TRACE,
    givens: [...TRACE.givens, given("target"), given("W2")],
    lines: [
      ...TRACE.lines.slice(0, 4),
      line("C", "cost", ["a2", "target"], [1]),
      ...TRACE.lines.slice(4),
    ],
  };
  const state = { ...STATE, trace, playing: true };
  assert.deepEqual(shownIds({ ...state, line: "z2" }), ["z2", "W2", "a1", "b2", "x", "C"]);
  const found = shownIds({ ...state, line: "dC_dW2" });
  assert.deepEqual(found, ["dC_dW2", "dC_dz2", "a1", "x", "C"]);
  assert.deepEqual(shownIds({ ...state, line: "none" }), []);
});

test("what a lesson asks has no numbers", () => {
  const veil = { from: "z2", bare: false };
  assert.deepEqual(shownNeurons({ ...STATE, veil })[2].values, null);
});

test("edges show the gradient at its line, and of one sample that sample's", () => {
  assert.equal(edgeQuantity(STATE), "W");
  const state = { ...STATE, line: "dC_dW2" };
  assert.equal(edgeQuantity(state), "dC_dW");
  assert.deepEqual([...shownEdges(state)[1].data], [0.6]);
  assert.deepEqual([...shownEdges({ ...state, sample: "batch" })[1].data], [9]);
});

test("a mean of 0 is 0, without what rounding leaves", () => {
  const rows = [
    [0.1, 1],
    [0.2, 2],
    [-0.3, 3],
  ];
  const x = value("x", { value: rows, shape: [3, 2] });
  const state = { ...STATE, sample: "batch", trace: { ...TRACE, batch: 3, givens: [x] } };
  assert.notEqual(0.1 + 0.2 - 0.3, 0);
  assert.deepEqual(valuesOf(state, "x", null), [0, 2]);
});
