import assert from "node:assert/strict";
import test from "node:test";
import { fused } from "../../../static/js/core/fused.js";
import { foldingOf, programTrace } from "../../../static/js/core/program.js";
import { PROGRAM } from "../helpers/program.js";

const TRACE = programTrace(PROGRAM);
const VALUES = new Map([...TRACE.givens, ...TRACE.lines].map((each) => [each.id, each]));
const { lines, isInlined } = foldingOf(PROGRAM, TRACE, []);
const made = (id, known = lines) => fused(known, VALUES, known.get(id), isInlined);

test("a line is written with the expressions of its folded group", () => {
  const found = made("var");
  assert.equal(found.entry, "Σ[({0} − {1})²]/2");
  assert.deepEqual([found.inputs, found.signature], [["x", "mu"], "ij,j->j"]);
  assert.match(found.formula.mathml, /<mfrac>.*<munder>.*<mtext>row<\/mtext>/);
  assert.equal(made("C"), lines.get("C"));
});

test("so is a gradient: the mean and the square on the way back", () => {
  const found = made("dC_dx_through_var.1_0");
  assert.equal(found.entry, "{0}/2·2·({1} − {2})");
  assert.deepEqual(found.inputs, ["dC_dvar", "x", "mu"]);
  assert.equal(made("dC_dmu").entry, "Σ[−{0}/2·2·({1} − {2})]");
  assert.equal(made("dC_dvar").entry, "1");
});

test("what does not give the line's numbers stays as it is", () => {
  const wrong = new Map(lines);
  wrong.set("var.2", { ...lines.get("var.2"), entry: "{0}" });
  assert.equal(made("var", wrong), lines.get("var"));
});
