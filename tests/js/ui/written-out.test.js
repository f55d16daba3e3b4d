import assert from "node:assert/strict";
import test from "node:test";
import { named } from "../../../static/js/core/names.js";
import { entryName } from "../../../static/js/ui/written-out.js";

const name = (id, index) => entryName(named(id), index);

test("an entry is named as on paper, counted from 0", () => {
  assert.equal(name("W2", [0, 2]), "𝑊⁽²⁾₀₂");
  assert.equal(name("W2", [0, 11]), "𝑊⁽²⁾₀ ₁₁");
  assert.equal(name("dC_db1", [1]), "∂𝐶/∂𝑏⁽¹⁾₁");
  assert.equal(name("dz2_dW2", [0, 1, 2]), "∂𝑧⁽²⁾₀/∂𝑊⁽²⁾₁₂");
  assert.equal(name("W1_next", [0, 0]), "new 𝑊⁽¹⁾₀₀");
  assert.equal(name("m_hat_b2", [0]), "𝑚̂ of 𝑏⁽²⁾₀");
  assert.equal(name("C", []), "𝐶");
});

test("an entry of a part, of code and of a later version keeps its place in the name", () => {
  const of = (label, quantity = "") => entryName({ label, quantity }, [0, 1]);
  assert.equal(of("∂C/∂var through mu"), "∂𝐶/∂var₀₁ through mu");
  assert.equal(of("gamma * h"), "(gamma * ℎ)₀₁");
  assert.equal(of("S′"), "𝑆′₀₁");
});
