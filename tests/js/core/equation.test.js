import assert from "node:assert/strict";
import test from "node:test";
import { equationOf, shapesOf, vectorsAreRows } from "../../../static/js/core/equation.js";

const shapes = (signature, entry, inputs, shape) =>
  shapesOf({ signature, entry, shape, inputs: inputs.map((_, k) => `p${k}`) }, inputs);

test("a sum that is no matrix product keeps its sign", () => {
  for (const [signature, entry, inputs, shape, expected] of [
    ["nj->j", "Σ[{0}]", [[4, 3]], [3], "(3) = Σ(4×3)"],
    ["j->j", "Σ[{0}]", [[3]], [3], "(3) = (3)"],
    ["j,j,->", "{2}·Σ[({0} − {1})²]", [[3], [3], []], [], "scalar = scalar·Σ((3) − (3))²"],
    ["j,j,->", "{2}·Σ[−{1}·log {0}]", [[3], [3], []], [], "scalar = scalar·Σ(−(3)·log(3))"],
    ["i,ij,j->j", "Σ[{1}·{0}] + {2}", [[2], [2, 3], [3]], [3], "(3) = (2×3)ᵀ·(2) + (3)"],
    [
      "ij,i1,ij->j",
      "Σ[{0}/{1}·{2}]",
      [
        [4, 3],
        [4, 1],
        [4, 3],
      ],
      [3],
      "(3) = Σ((4×3)/(4×1)·(4×3))",
    ],
    [
      "ni,nj->ij",
      "Σ[{1}·{0}]",
      [
        [4, 2],
        [4, 3],
      ],
      [2, 3],
      "(2×3) = (4×2)ᵀ·(4×3)",
    ],
  ])
    assert.equal(shapes(signature, entry, inputs, shape), expected);
});

test("a column times a row is an outer product", () => {
  const line = { signature: "i,j->ji", entry: "{1}·{0}", inputs: ["a1", "dC_dz2"] };
  assert.deepEqual(equationOf(line).pieces, [
    { input: 1, transposed: false, role: "left", product: "outer" },
    { operator: "·" },
    { input: 0, transposed: true, role: "right", product: "outer" },
  ]);
});

test("vectors are rows in the row convention and beside the samples of a batch", () => {
  const [forward, update] = [{ phase: "forward" }, { phase: "update" }];
  assert.equal(vectorsAreRows({ convention: "row", batch: null }, forward), true);
  assert.equal(vectorsAreRows({ convention: "column", batch: 4 }, forward), true);
  assert.equal(vectorsAreRows({ convention: "column", batch: 4 }, update), false);
  assert.equal(vectorsAreRows({ convention: "column", batch: null }, forward), false);
});
