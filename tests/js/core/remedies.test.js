import assert from "node:assert/strict";
import test from "node:test";
import { bestStep, plan, remediesFor, suggested } from "../../../static/js/core/remedies.js";

const CATALOG = {
  activations: [{ name: "relu" }, { name: "tanh" }],
  initializers: [{ name: "xavier_normal" }],
};
const RECIPE = {
  network: { layers: [{ activation: "relu" }, { activation: "sigmoid" }], initializer: "normal" },
  optimizer: { name: "sgd", learning_rate: 0.5 },
  edits: [],
};
const HISTORY = { step: [0, 1, 2, 3], cost_train: [4, 1, 2, 9] };

test("what would change nothing or is not in the catalog is left out", () => {
  const texts = (catalog) => remediesFor("vanishing", RECIPE, catalog).map(({ text }) => text);
  assert.deepEqual(texts(CATALOG), ["Use tanh", "Xavier weights"]);
  assert.deepEqual(texts({ ...CATALOG, initializers: [] }), ["Use tanh"]);
  assert.deepEqual(remediesFor("unknown", RECIPE, CATALOG), []);
});

test("a diverged run goes on from its best step with a smaller rate", () => {
  assert.equal(bestStep(HISTORY, 0), 1);
  assert.equal(bestStep(HISTORY, 2), 2);
  assert.equal(bestStep(null, 7), 7);
  const offer = suggested({ set: "learning_rate", to: 0.05 }, RECIPE, HISTORY);
  assert.equal(offer.at, 1);
  assert.equal(offer.recipe.optimizer.learning_rate, 0.05);
  assert.equal(suggested(null, RECIPE, HISTORY), null);
});

test("an offer branches where it can, and else starts again", () => {
  const calls = [];
  const actions = {
    step: 4,
    branch: (edits, at) => calls.push(["branch", edits, at]),
    restart: (recipe, at) => calls.push(["restart", recipe, at]),
  };
  const [smaller] = remediesFor("diverged", RECIPE, CATALOG);
  const branch = plan(smaller, actions);
  assert.equal(branch.text, "Smaller learning rate from here on");
  branch.run({ step: 6, learning_rate: 0.5, layers: [] });
  const start = plan({ text: "Xavier weights", recipe: RECIPE }, actions);
  assert.equal(start.text, "Xavier weights, again from update 0");
  start.run();
  assert.deepEqual(calls, [
    ["branch", [{ set: "learning_rate", to: 0.05 }], 6],
    ["restart", RECIPE, 0],
  ]);
});
