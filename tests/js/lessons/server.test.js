import assert from "node:assert/strict";
import test from "node:test";
import { createServer } from "../../../static/js/lessons/server.js";
import { Problem } from "../../../static/js/server/api.js";

const failing = (body) =>
  createServer({ post: () => Promise.reject(new Problem(body)) }, "one layer", "1");

test("the server is asked about a lesson, a seed and a card", async () => {
  const asked = [];
  const api = { post: async (...request) => asked.push(request) };
  await createServer(api, "one layer", "7").mark("signs", [1]);
  const [[path, body]] = asked;
  assert.equal(path, "/lessons/one%20layer/answer");
  assert.deepEqual(body, { seed: "7", card: "signs", answer: [1] });
});

test("what cannot be read or is not given is a refusal, any other problem is thrown", async () => {
  const errors = [{ field: "answer", message: "give a sign for each entry" }];
  assert.deepEqual(await failing({ status: 422, errors }).mark("c", 1), {
    refused: "give a sign for each entry",
  });
  assert.deepEqual(await failing({ status: 403, detail: "try first" }).solution("c", null), {
    refused: "try first",
  });
  await assert.rejects(failing({ status: 404, detail: "gone" }).mark("c", 1), /gone/);
});

test("the answers of before bring the cards that they open", async () => {
  const asked = [];
  const api = {
    get: async (...request) => asked.push(["get", ...request]),
    post: async (...request) => asked.push(["post", ...request]),
  };
  const server = createServer(api, "one", "7");
  await server.lesson({});
  await server.lesson({ signs: [1] });
  assert.deepEqual(
    asked.map((request) => request.slice(0, 3)),
    [
      ["get", "/lessons/one", { seed: "7" }],
      ["post", "/lessons/one/cards", { seed: "7", answers: { signs: [1] } }],
    ],
  );
});
