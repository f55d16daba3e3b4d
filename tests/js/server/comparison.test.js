import assert from "node:assert/strict";
import test from "node:test";
import { emptyHistory } from "../../../static/js/core/history.js";
import { createComparison } from "../../../static/js/server/comparison.js";
import { createStore } from "../../../static/js/state/store.js";
import { fakeApi, RECIPE, settled } from "../helpers/api.js";

const REFUSED = 99;

function setUp(more) {
  const store = createStore();
  const { api, log, frame } = fakeApi(more);
  const opened = [];
  const session = {
    persist: (run) => run(),
    showBeside(fetch) {
      session.beside = fetch;
    },
    async open(recipe, step) {
      opened.push([recipe, step]);
      const experiment = await api.createExperiment(recipe);
      const [beside] = await session.beside({ first: step }, experiment);
      if (step === REFUSED) return false;
      store.set({ experiment, frame: frame(step), step, ...beside?.() });
      return true;
    },
  };
  const comparison = createComparison(store, api, session);
  store.set({ experiment: { id: "own", recipe: RECIPE }, frame: frame(5), step: 5 });
  return { store, state: store.state, comparison, log, frame, opened, session };
}

test("a kept run is shown at the step of the first, and follows it", async () => {
  const { store, state, comparison, frame } = setUp();
  comparison.keep();
  await settled();
  assert.equal(state.compared.frame.step, 5);
  store.set({ frame: frame(9), step: 9 });
  await settled();
  assert.equal(state.compared.frame.step, 9);
  assert.deepEqual(state.compared.history.step, [5, 9]);
});

test("one request at a time: steps between are skipped", async () => {
  const { store, comparison, frame, log } = setUp();
  comparison.keep();
  for (const step of [6, 7, 8]) store.set({ frame: frame(step), step });
  await settled();
  const steps = log.filter(([name]) => name === "steps").map(([, , { first }]) => first);
  assert.deepEqual(steps, [8]);
});

test("of steps that are played each has its frame, also after the kept run diverged", async () => {
  const { state, comparison, session } = setUp({
    steps: async (_, { first, every, count }) =>
      [first, first + every]
        .slice(0, count)
        .map((step) => ({ frame: { step, layers: [], diverged: step > first } })),
  });
  comparison.keep();
  await settled();
  const beside = await session.beside({ first: 10, every: 2, count: 3 });
  const shown = beside.map((patch) => patch().compared);
  assert.deepEqual(
    shown.map(({ frame, requestedStep }) => [frame.step, requestedStep]),
    [
      [10, 10],
      [12, 12],
      [12, 14],
    ],
  );
  comparison.end();
  assert.deepEqual(beside[2](), {});
  assert.equal(state.compared, null);
});

test("without a reference there is nothing to compare", async () => {
  const { state, comparison } = setUp();
  comparison.keep();
  await settled();
  comparison.end();
  assert.equal(state.compared, null);
});

test("other data ends a comparison, but not while the run with the same data is on its way", async () => {
  const { store, state } = setUp();
  const iris = { ...RECIPE, dataset: { ...RECIPE.dataset, name: "iris" } };
  store.set({ pending: true, reference: iris });
  await settled();
  assert.equal(state.failure, null);
  store.set({ pending: false, experiment: { id: "iris", recipe: iris } });
  assert.equal(state.compared.experiment.recipe.dataset.name, "iris");
  store.set({ experiment: { id: "own", recipe: RECIPE } });
  assert.deepEqual([state.reference, state.compared], [null, null]);
});

test("a run that cannot be shown is let go, and the page says why", async () => {
  const { state, comparison } = setUp({
    frame: async () => {
      throw new Error("no such step");
    },
  });
  comparison.keep();
  await settled();
  assert.deepEqual([state.reference, state.compared], [null, null]);
  assert.match(state.failure.text, /no such step/);
});

test("swap shows the reference at the same step, and at once the other beside it", async () => {
  const { store, state, comparison, opened, log } = setUp();
  const other = { ...RECIPE, cost: { name: "other" } };
  store.set({ reference: other, history: emptyHistory(0) });
  await settled();
  const seen = [];
  store.on(["experiment", "compared", "reference"], ({ experiment, compared, reference }) =>
    seen.push([experiment.recipe, compared.experiment.recipe, reference].map((r) => r.cost.name)),
  );
  const requests = log.length;
  await comparison.swap();
  await settled();
  assert.deepEqual(opened, [[state.experiment.recipe, 5]]);
  assert.deepEqual(seen, [["other", "mse", "mse"]]);
  assert.equal(state.compared.frame.step, 5);
  assert.deepEqual(
    log.slice(requests).map(([name]) => name),
    ["createExperiment"],
  );
});

test("a swap that is refused, or comes before the reference, loses neither run", async () => {
  const { store, state, comparison, frame } = setUp();
  const other = { ...RECIPE, cost: { name: "other" } };
  store.set({ history: emptyHistory(0), reference: other });
  await comparison.swap(); // nothing is beside it yet
  await settled();
  assert.deepEqual(
    [state.experiment.recipe.cost.name, state.reference.cost.name],
    ["other", "mse"],
  );
  assert.equal(state.compared.experiment.recipe.cost.name, "mse");
  store.set({ frame: frame(REFUSED), step: REFUSED });
  await settled();
  await comparison.swap();
  assert.deepEqual(
    [state.experiment.recipe.cost.name, state.reference.cost.name],
    ["other", "mse"],
  );
});
