import assert from "node:assert/strict";
import test from "node:test";
import { createComparison } from "../../../static/js/server/comparison.js";
import { createStore } from "../../../static/js/state/store.js";
import { fakeApi, RECIPE, settled } from "../helpers/api.js";

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
      store.set({ experiment: { id: "other", recipe } });
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

test("swap shows the reference at the same step, and keeps the other beside it", async () => {
  const { store, state, comparison, opened } = setUp();
  const other = { ...RECIPE, cost: { name: "other" } };
  store.set({ reference: other });
  await settled();
  await comparison.swap();
  assert.deepEqual(opened, [[state.experiment.recipe, 5]]);
  assert.equal(state.experiment.recipe.cost.name, "other");
  await settled();
  assert.equal(state.reference.cost.name, "mse");
});
