import assert from "node:assert/strict";
import test from "node:test";
import { createApi, isAbort, Lost, Problem } from "../../../static/js/server/api.js";

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** An api whose requests get these answers in turn. */
function setUp(...answers) {
  const sent = [];
  const send = async (url, options = {}) => {
    sent.push([url, options]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { api: createApi("/api/v1", send), sent };
}

test("what takes long is asked again until it is there", async () => {
  const progress = { reached: 5, target: 9 };
  const { api, sent } = setUp(json(202, progress), json(200, { step: 9 }));
  const told = [];
  const options = { sample: 0, convention: "row", reduction: null, jacobians: undefined };
  assert.deepEqual(await api.trace("e", 9, options, undefined, (p) => told.push(p)), { step: 9 });
  assert.deepEqual(told, [progress]);
  assert.deepEqual(
    sent.map(([url]) => url),
    Array(2).fill("/api/v1/experiments/e/frames/9/trace?sample=0&convention=row"),
  );
});

test("the recipe of an experiment has that name, whatever the wire calls it", async () => {
  for (const name of ["experiment", "recipe"]) {
    const { api } = setUp(json(201, { id: "e", [name]: { edits: [] } }));
    assert.deepEqual(await api.createExperiment({}), { id: "e", recipe: { edits: [] } });
  }
});

test("a refusal is a Problem with the server's words and fields", async () => {
  const errors = [{ field: "dataset.noise", message: "too large" }];
  const { api } = setUp(json(422, { detail: "No.", errors }));
  await assert.rejects(api.createExperiment({}), (error) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.status, error.message, error.errors], [422, "No.", errors]);
    return true;
  });
});

test("no answer, and a proxy without a server behind it, are Lost", async () => {
  for (const answer of [new TypeError("fetch failed"), json(502, {}), json(504, {})])
    await assert.rejects(setUp(answer).api.catalog(), Lost);
});

test("an answer that is not JSON is a Problem", async () => {
  const { api } = setUp(new Response("<html>", { status: 200 }));
  await assert.rejects(api.catalog(), /200 with something that is not JSON/);
});

test("an aborted request is neither", async () => {
  const controller = new AbortController();
  const { api } = setUp(json(200, {}));
  controller.abort();
  await assert.rejects(api.createExperiment({}, controller.signal), isAbort);
});

test("of several targets figures get the first", async () => {
  const part = () => ({ x: [[1]], target: [[1, 2]] });
  const { api } = setUp(json(200, { train: part(), test: { x: [], target: [] } }));
  const { train } = await api.data("e");
  assert.deepEqual([train.target, train.targets], [[1], [[1, 2]]]);
});

test("a file has the name that the server gives it", async () => {
  const headers = { "content-disposition": 'attachment; filename="weights.npz"' };
  const { api } = setUp(json(202, {}), json(200, 1, headers));
  assert.equal((await api.file("/x", { step: 1 })).name, "weights.npz");
});
