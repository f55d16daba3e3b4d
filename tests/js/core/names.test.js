import assert from "node:assert/strict";
import test from "node:test";
import {
  entryId,
  idOf,
  isJacobian,
  isParameter,
  isUpdate,
  named,
  nameOf,
  readEntry,
  shortName,
  withId,
} from "../../../static/js/core/names.js";

test("the id of a value says what it is in every layer, and in which it is", () => {
  const found = ["z2", "dC_dW12", "b1_next", "m_hat_W1", "dz2_da1", "x", "beta1"].map(named);
  assert.deepEqual(
    found.map(({ quantity, layer }) => [quantity, layer]),
    [
      ...[["z", 2], ["dC_dW", 12], ["b_next", 1], ["m_hat_W", 1], ["dz_da", 2]], // biome-ignore format: pairs
      ...[["x", null], ["beta1", null]], // biome-ignore format: pairs
    ],
  );
  for (const { id, quantity, layer } of found)
    if (layer && !isJacobian(quantity)) assert.equal(idOf(quantity, layer), id);
  assert.equal(entryId("W1", 0, 2), "W1[0,2]");
});

/** As programs have them: dots, brackets, quotes, versions. */
const IDS = ["W1", "self.W1", "h.1", "x@2", "h[t=2]", "h.2[t=0, k=1]@3", "params['W.1']", "w[0]"];

test("entries are read from the right, whatever their id has in it", () => {
  for (const id of [...IDS, ...IDS.map((each) => `dC_d${each}`), "dC_dh.1_through_y.2[t=1]_0"])
    for (const index of [[3], [0, 12], [1, 0, 2]]) {
      assert.deepEqual(readEntry(entryId(id, ...index)), { id, index });
    }
  for (const text of ["W1", "h[t=2]", "[0]", "W1[0,]", "x[1", "W1[a]", ""])
    assert.equal(readEntry(text), null, text);
});

test("only entries of weights and biases are parameters of a network", () => {
  for (const id of ["W1[0,2]", "b12[3]"]) assert.equal(isParameter(id), true, id);
  for (const id of ["W1[0]", "b1[0,1]", "W[0,1]", "self.W1[0,1]", "W1[t=2][0,1]", "x[0,1]", "W1"])
    assert.equal(isParameter(id), false, id);
});

test("an id with quotes is found by its attribute", () => {
  assert.equal(withId("data-variable", "params['W1']"), `[data-variable="params['W1']"]`);
  assert.equal(withId("data-line", 'p["a\\b"]'), String.raw`[data-line="p[\"a\\b\"]"]`);
});

test("labels are set in italics with the layer above, as in formulas", () => {
  const label = (id) => nameOf(named(id));
  assert.deepEqual(["dC_dz2", "dz2_da1", "W1_next", "C_data", "learning_rate"].map(label), [
    ...["∂𝐶/∂𝑧⁽²⁾", "∂𝑧⁽²⁾/∂𝑎⁽¹⁾", "𝑊⁽¹⁾′", "𝐶 data", "𝜂"],
  ]);
  assert.deepEqual(["penalty3", "m_W1", "v_hat_b2", "cost_factor"].map(label), [
    ...["𝑅⁽³⁾", "𝑚 of 𝑊⁽¹⁾", "𝑣̂ of 𝑏⁽²⁾", "cost factor"],
  ]);
  const short = ["z2", "dC_dz2", "m_hat_W1", "v_W1_next"].map((id) => shortName(named(id)));
  assert.deepEqual(short, ["𝑧⁽²⁾", "𝑧⁽²⁾", "𝑚̂ 𝑊⁽¹⁾", "𝑣′ 𝑊⁽¹⁾"]);
});

test("a name is read out with its layer", () => {
  const ids = ["dC_dz2", "dz2_dW2", "W2_next", "m_W1_next", "penalty2", "C", "learning_rate1"];
  assert.deepEqual(
    ids.map((id) => named(id).spoken),
    [
      ...["layer 2, dC/dz", "layer 2, Jacobian dz/dW", "layer 2, new W", "layer 1, new m of W"],
      ...["penalty of layer 2", "cost", "layer 1, learning rate"],
    ],
  );
});

test("lines of the update are known by their ids", () => {
  for (const id of ["W1_next", "velocity_b2_next", "m_hat_W1", "v_W12_next", "learning_rate"])
    assert.equal(isUpdate(id), true, id);
  for (const id of ["z1", "a3", "C", "dC_dW1", "dz2_dW2", "penalty1"])
    assert.equal(isUpdate(id), false, id);
});
