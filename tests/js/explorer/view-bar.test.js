import assert from "node:assert/strict";
import test from "node:test";
import { explain, fusable } from "../../../static/js/explorer/view-bar.js";

import { value } from "../helpers/lines.js";

const recipe = (activation, name) => ({
  network: { layers: [{ activation }] },
  cost: { name, reduction: "half_sum" },
});
const trace = (gradient, latex) => ({
  convention: "row",
  gradients: [{}],
  givens: [],
  lines: [value("z1", { formula: { latex } }), value("dC_db1", { value: gradient })],
});
const state = (more) => ({
  line: "z1",
  experiment: { recipe: recipe("sigmoid", "mse") },
  reduction: null,
  jacobians: true,
  fused: true,
  ...more,
});

test("softmax and sigmoid can be one line with their own cost", () => {
  assert.equal(fusable(recipe("softmax", "cross_entropy")), true);
  assert.equal(fusable(recipe("sigmoid", "binary_cross_entropy")), true);
  assert.equal(fusable(recipe("sigmoid", "mse")), false);
});

test("another convention has other formulas, of which both are shown", () => {
  const [before, now] = [trace([1], "W a"), trace([1], "a W")];
  const remark = explain("convention", before, state({ trace: now }));
  assert.match(remark.text, /Vectors lie/);
  assert.deepEqual([remark.was.latex, remark.is.latex], ["W a", "a W"]);
  const same = explain("convention", before, state({ trace: trace([1], "W a") }));
  assert.equal(same.was, undefined);
});

test("another scaling says by which factor the gradients change", () => {
  const now = trace([0.5, 2], "f");
  const text = (before, more) =>
    explain("reduction", trace(before, "f"), state({ trace: now, ...more })).text;
  assert.match(text([0.25, 1]), /× 2\./);
  assert.match(text([0.5, 2]), /same numbers/);
  assert.match(text([0.25, 1], { reduction: "mean" }), /trains with “half sum”/);
  assert.match(text([0, 0]), /scaled anew/);
});

test("Jacobians, and cost and output as two lines", () => {
  const [before, now] = [trace([1], "f"), trace([1], "f")];
  for (const name of ["jacobians", "fused"]) {
    const texts = [true, false].map(
      (on) => explain(name, before, state({ trace: now, [name]: on })).text,
    );
    assert.notEqual(texts[0], texts[1]);
  }
});
