import assert from "node:assert/strict";
import test from "node:test";
import { spokenFormula } from "../../../static/js/lessons/rich.js";

test("formulas are read out in words", () => {
  for (const [latex, words] of [
    [
      "\\frac{\\partial C}{\\partial a} \\cdot \\frac{\\partial a}{\\partial z}",
      "d C over d a times d a over d z",
    ],
    ["\\delta^{(2)} a^\\top", "delta of layer 2 a transposed"],
    ["W^T x + b", "W transposed x + b"],
    ["\\sigma(z_1) \\leq 1", "sigma (z 1) at most 1"],
  ])
    assert.equal(spokenFormula(latex), words);
});
