import assert from "node:assert/strict";
import test from "node:test";
import { spokenQuantity, symbolOf } from "../../../static/js/explorer/quantities.js";
import { TABLE } from "../../../static/js/state/store.js";

test("every quantity that the figure can show has a symbol and words", () => {
  for (const quantity of ["x", "a", "z", "dC_da", "dC_dz"]) {
    if (quantity !== "x") assert.equal(TABLE.neurons.valid(quantity), true);
    assert.notEqual(symbolOf(quantity), quantity);
    assert.ok(spokenQuantity(quantity));
  }
  for (const quantity of ["W", "dC_dW"]) {
    assert.equal(TABLE.edges.valid(quantity), true);
    assert.notEqual(symbolOf(quantity), quantity);
  }
});

test("another quantity keeps its name", () => {
  assert.equal(symbolOf("target"), "target");
  assert.equal(spokenQuantity("target"), undefined);
});
