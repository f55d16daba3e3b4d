import assert from "node:assert/strict";
import test from "node:test";
import { entryName } from "../../../static/js/ui/written-out.js";

test("an entry is named as on paper, counted from 0", () => {
  assert.equal(entryName("W2", [0, 2]), "𝑊⁽²⁾₀₂");
  assert.equal(entryName("W2", [0, 11]), "𝑊⁽²⁾₀ ₁₁");
  assert.equal(entryName("dC_db1", [1]), "∂𝐶/∂𝑏⁽¹⁾₁");
  assert.equal(entryName("dz2_dW2", [0, 1, 2]), "∂𝑧⁽²⁾₀/∂𝑊⁽²⁾₁₂");
  assert.equal(entryName("W1_next", [0, 0]), "new 𝑊⁽¹⁾₀₀");
  assert.equal(entryName("m_hat_b2", [0]), "m hat of 𝑏⁽²⁾₀");
  assert.equal(entryName("C", []), "𝐶");
});
