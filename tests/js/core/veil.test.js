import assert from "node:assert/strict";
import test from "node:test";
import { costVeiled, covers, gradientsVeiled, veiled } from "../../../static/js/core/veil.js";

const veil = { from: "dC_dz2", bare: false };

test("from a line on, it and all later ones are covered", () => {
  const found = ["a2", "C", "dC_dz2", "dC_dW2", "dC_da1", "W1_next"].map((id) =>
    covers(veil, id, 2),
  );
  assert.deepEqual(found, [false, false, true, true, true, true]);
  assert.equal(covers(null, "dC_dz2", 2), false);
});

test("givens are never covered, whatever they are called", () => {
  const trace = {
    gradients: [{}, {}],
    givens: [{ id: "x" }],
    lines: [{ id: "z1" }, { id: "dC_dz2" }, { id: "dC_dW2" }],
  };
  const found = ["x", "z1", "dC_dz2", "dC_dW2", "dC_dz1"].map((id) => veiled({ veil, trace }, id));
  assert.deepEqual(found, [false, false, true, true, true]);
  assert.equal(veiled({ veil, trace: null }, "z1"), true);
});

test("cost and gradients are covered by where the veil begins", () => {
  const state = (from) => ({ veil: { from, bare: false }, frame: { layers: [{}, {}] } });
  assert.deepEqual([costVeiled(state("z1")), costVeiled(state("dC_dz2"))], [true, false]);
  assert.deepEqual(
    [gradientsVeiled(state("dC_dz2")), gradientsVeiled(state("W1_next"))],
    [true, false],
  );
});
