import assert from "node:assert/strict";
import test from "node:test";
import { sourceOf, writeOut } from "../../../static/js/core/entries.js";
import { termsOf } from "../../../static/js/ui/ledger.js";

const LINE = { signature: "ji,i,j->j", entry: "Σ[{0}·{1}] + {2}", value: [2.5] };
const INPUTS = [[[2, -1]], [1, 0.5], [1]];

test("a sum of products is a row for each term, the bias among them", () => {
  const { parts } = writeOut(LINE, [0], INPUTS);
  const terms = termsOf(parts);
  assert.deepEqual(
    terms.map(({ value }) => value),
    [2, -0.5, 1],
  );
  assert.deepEqual(
    terms.map(({ run }) => run),
    [{ letter: "i", index: 0 }, { letter: "i", index: 1 }, undefined],
  );
});

test("a term is named after what it reads, counted from 0", () => {
  const of = (letter, line) => sourceOf({ run: { letter, index: 2 } }, line);
  assert.equal(of("i", { op: "affine", inputs: ["a1", "W2", "b2"] }), "unit 2");
  assert.match(of("i", { op: "affine", inputs: ["x", "W1", "b1"] }), /input 2/);
  assert.match(of("n", { op: "weight_gradient", inputs: ["x", "dC_dz1"] }), /sample 2/);
  assert.equal(sourceOf({}, { op: "affine", inputs: ["a1", "W2", "b2"] }), "bias");
  assert.equal(sourceOf({}, { op: "total_cost", inputs: ["C_data", "penalty1"] }), "");
});

test("other arithmetic is written in one line", () => {
  assert.equal(termsOf(writeOut({ ...LINE, entry: "{2} − 0.1·{2}" }, [0], INPUTS).parts), null);
  assert.equal(termsOf(writeOut({ ...LINE, entry: "{2}" }, [0], INPUTS).parts), null);
});
