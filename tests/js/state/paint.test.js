import assert from "node:assert/strict";
import test from "node:test";
import { createPainter } from "../../../static/js/state/paint.js";
import { createStore } from "../../../static/js/state/store.js";

/** What is drawn in the animation frame after each change. */
function drawn(turns, { playing }) {
  const store = createStore();
  const names = [];
  let due = null;
  let time = 1000;
  const raf = (run) => {
    due = run;
  };
  const painter = createPainter(store, { raf, now: () => time });
  const add = (name, fields, every) =>
    painter.add({ name, fields, every, draw: () => names.push(name) });
  add("network", ["frame", "line"], 0);
  add("data", ["frame", "sample"], 90);
  add("flow", ["frame"], 220);
  const flush = () => {
    const run = due;
    due = null;
    run?.();
    time += 16;
    return names.splice(0).join(" ");
  };
  flush();
  flush();
  store.set({ playing });
  time += 1000;
  return turns.map((patch) => {
    store.set(patch);
    return flush();
  });
}

test("while playing, user input is drawn with the step, slower panels after it", () => {
  const turns = [{ frame: 1 }, { frame: 2, sample: 5 }, {}];
  assert.deepEqual(drawn(turns, { playing: true }), ["network data", "network data", "flow"]);
});

test("user input frame after frame does not hold up slower panels", () => {
  const turns = [1, 2, 3, 4].map((k) => ({ frame: k, sample: k }));
  const found = drawn(turns, { playing: true });
  assert.deepEqual(found, [
    ...["network data", "network data flow"],
    ...["network data", "network data"],
  ]);
});

test("at rest slower panels are drawn one animation frame later, unless the user changed them", () => {
  const turns = [{ frame: 1, sample: 5 }, {}, { line: "a1" }, { frame: 2 }, {}];
  assert.deepEqual(drawn(turns, { playing: false }), [
    ...["network data", "flow"],
    ...["network", "network", "data flow"],
  ]);
});

test("at rest what changes frame after frame does not hold up slower panels", () => {
  const turns = [{ frame: 1 }, { frame: 2 }, { frame: 3 }];
  const found = drawn(turns, { playing: false });
  assert.deepEqual(found, ["network", "network data flow", "network"]);
});

test("a drawing that fails does not stop the others, and drawn() waits for all", async (context) => {
  const store = createStore();
  const errors = context.mock.method(console, "error", () => {});
  const painter = createPainter(store, { raf: (run) => queueMicrotask(run), now: () => 0 });
  let done = 0;
  const fail = () => {
    throw new Error("no");
  };
  painter.add({ name: "broken", fields: ["step"], every: 0, draw: fail });
  painter.add({ name: "good", fields: ["step"], every: 0, draw: () => (done += 1) });
  await painter.drawn();
  assert.equal(done, 1);
  assert.equal(errors.mock.callCount(), 1);
});
