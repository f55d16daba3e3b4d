import assert from "node:assert/strict";
import test from "node:test";
import {
  chooseSample,
  followUpdates,
  moveSample,
  toggleBatch,
} from "../../../static/js/state/samples.js";
import { createStore } from "../../../static/js/state/store.js";

function setUp(patch = {}) {
  const store = createStore();
  store.set({ data: { train: { x: [[0], [1], [2], [3], [4]] } }, ...patch });
  followUpdates(store);
  const { state } = store;
  return { store, state, now: () => [state.sample, state.numbers] };
}

test("the lines of an update show the batch, those before them the sample again", () => {
  const { store, state, now } = setUp({ sample: 3 });
  store.set({ line: "W1_next" });
  assert.deepEqual([...now(), state.sampleBefore], ["batch", "batch", 3]);
  store.set({ line: "b1_next" });
  assert.deepEqual(now(), ["batch", "batch"]);
  store.set({ line: "dC_db1" });
  assert.deepEqual([...now(), state.sampleBefore], [3, "batch", null]);
});

test("who chose the batch keeps it", () => {
  const { store, now } = setUp({ sample: "batch" });
  store.set({ line: "W1_next" });
  store.set({ line: "z1" });
  assert.deepEqual(now(), ["batch", "batch"]);
});

test("a sample that is chosen at an update is shown there, until the batch is", () => {
  const { store, state, now } = setUp({ sample: 3 });
  store.set({ line: "W1_next" });
  toggleBatch(store);
  assert.deepEqual(now(), [3, "sample"]);
  moveSample(store, 2);
  assert.deepEqual(now(), [0, "sample"]);
  store.set({ line: "z1" });
  store.set({ line: "W1_next" });
  assert.deepEqual(now(), [0, "sample"]);
  chooseSample(store, "batch");
  assert.deepEqual([...now(), state.sampleBefore], ["batch", "batch", 0]);
});

test("the batch that was chosen for the other lines stays theirs", () => {
  const { store, state, now } = setUp({ sample: 3 });
  toggleBatch(store);
  store.set({ line: "W1_next" });
  toggleBatch(store);
  assert.deepEqual([...now(), state.sampleBefore], [3, "sample", "batch"]);
  store.set({ line: "z1" });
  assert.deepEqual([...now(), state.sampleBefore], ["batch", "sample", null]);
  store.set({ line: "W1_next" });
  assert.deepEqual([...now(), state.sampleBefore], [3, "sample", "batch"]);
  toggleBatch(store);
  store.set({ line: "z1" });
  assert.deepEqual(now(), ["batch", "batch"]);
});

test("elsewhere the choice is not about updates", () => {
  const { store, now } = setUp();
  chooseSample(store, 2);
  assert.deepEqual(now(), [2, "batch"]);
  toggleBatch(store);
  moveSample(store, -1);
  assert.deepEqual(now(), [0, "batch"]);
});

test("of other data the sample before may not be there", () => {
  const { store, now } = setUp({ sample: 4 });
  store.set({ line: "W1_next" });
  store.set({ data: { train: { x: [[0], [1]] } } });
  store.set({ line: "z1" });
  assert.deepEqual(now(), [0, "batch"]);
});

test("a single sample is the batch", () => {
  const { store, now } = setUp({ data: null });
  store.set({ line: "W1_next" });
  store.set({ data: { train: { x: [[0]] } } });
  assert.deepEqual(now(), [0, "batch"]);
});
