import assert from "node:assert/strict";
import test from "node:test";
import { compile, compileTerms, scaledSum } from "../../../static/js/core/expression.js";

/** @param {string} signature @param {string} entry @param {number[]} numbers one of each input */
const one = (signature, entry, ...numbers) => {
  const arithmetic = compile({ signature, entry });
  arithmetic.data.push(...numbers.map((number) => [number]));
  return arithmetic.at([]);
};

test("an entry of one number each is computed as it is written", () => {
  const cases = [
    ["{0} − {2}·{1}", [1, 2, 0.1], 0.8],
    ["{2}·{0} + (1 − {2})·{1}²", [2, 3, 0.9], 2.7],
    ["{0} / (1 − {1}^{2})", [1, 0.5, 2], 4 / 3],
    ["{0} − {3}·{1}/(√{2} + {4})", [1, 4, 4, 0.5, 0], 0],
    ["1 / (1 + exp(−{0}))", [0], 0.5],
    ["{0}·(1 − tanh²({1}))", [2, 0], 2],
    ["({0} if {0} > 0 else exp({0}) − 1)", [-1], Math.exp(-1) - 1],
    ["{0}·[{1} > 0]", [3, -1], 0],
    ["−({1}·log {0} + (1 − {1})·log(1 − {0}))", [0.25, 1], Math.log(4)],
    ["{2}·clip({0} − {1}, −1, 1)", [5, 1, 0.5], 0.5],
    ["{0}·{3}^⌊{1}/{2}⌋", [0.8, 5, 2, 0.5], 0.2],
    ["|{0}| + huber({1})", [-2, 3], 4.5],
    ["{1} if {0} else {2}", [0, 1, 2], 2],
  ];
  for (const [entry, numbers, expected] of cases)
    assert.ok(Math.abs(one("", entry, ...numbers) - expected) < 1e-12, entry);
});

test("a sum runs over the letters that the entry leaves free", () => {
  const affine = compile({ signature: "ni,ji,j->nj", entry: "Σ[{1}·{0}] + {2}" }, [
    [2, 2],
    [1, 2],
    [1],
  ]);
  affine.data.push([1, 2, 3, 4], [10, 1], [0.5]);
  assert.deepEqual([affine.at([0, 0]), affine.at([1, 0])], [12.5, 34.5]);
  const softmax = compile({ signature: "nj->nj", entry: "exp({0:nj}) / Σ[exp({0:nk})]" }, [[1, 2]]);
  softmax.data.push([0, Math.log(3)]);
  assert.ok(Math.abs(softmax.at([0, 1]) - 0.75) < 1e-15);
  const jacobian = compile({ signature: "j->jk", entry: "{0}·([j = k] − {0:k})" }, [[2]]);
  jacobian.data.push([0.25, 0.75]);
  assert.deepEqual([jacobian.at([0, 0]), jacobian.at([0, 1])], [0.1875, -0.1875]);
});

test("what is more than arithmetic of entries is not computed", () => {
  for (const entry of ["max{0}", "Σ[({0} − mean)²]/8", "{0} +", "({0}", "frob({0})"])
    assert.equal(compile({ signature: "i->i", entry }), null, entry);
});

test("added terms are told apart, each as it is written", () => {
  const terms = compileTerms({ signature: ",,,->", entry: "{2}·{0} − {3}·{1}" }, [[], [], [], []]);
  assert.deepEqual(
    terms.map(({ written }) => written),
    ["{2}·{0}", "−{3}·{1}"],
  );
  for (const { arithmetic } of terms) arithmetic.data.push([2], [3], [0.5], [10]);
  assert.deepEqual(
    terms.map(({ arithmetic }) => arithmetic.at([])),
    [1, -30],
  );
});

test("a sum with a factor is a sum of terms that have it", () => {
  const of = (signature, entry) => scaledSum({ signature, entry });
  const mean = of("ij,j->j", "Σ[({0} − {1})²]/4");
  assert.deepEqual([mean.letters, mean.factor], ["i", true]);
  assert.equal(mean.term.entry, "(({0} − {1})²)/4");
  const arithmetic = compile(mean.term, [[2, 1], [1]]);
  arithmetic.data.push([3, 5], [1]);
  assert.deepEqual([arithmetic.at([0, 0]), arithmetic.at([0, 1])], [1, 4]);
  assert.equal(of("ij->i", "Σ[−{0}]").factor, false);
  for (const entry of ["Σ[{0}] + {1}", "{0}/Σ[{0}]", "exp(Σ[{0}])", "Σ[{0}]/Σ[{0}]", "{0}"])
    assert.equal(of("ij,i->i", entry), null, entry);
});
