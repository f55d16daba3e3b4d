import assert from "node:assert/strict";
import test from "node:test";
import { createStore, TABLE } from "../../../static/js/state/store.js";

test("listeners hear of fields that really changed, together", () => {
  const store = createStore();
  const heard = [];
  store.on(["step", "line"], (_, changed) => heard.push([...changed].sort()));
  store.set({ step: 1, line: "a1", hover: "n1.0" });
  store.set({ step: 1 });
  store.set({ hover: null });
  assert.deepEqual(heard, [["hover", "line", "step"]]);
});

test("a change from within a listener is told in the next round", () => {
  const store = createStore();
  const seen = [];
  store.on(["step"], (state) => store.set({ line: `z${state.step}` }));
  store.on(["step", "line"], (state, changed) => seen.push([state.line, [...changed]]));
  store.set({ step: 2 });
  assert.deepEqual(seen, [
    ["z2", ["step"]],
    ["z2", ["line"]],
  ]);
});

test("a listener that fails does not stop later changes", () => {
  const store = createStore();
  store.on(["step"], () => {
    throw new Error("no");
  });
  assert.throws(() => store.set({ step: 1 }), /no/);
  const heard = [];
  store.on(["line"], (state) => heard.push(state.line));
  store.set({ line: "a1" });
  assert.deepEqual(heard, ["a1"]);
});

test("an unknown field is an error", () => {
  const store = createStore();
  assert.throws(() => store.set({ stpe: 1 }), /no such state: stpe/);
  assert.throws(() => store.on(["stpe"], () => {}), /no such state: stpe/);
});

test("every field of the address has a validator that accepts its initial value or null", () => {
  for (const [name, { initial, valid }] of Object.entries(TABLE)) {
    if (valid && initial !== null) assert.equal(valid(initial), true, name);
  }
});
