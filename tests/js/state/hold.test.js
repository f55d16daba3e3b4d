import assert from "node:assert/strict";
import test from "node:test";
import { createHold } from "../../../static/js/state/hold.js";
import { createStore } from "../../../static/js/state/store.js";
import { DATA, FRAME, TRACE } from "../helpers/unit.js";

function shown() {
  const store = createStore();
  const looked = [];
  const frame = { ...FRAME, step: 3 };
  store.set({ trace: TRACE, frame, data: DATA, experiment: { id: "run" } });
  const hold = createHold(store, { look: () => looked.push(store.state.sample) });
  return { store, hold, frame, looked };
}
const weight = ({ state }) => state.trace.givens[1].value[0][0];

test("what is held changes what is shown, and is put back", () => {
  const { store, hold, frame } = shown();
  assert.ok(hold.take("W1", [0, 0]));
  hold.to(2.00004);
  assert.deepEqual([weight(store), store.state.heldValue, store.state.held.set], [2, 2, "W1[0,0]"]);
  assert.deepEqual([...store.state.held.lines], ["W1", "z1", "a1", "D", "P", "C"]);
  hold.putBack();
  assert.deepEqual([store.state.held, store.state.trace, store.state.frame], [null, TRACE, frame]);
});

test("of another step nothing is put back", () => {
  const { store, hold } = shown();
  hold.take("W1", [0, 0]);
  hold.to(2);
  const [trace, frame] = [
    { ...TRACE, step: 4 },
    { ...FRAME, step: 4 },
  ];
  store.set({ trace, frame });
  assert.deepEqual([store.state.held, store.state.trace, store.state.frame], [null, trace, frame]);
});

test("another sample ends it until its working has come", () => {
  const { store, hold, frame } = shown();
  hold.take("W1", [0, 0]);
  hold.to(2);
  store.set({ sample: 1 });
  assert.deepEqual([store.state.held, weight(store)], [null, 0.5]);
  store.set({ trace: { ...TRACE, rows: [1], verification: null }, frame: { ...frame } });
  assert.equal(store.state.held, null);
  store.set({ trace: { ...TRACE, rows: [1] } });
  assert.deepEqual([store.state.heldValue, weight(store)], [2, 2]);
});

test("nothing is held while a lesson asks, nor of what is not there", () => {
  const { store, hold } = shown();
  assert.equal(hold.take("z1", [0]), false);
  store.set({ veil: { lines: ["z1"] } });
  assert.equal(hold.take("W1", [0, 0]), false);
});
