import assert from "node:assert/strict";
import test from "node:test";
import { writeOut } from "../../../static/js/core/entries.js";
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

test("other arithmetic is written in one line", () => {
  assert.equal(termsOf(writeOut({ ...LINE, entry: "{2} − 0.1·{2}" }, [0], INPUTS).parts), null);
  assert.equal(termsOf(writeOut({ ...LINE, entry: "{2}" }, [0], INPUTS).parts), null);
});
