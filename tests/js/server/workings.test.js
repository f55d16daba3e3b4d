import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../../static/js/server/session.js";
import { createStore } from "../../../static/js/state/store.js";
import { fakeApi, RECIPE, settled } from "../helpers/api.js";
import { value } from "../helpers/lines.js";

const ALL = [
  value("z1", { phase: "forward", formula: "z", inputs: ["x"], value: [0], shape: [1] }),
  value("a1", { phase: "forward", formula: "a", inputs: ["z1"], value: [0], shape: [1] }),
];
const GIVEN = value("x", { symbol: "x", value: [1, 2], shape: [2] });

/** A page that shows step 0, and what it asks for the working of a step. */
async function setUp({ recipe = {}, size = 1 } = {}) {
  const store = createStore();
  const asked = [];
  const { api } = fakeApi({
    createExperiment: async () => ({ id: "e", recipe: { ...RECIPE, ...recipe } }),
    trace: async (_id, step, options) => {
      asked.push([step, options.lines, options.formulas]);
      const wanted = options.lines?.split(",");
      const own = ({ formula, symbol, ...each }) => ({
        ...(options.formulas === "none" ? {} : { formula, symbol }),
        ...each,
        ...{ value: [step], shape: [size] },
      });
      const chosen = (all) => all.filter(({ id }) => wanted?.includes(id) ?? true).map(own);
      return {
        ...{ step, batch: null, convention: "column", activations: ["sigmoid"], gradients: [] },
        ...{ givens: chosen([GIVEN]), lines: chosen(ALL) },
      };
    },
  });
  const session = createSession(store, api);
  await session.open({}, 0);
  asked.length = 0;
  return { store, state: store.state, session, asked };
}

/** The steps as the player fetches them, `count` of them from `first` on. */
const fetched = (session, first, count = 1) =>
  session.fetchSteps("play", { first, every: 1, count, include: "", once: "" });

test("the player fetches the values of a working, without formulas", async () => {
  const { state, session, asked } = await setUp();
  const [step] = await fetched(session, 3);
  assert.deepEqual(asked, [[3, undefined, "none"]]);
  assert.equal(state.trace.step, 0);
  assert.equal(session.hasShown(step.working), true);
  session.show(step);
  assert.deepEqual([state.frame.step, state.trace.step, state.step], [3, 3, 3]);
  const [line] = state.trace.lines;
  assert.deepEqual([line.formula, line.value], ["z", [3]]);
});

test("several steps come in one answer", async () => {
  const { session } = await setUp();
  const steps = await fetched(session, 3, 2);
  assert.deepEqual(
    steps.map(({ frame, working: { step, lines } }) => [
      ...[frame.step, step, lines[0].formula, lines[0].value],
    ]),
    [
      [3, 3, "z", [3]],
      [4, 4, "z", [4]],
    ],
  );
});

test("of a large working it fetches the values that the page shows", async () => {
  const { session, asked } = await setUp({ size: 1000 });
  const [{ working }] = await fetched(session, 3);
  assert.deepEqual(asked, [[3, "z1,x", "none"]]);
  assert.deepEqual([working.lines[0].value, working.lines[1].left_out], [[3], true]);
});

test("another line or sample makes what was fetched useless", async () => {
  for (const [size, patch] of [
    [1000, { line: "a1" }],
    [1, { sample: 1 }],
  ]) {
    const { store, session } = await setUp({ size });
    const [first] = await fetched(session, 3);
    store.set(patch);
    assert.equal(session.hasShown(first.working), false);
    const [again] = await fetched(session, 3);
    assert.equal(session.hasShown(again.working), true);
  }
});

test("values of a line that is chosen while the run plays follow at once", async () => {
  const { store, state, session } = await setUp({ size: 1000 });
  session.show((await fetched(session, 3))[0]);
  store.set({ line: "a1" });
  await settled();
  assert.deepEqual([state.trace.step, state.trace.lines[1].value], [3, [3]]);
});

test("after an edit all of the working is fetched, because formulas may differ", async () => {
  const { session, asked } = await setUp({ recipe: { edits: [{ step: 2 }] } });
  await fetched(session, 1);
  await fetched(session, 2);
  await fetched(session, 1, 2);
  assert.deepEqual(asked, [
    [1, undefined, "none"],
    [2, undefined, undefined],
    [1, undefined, undefined],
    [2, undefined, undefined],
  ]);
});

test("a step that is visited has the formulas on screen, unless it is written otherwise", async () => {
  const { store, state, session, asked } = await setUp({ size: 1000 });
  await session.go(2);
  assert.deepEqual([state.trace.lines[0].formula, state.trace.lines[1].value], ["z", [2]]);
  store.set({ convention: "row" });
  await session.look();
  const steps = asked.filter(([, lines]) => lines === undefined); // others are proofs
  assert.deepEqual(steps, [
    [2, undefined, "none"],
    [2, undefined, undefined],
  ]);
});

test("a step that comes when another one is shown is dropped", async () => {
  const { state, session } = await setUp();
  const late = session.look();
  session.show((await fetched(session, 3))[0]);
  await late;
  assert.deepEqual([state.step, state.trace.step], [3, 3]);
});
