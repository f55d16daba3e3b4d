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
    painter.add(name, every, (state) => {
      for (const field of fields) void state[field];
      names.push(name);
    });
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

test("at rest all panels are drawn in one animation frame, so that they show one step", () => {
  const turns = [{ frame: 1, sample: 5 }, {}, { line: "a1" }, { frame: 2 }, {}];
  assert.deepEqual(drawn(turns, { playing: false }), [
    ...["network data flow", "", "network", "network data flow", ""],
  ]);
});

test("a painter draws again for what it has read, through the page's state, too", () => {
  const store = createStore();
  const { state } = store;
  let due = null;
  let count = 0;
  const painter = createPainter(store, { raf: (run) => (due = run), now: () => 0 });
  const flush = (patch) => {
    const before = count;
    store.set(patch);
    due?.();
    due = null;
    return count - before;
  };
  const draw = () => {
    count += 1;
    if (state.tab === "cost") void [state.slice, state.sample];
  };
  painter.add("panel", 0, draw, ["sample"]);
  const turns = [
    {},
    { slice: "a" },
    { tab: "cost" },
    { slice: "b" },
    { sample: 3 },
    { line: "a1" },
  ];
  assert.deepEqual(turns.map(flush), [1, 0, 1, 1, 0, 0]);
  painter.redraw();
  assert.equal(flush({}), 1);
});

test("a drawing that fails does not stop the others, and drawn() waits for all", async (context) => {
  const store = createStore();
  const errors = context.mock.method(console, "error", () => {});
  const painter = createPainter(store, { raf: (run) => queueMicrotask(run), now: () => 0 });
  let done = 0;
  const fail = () => {
    throw new Error("no");
  };
  painter.add("broken", 0, fail);
  painter.add("good", 0, () => (done += 1));
  await painter.drawn();
  assert.equal(done, 1);
  assert.equal(errors.mock.callCount(), 1);
});
