import assert from "node:assert/strict";
import test from "node:test";
import { openKept } from "../../../static/js/classroom/kept.js";
import { memory, useStorage } from "../helpers/storage.js";

test("what is kept of a room is changed field by field", (context) => {
  useStorage(context, memory());
  const kept = openKept(() => 5);
  kept.put("A", { key: "secret" });
  kept.put("A", { token: "mine" });
  assert.deepEqual(kept.of("A"), { key: "secret", token: "mine", at: 5 });
  assert.deepEqual(kept.of("B"), { at: 0 });
  kept.forget("A");
  assert.deepEqual(kept.of("A"), { at: 0 });
});

test("the explorer shows to a room only while this browser has its key", (context) => {
  useStorage(context, memory());
  const kept = openKept();
  kept.put("A", { key: "secret" });
  kept.put("B", { token: "mine" });
  kept.show("A");
  assert.equal(kept.shown(), "A");
  kept.show("B");
  assert.equal(kept.shown(), null);
  kept.show("A");
  kept.forget("A");
  assert.equal(kept.shown(), null);
  assert.deepEqual(kept.taught(), []);
});

test("the rooms used last are kept", (context) => {
  let now = 0;
  useStorage(context, memory());
  const kept = openKept(() => now++);
  for (let k = 0; k < 30; k++) kept.put(`R${k}`, { key: "k" });
  assert.equal(kept.taught().length, 20);
  assert.equal(kept.taught()[0], "R29");
});

test("storage that is forbidden or broken keeps as long as the page", (context) => {
  const broken = {
    getItem() {
      throw new Error("forbidden");
    },
    setItem() {
      throw new Error("forbidden");
    },
  };
  for (const storage of [null, broken]) {
    useStorage(context, storage);
    const kept = openKept();
    kept.put("A", { token: "mine" });
    assert.equal(kept.of("A").token, "mine");
  }
  const odd = memory();
  odd.setItem("backprop-explorer.rooms", "{");
  useStorage(context, odd);
  assert.equal(openKept().shown(), null);
});
