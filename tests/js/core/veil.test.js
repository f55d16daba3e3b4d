import assert from "node:assert/strict";
import test from "node:test";
import { named } from "../../../static/js/core/names.js";
import {
  bareAt,
  costVeiled,
  covers,
  gradientsVeiled,
  quantityVeiled,
  veiled,
} from "../../../static/js/core/veil.js";
import { value } from "../helpers/lines.js";

const veil = { from: "dC_dz2", bare: false };

test("from a line on, it and all later ones are covered", () => {
  const found = ["a2", "C", "dC_dz2", "dC_dW2", "dC_da1", "W1_next"].map((id) =>
    covers(veil, named(id), 2),
  );
  assert.deepEqual(found, [false, false, true, true, true, true]);
  assert.equal(covers(null, named("dC_dz2"), 2), false);
});

test("givens are never covered, whatever they are called", () => {
  const trace = {
    gradients: [{}, {}],
    givens: [value("x")],
    lines: ["z1", "dC_dz2", "dC_dW2"].map((id) => value(id)),
  };
  const found = ["x", "z1", "dC_dz2", "dC_dW2", "dC_dz1"].map((id) => veiled({ veil, trace }, id));
  assert.deepEqual(found, [false, false, true, true, true]);
  assert.equal(veiled({ veil, trace: null }, "z1"), true);
});

const TRACE = {
  gradients: [{}],
  givens: [value("x")],
  lines: [
    value("z1", { inputs: ["W1", "x"] }),
    value("a1", { inputs: ["z1"] }),
    value("C", { inputs: ["a1"] }),
    value("dC_da1", { inputs: ["a1"] }),
    value("dC_dz1", { inputs: ["dC_da1", "z1"] }),
    value("dC_dW1", { inputs: ["dC_dz1", "x"] }),
    value("dC_db1", { inputs: ["dC_dz1"] }),
    value("W1_next", { inputs: ["W1", "dC_dW1"] }),
  ],
};
const asked = (line, from = line, bare = false) => ({ line, from, bare });
const hidden = (card) => {
  const state = { veil: { from: "z1", bare: false, card }, trace: TRACE };
  return TRACE.lines.filter(({ id }) => veiled(state, id)).map(({ id }) => id);
};

test("a line that is shown stays with its sources, but for what later cards ask", () => {
  const later = [asked("dC_dW1"), asked("C")];
  assert.deepEqual(hidden({ line: "dC_db1", asked: null, later }), ["C", "dC_dW1", "W1_next"]);
  assert.deepEqual(hidden({ line: "dC_db1", asked: null, later: [asked("dC_dz1")] }), [
    "dC_dz1",
    "dC_dW1",
    "W1_next",
  ]);
});

test("while a card's own question is open, all that it hides is hidden", () => {
  const card = { line: "dC_db1", asked: asked("dC_db1"), later: [asked("dC_dW1")] };
  assert.deepEqual(hidden(card), ["dC_dW1", "dC_db1", "W1_next"]);
});

test("a formula that a later card asks is hidden with the numbers", () => {
  const card = { line: "dC_da1", asked: asked("dC_da1"), later: [asked("dC_dW1", "dC_dW1", true)] };
  const state = { veil: { from: "dC_da1", bare: false, card }, trace: TRACE };
  assert.deepEqual(
    ["dC_da1", "dC_dz1", "dC_dW1", "W1_next"].map((id) => bareAt(state, id)),
    [false, false, true, false],
  );
  const shape = { ...card, asked: asked("dC_da1"), later: [asked("dC_da1", "dC_da1", true)] };
  assert.equal(bareAt({ ...state, veil: { ...state.veil, card: shape } }, "dC_da1"), true);
  assert.equal(bareAt({ ...state, veil }, "dC_dz1"), false);
});

test("network and working agree on what is shown", () => {
  const card = { line: "dC_db1", asked: null, later: [asked("dC_dW1")] };
  const state = {
    veil: { from: "dC_dW1", bare: false, card },
    trace: TRACE,
    frame: { layers: [{}] },
  };
  const found = ["dC_dW", "dC_db", "dC_dz"].map((each) => quantityVeiled(state, each, 1));
  assert.deepEqual(found, [true, false, false]);
});

test("cost and gradients are covered by where the veil begins", () => {
  const state = (from) => ({ veil: { from, bare: false }, frame: { layers: [{}, {}] } });
  assert.deepEqual([costVeiled(state("z1")), costVeiled(state("dC_dz2"))], [true, false]);
  assert.deepEqual(
    [gradientsVeiled(state("dC_dz2")), gradientsVeiled(state("W1_next"))],
    [true, false],
  );
});
