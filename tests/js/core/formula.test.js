import assert from "node:assert/strict";
import test from "node:test";
import { mathOf } from "../../../static/js/core/formula.js";

const VALUES = new Map(
  ["a", "b"].map((id) => [
    id,
    { id, label: id, symbol: { mathml: `<math><mi>${id}</mi></math>` } },
  ]),
);
/** Its text, and where a fraction, a power or a root is. */
const written = (entry, signature = "i,i->i") => {
  const found = mathOf({ entry, signature, inputs: ["a", "b"], axes_of: { i: "row" } }, VALUES);
  return found?.mathml
    .replace(/<(mfrac|msup|msqrt)>/g, (_, name) => `${name.slice(1)}:`)
    .replace(/<[^>]*>/g, "");
};

test("sums in products stand in brackets, fractions and powers need none", () => {
  assert.equal(written("({0} − {1})·{0}"), "(a−b)⋅a");
  assert.equal(written("({0} − {1})/{0}"), "frac:a−ba");
  assert.equal(written("({0}·{1})²"), "sup:(a⋅b)2");
  assert.equal(written("−{0}·{1} + √({0} + {1})"), "−a⋅b+sqrt:a+b");
  assert.equal(written("{0} + (−{1})"), "a+(−b)");
});

test("a sum says over which axis, a maximum of what", () => {
  assert.equal(written("Σ[({0} − {1})²]/2", "i,->"), "frac:∑rowsup:(a−b)22");
  assert.equal(written("max{0}"), "max(a)");
  assert.equal(written("tanh({0}) > {1}"), "tanh(a)>b".replace(">", "&gt;"));
});

test("what is no arithmetic has no formula", () => {
  assert.equal(written("{0} ?? {1}"), undefined);
});
