import assert from "node:assert/strict";
import test from "node:test";
import { experimentGivens } from "../../../static/js/check/experiment.js";

import { value } from "../helpers/lines.js";

const recipe = { dataset: { name: "two_moons" }, cost: { name: "mse" }, penalty: { l2: 0.1 } };
const api = {
  createExperiment: async () => ({ id: "e", recipe }),
  trace: async (_, step) => ({
    ...{ step, rows: [4, 5], activations: ["tanh"] },
    givens: [
      value("W1", { value: [[1, 2], [3, 4]] }), // biome-ignore format: a matrix
      value("x", { value: [0.5, 1] }),
      value("cost_factor", { value: 2 }),
      value("learning_rate", { value: 0.1 }),
    ],
    lines: [{ id: "W1_next", op: "descend", inputs: ["W1", "learning_rate"] }],
  }),
};

test("an experiment's givens are text, without what is no given", async () => {
  const { work, source } = await experimentGivens(api, "dataset.name=two_moons&step=3&sample=1");
  assert.equal(work.text, "W1 = [[1, 2],\n      [3, 4]]\nx = [0.5, 1]\n\n");
  assert.equal(work.rate, "0.1");
  assert.deepEqual(work.penalty, { l1: 0, l2: 0.1 });
  assert.match(source, /two moons, update 3, sample 1\./);
});

test("a batch is named with its size", async () => {
  const { source } = await experimentGivens(api, "dataset.name=two_moons&sample=batch");
  assert.match(source, /the whole batch of 2\./);
});
