import assert from "node:assert/strict";
import test from "node:test";
import { Lost, Problem } from "../../../static/js/server/api.js";
import { createRetry } from "../../../static/js/server/retry.js";
import { createStore } from "../../../static/js/state/store.js";

const EXPERIMENT = { id: "e", recipe: { edits: [] } };
const problem = (status) => new Problem({ status, detail: `status ${status}` });

/** Answers of a request in turn; what is an error is thrown. */
function setUp(...answers) {
  const store = createStore();
  store.set({ experiment: EXPERIMENT });
  const log = [];
  const failures = [];
  store.on(["failure"], (state) => failures.push(state.failure?.kind ?? null));
  const api = {
    catalog: async () => log.push("catalog"),
    createExperiment: async (recipe) => {
      assert.equal(recipe, EXPERIMENT.recipe);
      log.push("create");
      return EXPERIMENT;
    },
  };
  const run = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const sleep = async (ms) => {
    log.push(ms);
  };
  return { ...createRetry(store, api, sleep), run, log, failures };
}

test("a lost server is waited for, and the page says so meanwhile", async () => {
  const { persist, run, log, failures } = setUp(new Lost("lost"), new Lost("lost"), 7);
  assert.equal(await persist(run), 7);
  assert.deepEqual(log, [1000, "catalog", 1000, "catalog"]);
  assert.deepEqual(failures, ["lost", null, "lost", null]);
});

test("several requests wait for a lost server together", async () => {
  const { recover } = setUp();
  assert.equal(recover(), recover());
});

test("a busy server is asked again, but not for ever", async () => {
  const { persist, run, log } = setUp(problem(429), problem(503), 7);
  assert.equal(await persist(run), 7);
  assert.deepEqual(log, [300, 300]);
  const busy = setUp(...Array.from({ length: 31 }, () => problem(503)), 7);
  await assert.rejects(busy.persist(busy.run), /status 503/);
});

test("a forgotten experiment is given to the server again, twice at most", async () => {
  const { persist, run, log } = setUp(problem(404), 7);
  assert.equal(await persist(run, { experiment: EXPERIMENT }), 7);
  assert.deepEqual(log, ["create"]);
  const never = setUp(problem(404), problem(404), problem(404), 7);
  await assert.rejects(never.persist(never.run, { experiment: EXPERIMENT }), /status 404/);
});

test("what has no experiment, and any other refusal, is thrown", async () => {
  for (const error of [problem(404), problem(422), new TypeError("no")]) {
    const { persist, run } = setUp(error, 7);
    await assert.rejects(persist(run), error);
  }
});

test("an aborted request is not repeated", async () => {
  const controller = new AbortController();
  const { persist } = setUp();
  let runs = 0;
  const run = async () => {
    runs += 1;
    controller.abort();
    throw problem(503);
  };
  await assert.rejects(persist(run, { signal: controller.signal }));
  assert.equal(runs, 1);
});
