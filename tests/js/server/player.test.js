import assert from "node:assert/strict";
import test from "node:test";
import { adapt, createPlayer } from "../../../static/js/server/player.js";
import { createStore } from "../../../static/js/state/store.js";

test("at full speed a stride that was long is soon short where steps must be computed", () => {
  const play = (stride, frames, perStep) => {
    const spent = [];
    for (let k = 0; k < frames; k += 1) {
      const latency = 3 + perStep * stride;
      spent.push(latency);
      stride = adapt(stride, { frame: Math.max(25, latency), latency, base: 3 });
    }
    return [stride, spent];
  };
  const [long] = play(1, 60, 0);
  const [short, spent] = play(long, 8, 0.002);
  const late = spent.filter((each) => each > 40).reduce((sum, each) => sum + each, 0);
  assert.ok(late < 500, `${late} ms`);
  assert.ok(short > 3000 && short < 12_000, String(short));
});

test("a single slow answer shortens the stride by a bounded factor", () => {
  assert.equal(adapt(1000, { frame: 30, latency: 2000, base: 3 }), 400);
  assert.equal(adapt(1, { frame: 30, latency: 2000, base: 3 }), 1);
});

/** A player with a clock of its own. */
function setUp(fetchFrame, more = {}) {
  const store = createStore();
  let time = 0;
  store.set({ experiment: { id: "e" }, speed: 4 });
  const shown = [];
  const session = {
    fetchSteps: async (_kind, { first, every, count }) => {
      const steps = [];
      for (let step = first; steps.length < count; step += every) {
        const frame = await fetchFrame(step, count);
        if (!frame) return null;
        steps.push({ frame, working: { step } });
        if (frame.diverged) break;
      }
      return steps;
    },
    hasShown: () => true,
    show: ({ frame }) => {
      shown.push(frame.step);
      store.set({ step: frame.step });
    },
    go: (step) => shown.push(`full frame of ${step}`),
    cancel: () => {},
    ...more,
  };
  const painter = { drawn: async () => {} };
  const now = () => (time += 10);
  const player = createPlayer({
    store,
    session,
    painter,
    latency: () => 1,
    now,
    sleep: async () => {},
  });
  return { store, player, shown };
}

test("playing shows frame after frame and ends with the full frame of the last", async () => {
  const asked = [];
  const { store, player, shown } = setUp(async (step, count) => {
    asked.push([step, count]);
    return { step: Math.min(step, 25), diverged: step > 25 ? { step: 25 } : null };
  });
  await player.play();
  assert.deepEqual(shown, [10, 20, 25, "full frame of 25"]);
  assert.deepEqual(asked, [
    [10, 1],
    [20, 5],
    [30, 5],
  ]);
  assert.equal(store.state.playing, false);
});

test("a refusal stops playing and is told", async () => {
  const { store, player } = setUp(
    async () => {
      store.set({ problems: { step: "too far" } });
      return null;
    },
    { go: () => store.set({ problems: {} }) },
  );
  await player.play();
  assert.equal(store.state.playing, false);
  assert.deepEqual(store.state.problems, { step: "too far" });
});

test("a step is fetched again if another line was chosen meanwhile", async () => {
  const asked = [];
  const { player, shown } = setUp(
    async (step) => {
      asked.push(step);
      return { step, diverged: step === 20 ? { step } : null };
    },
    { hasShown: () => asked.filter((step) => step === 10).length > 1 },
  );
  await player.play();
  assert.deepEqual(asked, [10, 20, 10, 20]);
  assert.deepEqual(shown, [10, 20, "full frame of 20"]);
});

test("steps fetched for another speed are dropped", async () => {
  const { player, store, shown } = setUp(async (step) => ({
    step,
    diverged: step === 41 ? { step } : null,
  }));
  store.on(["step"], () => {
    if (store.state.step === 40) store.set({ speed: 3 });
  });
  await player.play();
  assert.deepEqual(shown, [10, 20, 30, 40, 41, "full frame of 41"]);
});
