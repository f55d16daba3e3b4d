import assert from "node:assert/strict";
import test from "node:test";
import {
  describeEdit,
  describeEdits,
  difference,
  fitEdits,
  targetOf,
  withEdit,
  withoutEdit,
} from "../../../static/js/core/edits.js";

import { value } from "../helpers/lines.js";

const RECIPE = {
  dataset: { name: "moons", noise: 0.2 },
  network: {
    layers: [
      { units: 3, activation: "tanh" },
      { units: 1, activation: "sigmoid" },
    ],
  },
  optimizer: { name: "sgd", learning_rate: 0.1 },
  edits: [],
};
const EDIT = { step: 5, set: "W1[0,2]", to: 0.5 };

test("the target of an edit is in the row convention", () => {
  assert.equal(targetOf(value("W1"), [2, 0]), "W1[0,2]");
  assert.equal(targetOf(value("W1", { axes: ["unit below", "unit"] }), [0, 2]), "W1[0,2]");
  assert.equal(targetOf(value("b2"), [1]), "b2[1]");
  assert.equal(targetOf(value("a1"), [0]), null);
});

test("an edit replaces one of the same step and target, in the order of steps", () => {
  const twice = withEdit(withEdit(RECIPE, EDIT), { ...EDIT, to: 2 });
  assert.deepEqual(twice.edits, [{ ...EDIT, to: 2 }]);
  const sorted = withEdit(twice, { step: 1, set: "b1[0]", to: 0 });
  assert.deepEqual(
    sorted.edits.map(({ step }) => step),
    [1, 5],
  );
  assert.deepEqual(
    withoutEdit(sorted, 1).edits.map(({ step }) => step),
    [1],
  );
  assert.deepEqual(RECIPE.edits, []);
});

test("edits that another network or other data do not have are dropped", () => {
  const edits = [EDIT, { step: 1, set: "x[3,1]", to: 1 }, { step: 2, set: "learning_rate", to: 1 }];
  const recipe = { ...RECIPE, edits };
  const kept = (changed) => fitEdits({ ...recipe, ...changed }, recipe).edits.map(({ set }) => set);
  assert.deepEqual(kept({}), ["W1[0,2]", "x[3,1]", "learning_rate"]);
  assert.deepEqual(kept({ network: { layers: [{ units: 4 }] } }), ["x[3,1]", "learning_rate"]);
  assert.deepEqual(kept({ dataset: { name: "moons", noise: 0.3 } }), ["W1[0,2]", "learning_rate"]);
});

test("edits are described in words", () => {
  assert.equal(describeEdit(EDIT), "𝑊⁽¹⁾ from 0 to 2 = 0.5");
  assert.equal(describeEdit({ set: "x[3,1]", to: -2 }), "𝑥₁ of sample 3 = −2");
  assert.equal(describeEdit({ set: "learning_rate", to: 0.05 }), "learning rate 0.05");
  const each = [1, 2, 3].map((k) => ({ step: 9, set: `activation${k}`, to: "leaky_relu" }));
  assert.deepEqual(describeEdits(each), ["layers 1–3 leaky relu from update 9"]);
});

test("the difference of two recipes names at most two fields", () => {
  const other = structuredClone(RECIPE);
  other.dataset.noise = 0.5;
  other.network.layers[0].activation = "relu";
  other.optimizer.learning_rate = 1;
  assert.equal(difference(other, RECIPE), "noise 0.5, layer 1 relu and 1 more");
  assert.equal(difference(RECIPE, RECIPE), "");
});

test("a batch of all points has a name", () => {
  const [all, few] = [null, 16].map((size) => ({ ...RECIPE, batch: { size } }));
  assert.equal(difference(all, few), "batch size all");
  assert.equal(difference(few, all), "batch size 16");
});
