import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "../../../static/js/server/api.js";
import { createSession } from "../../../static/js/server/session.js";
import { createStore } from "../../../static/js/state/store.js";
import { deferred, fakeApi, settled } from "../helpers/api.js";
import { value } from "../helpers/lines.js";

function setUp(more) {
  const store = createStore();
  const { api, log, frame } = fakeApi(more);
  return { store, state: store.state, log, frame, session: createSession(store, api) };
}
const names = (log) => log.map(([name]) => name);

test("an experiment appears together with its data, frame and working, then their proof", async () => {
  const { store, session, state, log } = setUp({
    trace: async (_id, step, { verify }) => ({
      ...{ step, givens: [], gradients: [], lines: [value("z1", { value: [0], shape: [1] })] },
      verification: verify ? "proof" : null,
    }),
  });
  const seen = [];
  store.on(["experiment"], () => seen.push([state.frame.step, Boolean(state.data), state.trace]));
  assert.equal(await session.open({ seed: 1 }, 3), true);
  assert.deepEqual(
    seen.map(([step, data, { step: of, verification }]) => [step, data, of, verification]),
    [[3, true, 3, null]],
  );
  assert.deepEqual([state.step, state.pending, state.trace.verification], [3, false, "proof"]);
  assert.deepEqual(names(log), ["createExperiment", "data", "steps", "trace"]);
});

test("the first step does not wait for the data", async () => {
  const slow = deferred();
  const { session, state, log } = setUp({ data: () => slow.promise });
  const opened = session.open({ seed: 1 }, 3);
  await settled();
  assert.deepEqual(names(log), ["createExperiment", "data", "steps"]);
  assert.equal(state.experiment, null);
  slow.resolve({ features: ["p", "q"], train: { x: [[0, 0]], target: [0] } });
  await opened;
  assert.deepEqual([state.step, state.trace.step], [3, 3]);
  assert.equal(log.length, 4);
});

const VISITS = {
  step: ({ session }) => session.goBy(1),
  back: ({ session }) => session.goBy(-1),
  jump: ({ session }) => session.go(90),
  "two at once": ({ session }) => Promise.all([session.goBy(1), session.go(3)]),
  sample: ({ store, session }) => {
    store.set({ sample: 1 });
    return session.look();
  },
  convention: ({ store, session }) => {
    store.set({ convention: "row" });
    return session.look();
  },
  branch: ({ session }) => session.open({ edits: [{ step: 20, set: "optimizer", to: {} }] }, 20),
  edit: ({ session }) => session.open({ edits: [{ step: 20, set: "W1[0,0]", to: 1 }] }, 20),
  "step of another experiment": ({ session }) => {
    const opened = session.open({ seed: 2 }, 0);
    session.go(7);
    return opened;
  },
  played: async ({ session }) => session.show((await session.fetchSteps("play", PLAYED))[0]),
};
const PLAYED = { first: 21, every: 1, count: 2, include: "", once: "" };

for (const [name, visit] of Object.entries(VISITS))
  test(`frame, working and step change together: ${name}`, async () => {
    const { store, session, state } = setUp();
    await session.open({ seed: 1 }, 20);
    const seen = [];
    store.on(["frame", "trace", "step", "experiment"], () => {
      const { frame, trace, step, experiment } = state;
      seen.push([
        [frame.step, trace.step, step],
        [frame.of, trace.of, experiment.id],
      ]);
    });
    await visit({ store, session });
    assert.ok(seen.length > 0);
    for (const each of seen.flat()) assert.equal(new Set(each).size, 1, String(each));
  });

test("a batch that is too large for a working gives way to its sample, and says so", async () => {
  const refused = new Problem({ status: 422, errors: [{ field: "sample", message: "too many" }] });
  const { store, session, state, frame } = setUp({
    steps: async (_id, { first, sample }) => {
      if (sample === "batch") throw refused;
      const lines = [value("W1_next", { value: [0], shape: [1] })];
      return [{ frame: frame(first), trace: { step: first, givens: [], lines } }];
    },
  });
  store.set({ line: "W1_next", sample: "batch", sampleBefore: 1 });
  await session.open({ seed: 1 }, 2);
  assert.deepEqual([state.step, state.sample, state.numbers], [2, 1, "sample"]);
  assert.equal(state.failure.text, "too many");
});

test("a chosen sample waits until the data are there", async () => {
  const slow = deferred();
  const { session, store, state, log } = setUp({ data: () => slow.promise });
  store.set({ sample: 1 });
  const opened = session.open({ seed: 1 }, 0);
  await settled();
  assert.deepEqual(names(log), ["createExperiment", "data"]);
  slow.resolve({ features: ["p", "q"], train: { x: [[0, 0]], target: [0] } });
  await opened;
  assert.equal(state.sample, 0, "the data have one sample");
});

test("data are not requested again for the same data set", async () => {
  const { session, log } = setUp();
  await session.open({ seed: 1 }, 0);
  await session.open({ seed: 2 }, 0);
  assert.equal(names(log).filter((name) => name === "data").length, 1);
});

test("a refused experiment leaves what is shown, with the problem of each field", async () => {
  const errors = [{ field: "body.network.seed", message: "too large" }];
  const { session, state } = setUp({
    createExperiment: async (recipe) => {
      if (recipe.seed === 2) throw new Problem({ status: 422, errors });
      return { id: "1", recipe: { network: { layers: [{}] }, dataset: {} } };
    },
  });
  await session.open({ seed: 1 }, 4);
  assert.equal(await session.open({ seed: 2 }, 0), false);
  assert.deepEqual(state.problems, { "network.seed": "too large" });
  assert.deepEqual([state.experiment.id, state.step, state.pending], ["1", 4, false]);
});

test("of two experiments the newer one is shown, however late the older one answers", async () => {
  const slow = deferred();
  const recipe = { network: { layers: [{}] }, dataset: {} };
  const { session, state } = setUp({
    createExperiment: (wanted) =>
      wanted.seed === 1 ? slow.promise : Promise.resolve({ id: "2", recipe }),
  });
  const first = session.open({ seed: 1 }, 0);
  await session.open({ seed: 2 }, 0);
  slow.resolve({ id: "1", recipe });
  await first;
  await settled();
  assert.equal(state.experiment.id, "2");
});

test("a step that is chosen while an experiment is opened is a step of that one", async () => {
  const opened = deferred();
  const { session, state } = setUp({ createExperiment: () => opened.promise });
  const opening = session.open({}, 0);
  assert.equal(await session.go(7), false);
  assert.equal(session.upcoming().step, 7);
  opened.resolve({ id: "1", recipe: { network: { layers: [{}] }, dataset: {} } });
  await opening;
  assert.equal(state.step, 7);
});

test("steps count from the one that was requested last", async () => {
  const { session, log } = setUp();
  await session.open({}, 0);
  await Promise.all([session.goBy(1), session.goBy(1)]);
  const steps = log.filter(([name]) => name === "steps").map(([, , { first }]) => first);
  assert.deepEqual(steps, [0, 1, 2]);
});

test("a frame without a boundary keeps the one on screen", async () => {
  const { session, state, frame } = setUp();
  await session.open({}, 0);
  session.show({ frame: { ...frame(1), boundary: undefined }, working: state.trace });
  assert.equal(state.frame.boundary.at, 0);
  assert.equal(state.frame.step, 1);
});

test("values that are too large to come with the trace follow for the shown line", async () => {
  const { session, state, log, store } = setUp({
    trace: async (_id, step, { lines }) => ({
      ...{ step, givens: [], gradients: [] },
      lines: [
        value("z1", { value: [0], shape: [1] }),
        value("a1", { value: lines ? [5] : null, left_out: !lines, shape: [1] }),
      ],
    }),
  });
  await session.open({}, 0);
  store.set({ line: "a1" });
  await settled();
  assert.deepEqual(state.trace.lines[1].value, [5]);
  assert.equal(names(log).filter((name) => name === "trace").length, 2);
});

test("a line that the new trace does not have gives way to the first", async () => {
  const { session, state, store } = setUp();
  store.set({ line: "dC_dW9", entry: [1] });
  await session.open({}, 0);
  assert.deepEqual([state.line, state.entry], ["z1", null]);
});

test("a sample that the new data do not have gives way to the first", async () => {
  const { session, state, store } = setUp();
  store.set({ sample: 99, axes: [0, 7] });
  await session.open({}, 0);
  assert.deepEqual([state.sample, state.axes], [0, null]);
});
