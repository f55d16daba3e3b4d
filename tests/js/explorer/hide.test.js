import assert from "node:assert/strict";
import test from "node:test";
import { allowed, mountHide } from "../../../static/js/explorer/hide.js";
import { createStore } from "../../../static/js/state/store.js";

const TRACE = {
  lines: [
    { id: "z1", phase: "forward" },
    { id: "C", phase: "cost" },
    { id: "dC_dz1", phase: "backward" },
  ],
};

test("keys of a hidden group are no commands, also of a group within it", () => {
  const commands = [{ group: "training" }, { group: "walk" }, { group: "lines" }, {}];
  assert.deepEqual(allowed(commands, []), commands);
  assert.deepEqual(allowed(commands, ["training"]), commands.slice(1));
  assert.deepEqual(allowed(commands, ["walk"]), [commands[0], ...commands.slice(2)]);
  assert.deepEqual(allowed(commands, ["lines"]), [commands[0], commands[3]]);
});

test("the numbers of a phase and of later ones are veiled, before the lines are known all", () => {
  const store = createStore();
  mountHide(store, { names: ["settings", "backward"], all: "" });
  assert.deepEqual(store.state.veil, { from: "", bare: false });
  store.set({ trace: TRACE });
  assert.deepEqual(store.state.veil, { from: "dC_dz1", bare: false });
});

test("groups of controls veil no numbers", () => {
  const store = createStore();
  mountHide(store, { names: ["settings"], all: "" });
  store.set({ trace: TRACE });
  assert.equal(store.state.veil, null);
  assert.equal(store.state.failure, null);
});

test("a name that is not there is told, with those that are", () => {
  const store = createStore();
  mountHide(store, { names: [], unknown: "form", all: "settings, training" });
  assert.match(store.state.failure.text, /form.*settings, training/);
});
