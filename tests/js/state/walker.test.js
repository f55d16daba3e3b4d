import assert from "node:assert/strict";
import test from "node:test";
import { createStore } from "../../../static/js/state/store.js";
import { createWalker } from "../../../static/js/state/walker.js";

const line = (id, phase) => ({ id, phase, inputs: [] });
const TRACE = {
  givens: [],
  gradients: [1],
  lines: [
    line("z1", "forward"),
    line("a1", "forward"),
    line("C", "cost"),
    line("dC_dz1", "backward"),
    line("dC_dW1", "backward"),
    line("dC_db1", "backward"),
  ],
};

/** A walk whose time is moved by hand. */
function setUp({ still = false } = {}) {
  const store = createStore();
  store.set({ trace: TRACE });
  let timers = [];
  let time = 0;
  const log = [];
  const walker = createWalker(store, {
    still: () => still,
    later: (run, ms) => {
      const timer = { run, at: time + ms };
      timers.push(timer);
      return timer;
    },
    forget: (timer) => {
      timers = timers.filter((each) => each !== timer);
    },
    pause: () => {
      log.push("pause");
      store.set({ playing: false });
    },
  });
  const wait = (ms) => {
    for (const end = time + ms; ; ) {
      const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      time = next?.at ?? end;
      if (!next) return;
      timers = timers.filter((each) => each !== next);
      next.run();
    }
  };
  return { store, state: store.state, walker, wait, log };
}

test("the error runs back line by line, and each line's numbers come after what it reads", () => {
  const { state, walker, wait } = setUp();
  walker.toggle("backward");
  assert.deepEqual([state.line, state.arriving], ["dC_dz1", "dC_dz1"]);
  wait(600);
  assert.deepEqual([state.line, state.arriving], ["dC_dz1", null]);
  wait(400);
  assert.deepEqual([state.line, state.arriving], ["dC_dW1", "dC_dW1"]);
  wait(2000);
  assert.deepEqual([state.line, state.walking, state.arriving], ["dC_db1", null, null]);
});

test("a pause keeps the line and shows its numbers, and the walk goes on after it", () => {
  const { state, walker, wait } = setUp();
  walker.toggle("backward");
  wait(100);
  walker.toggle("backward");
  assert.deepEqual([state.line, state.walking, state.arriving], ["dC_dz1", null, null]);
  wait(9000);
  assert.equal(state.line, "dC_dz1");
  walker.toggle("backward");
  assert.equal(state.line, "dC_dW1");
});

test("a walk that has ended begins again", () => {
  const { state, walker, wait } = setUp();
  walker.toggle("backward");
  wait(9000);
  walker.toggle("backward");
  assert.equal(state.line, "dC_dz1");
});

test("the other pass takes over at its own first line", () => {
  const { state, walker } = setUp();
  walker.toggle("backward");
  walker.toggle("forward");
  assert.deepEqual([state.line, state.walking], ["z1", "forward"]);
});

test("another line, the training or another experiment ends the walk", () => {
  for (const patch of [{ line: "a1" }, { playing: true }, { pending: true }, { trace: null }]) {
    const { store, state, walker, wait } = setUp();
    walker.toggle("backward");
    store.set(patch);
    assert.deepEqual([state.walking, state.arriving], [null, null], JSON.stringify(patch));
    const { line: at } = state;
    wait(9000);
    assert.equal(state.line, at);
  }
});

test("a pace that is set counts at once", () => {
  const { store, state, walker, wait } = setUp();
  walker.toggle("backward");
  store.set({ walkPace: 0 });
  wait(3999);
  assert.equal(state.line, "dC_dz1");
  wait(1);
  assert.equal(state.line, "dC_dW1");
});

test("with reduced motion it steps, and no number is held back", () => {
  const { state, walker, wait } = setUp({ still: true });
  walker.toggle("forward");
  assert.deepEqual([state.line, state.arriving], ["z1", null]);
  wait(1000);
  assert.deepEqual([state.line, state.arriving], ["a1", null]);
});

test("it stops at a line that a lesson asks, and pauses the training at the start", () => {
  const { store, state, walker, wait, log } = setUp();
  store.set({ playing: true, veil: { from: "dC_dW1", bare: false } });
  walker.toggle("backward");
  assert.deepEqual(log, ["pause"]);
  wait(9000);
  assert.deepEqual([state.line, state.walking], ["dC_dW1", null]);
});
