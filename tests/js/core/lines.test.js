import assert from "node:assert/strict";
import test from "node:test";
import {
  flat,
  label,
  parse,
  ribbonLabel,
  spoken,
  spokenName,
} from "../../../static/js/core/lines.js";

const none = { state: "", above: "", aboveLayer: 0 };

test("the id of a line says what it is", () => {
  assert.deepEqual(parse("z2"), { kind: "value", letter: "z", layer: 2, ...none });
  assert.deepEqual(parse("dC_dW12"), { kind: "gradient", letter: "W", layer: 12, ...none });
  assert.deepEqual(parse("b1_next"), { kind: "next", letter: "b", layer: 1, ...none });
  const state = { kind: "state", letter: "W", layer: 1, ...none, state: "m_hat" };
  assert.deepEqual(parse("m_hat_W1"), state);
  const jacobian = {
    kind: "jacobian",
    letter: "a",
    layer: 1,
    state: "",
    above: "z",
    aboveLayer: 2,
  };
  assert.deepEqual(parse("dz2_da1"), jacobian);
  assert.deepEqual(parse("x"), { kind: "value", letter: "x", layer: 0, ...none });
  assert.equal(parse("learning_rate").kind, "other");
});

test("labels are set in italics with the layer above, as in formulas", () => {
  const ids = ["z2", "dC_dz2", "dz2_da1", "W1_next", "m_hat_W1", "C", "penalty3"];
  assert.deepEqual(ids.map(ribbonLabel), [
    ...["𝑧⁽²⁾", "𝑧⁽²⁾", "∂𝑧⁽²⁾/∂𝑎⁽¹⁾", "𝑊⁽¹⁾′", "𝑚̂ 𝑊⁽¹⁾"],
    ...["𝐶", "𝑅⁽³⁾"],
  ]);
  assert.deepEqual(["dC_dz2", "m_W1"].map(label), ["∂𝐶/∂𝑧⁽²⁾", "𝑚 of 𝑊⁽¹⁾"]);
});

test("a line is read out with its layer and its largest value", () => {
  assert.equal(spokenName("dC_dz2"), "layer 2, dC/dz");
  assert.equal(
    spoken({ id: "z1", shape: [2], value: [0.25, -0.49] }),
    "layer 1, z, 2 values, largest −0.49",
  );
  assert.equal(spoken({ id: "C", shape: [], value: 0.5 }), "cost, 0.50");
  assert.equal(
    spoken({ id: "W1", shape: [300, 200], value: null, left_out: true }),
    "layer 1, W, 60000 values",
  );
});

test("flat takes nested lists and numbers", () => {
  assert.deepEqual(flat([[1, 2], [3]]), [1, 2, 3]);
  assert.deepEqual(flat(4), [4]);
});
