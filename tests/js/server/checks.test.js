import assert from "node:assert/strict";
import test from "node:test";
import { Lost, Problem } from "../../../static/js/server/api.js";
import { check, parse, working } from "../../../static/js/server/checks.js";

/** Answers of the server in turn; the requests are kept. */
function serve(t, ...answers) {
  const requests = [];
  t.mock.method(globalThis, "fetch", async (url, { body }) => {
    requests.push([url, JSON.parse(body)]);
    const { status = 200, ...answer } = answers.shift();
    if (answer.lost) throw new TypeError("network");
    return { ok: status < 400, status, json: async () => answer };
  });
  return requests;
}

test("text is parsed with the number of layers, where that is known", async (t) => {
  const requests = serve(t, { arrays: [] }, {});
  assert.deepEqual(await parse("[1]", 2), { arrays: [] });
  await parse("[1]");
  assert.deepEqual(
    requests.map(([url, body]) => [url.split("/v1")[1], body]),
    [
      ["/check/parse", { text: "[1]", layers: 2 }],
      ["/check/parse", { text: "[1]" }],
    ],
  );
});

test("submitted numbers go with what is given", async (t) => {
  const requests = serve(t, {});
  await check({ x: [1] }, { z1: [2] });
  assert.deepEqual(requests[0][1], { x: [1], submitted: { z1: [2] } });
});

test("the working has the lines that were submitted", async (t) => {
  const requests = serve(t, {}, {});
  const givens = { layers: [{}, {}] };
  await working(givens, ["z1", "dC_da2"]);
  await working(givens, ["da1_dz1"]);
  assert.deepEqual(
    requests.map(([, { fused, jacobians }]) => [fused, jacobians]),
    [
      [false, false],
      [true, true],
    ],
  );
});

test("a refusal is a problem, no answer a lost server", async (t) => {
  serve(t, { status: 422, detail: "no" }, { lost: true });
  await assert.rejects(check({}, {}), (error) => error instanceof Problem && error.status === 422);
  await assert.rejects(check({}, {}), Lost);
});
