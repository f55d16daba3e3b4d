import assert from "node:assert/strict";
import test from "node:test";
import { provenance } from "../../../static/js/core/provenance.js";
import { CLASSES } from "../helpers/data.js";
import { value } from "../helpers/lines.js";

const IDS = ["x", "target", "W1", "b1", "m_W1", "learning_rate", "cost_factor"];
const GIVENS = IDS.map((id) => value(id));

/** The state at a step, with a changed recipe. */
function at(step, recipe = {}, more = {}) {
  return {
    data: { ...CLASSES, feature_mean: [10, 0], feature_scale: [2, 1] },
    trace: { step, rows: [1], batch: null, reduction: "mean", lines: [], givens: GIVENS },
    experiment: {
      recipe: {
        dataset: { name: "moons", standardize: true },
        network: { initializer: "xavier", seed: 7 },
        ...recipe,
      },
    },
    catalog: {
      initializers: [{ name: "xavier", title: "Xavier" }],
      reductions: [{ name: "mean", title: "Mean" }],
    },
    ...more,
  };
}
const text = (state, id, index) => provenance(state, id, index).text;

test("an input is a feature of a sample, before standardising another number", () => {
  const said = text(at(0), "x", [0]);
  assert.match(said, /width of training sample 1/);
  assert.match(said, /12/);
  assert.doesNotMatch(text(at(0, { dataset: { name: "moons" } }), "x", [0]), /standard/);
});

test("a target is a class, and a change of it by hand is named", () => {
  assert.match(text(at(0), "target", [0]), /class B/);
  const edits = [{ step: 2, set: "target[1]", to: 0 }];
  assert.match(text(at(3, { edits }), "target", [0]), /by hand at update 2/);
  assert.doesNotMatch(text(at(1, { edits }), "target", [0]), /by hand/);
});

test("a parameter leads to the update that made it", () => {
  const { text: said, before } = provenance(at(5), "W1", [0, 1]);
  assert.match(said, /update 5/);
  assert.deepEqual(before, { step: 4, line: "W1_next" });
});

test("a first parameter was drawn, given, or set by hand", () => {
  assert.match(text(at(0), "W1", [0, 1]), /drawn by Xavier, seed 7/);
  assert.match(text(at(0), "b1", [0]), /start at 0/);
  assert.match(text(at(0, { network: { weights: [] } }), "W1", [0, 1]), /experiment/);
  const edits = [{ step: 0, set: "W1[1,0]", to: 3 }];
  assert.match(text(at(0, { edits }), "W1", [0, 1]), /by hand at update 0/);
});

test("the state of an optimizer is carried over, but for the first update", () => {
  assert.match(text(at(0), "m_W1", [0, 0]), /0 before/);
  assert.deepEqual(provenance(at(3), "m_W1", [0, 0]).before, { step: 2, line: "m_W1_next" });
});

test("settings are named as such", () => {
  for (const id of ["learning_rate", "cost_factor", "some_setting"])
    assert.ok(text(at(0), id, []).length > 10, id);
});
