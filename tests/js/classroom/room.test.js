import assert from "node:assert/strict";
import test from "node:test";
import { createRoom, noticed, openRoom, pathOf } from "../../../static/js/classroom/room.js";

/** A server that keeps what it was sent. */
function server() {
  const sent = [];
  const request = async (method, path, { body, headers } = {}) => {
    sent.push({ method, path, body, headers });
    return { sent: sent.length };
  };
  return { api: { request }, sent };
}

test("a room is opened with what is shown, for so many students", async () => {
  const { api, sent } = server();
  await openRoom(api, { view: "step=1" }, 45);
  assert.deepEqual(sent[0], {
    method: "POST",
    path: "/rooms",
    body: { scene: { view: "step=1" }, students: 45 },
    headers: undefined,
  });
});

test("key and token are in headers, never in an address", async () => {
  const { api, sent } = server();
  const lecturer = createRoom(api, "1234-5678", { key: "secret" });
  const student = createRoom(api, "1234-5678", { token: "mine" });
  await lecturer.show(null, true);
  await student.answer({ question: 1, attempt: 1, answer: 2 });
  assert.deepEqual(sent[0].headers, { "X-Room-Key": "secret" });
  assert.deepEqual(sent[1].headers, { "X-Student-Token": "mine" });
  assert.ok(sent.every(({ path }) => !/secret|mine/.test(path)));
});

test("each request has its method and address", async (context) => {
  const { api, sent } = server();
  const room = createRoom(api, "a/b");
  await room.state();
  await room.join();
  await room.join("old");
  await room.place({ line: "z1" });
  await room.offer(null);
  await room.ask({ kind: "array" });
  await room.question(2);
  await room.question(2, "a seed?");
  context.mock.method(performance, "now", () => 3000);
  await room.setState(2, "closed", 1000);
  await room.setState(2, "open", 3000, 60);
  await room.again(2);
  await room.bars(true);
  await room.door(false);
  await room.removeSilent();
  await room.record();
  await room.screen();
  await room.tally();
  await room.tally(3);
  await room.end();
  assert.equal(pathOf("a/b"), "/rooms/a%2Fb");
  assert.deepEqual(
    sent.map(({ method, path, body }) => [method, path.replace("/rooms/a%2Fb", ""), body]),
    [
      ["GET", "", undefined],
      ["POST", "/students", {}],
      ["POST", "/students", { token: "old" }],
      ["PUT", "/place", { line: "z1" }],
      ["PUT", "/offer", { view: null }],
      ["POST", "/questions", { kind: "array" }],
      ["GET", "/questions/2", undefined],
      ["GET", "/questions/2?seed=a%20seed%3F", undefined],
      ["PUT", "/questions/2", { state: "closed", seconds: undefined, age: 2 }],
      ["PUT", "/questions/2", { state: "open", seconds: 60, age: 0 }],
      ["POST", "/rounds", { question: 2 }],
      ["PUT", "/screen", { bars: true }],
      ["PUT", "/door", { open: false }],
      ["DELETE", "/students", undefined],
      ["GET", "/record", undefined],
      ["GET", "/screen", undefined],
      ["GET", "/tally", undefined],
      ["GET", "/tally?question=3", undefined],
      ["DELETE", "", undefined],
    ],
  );
});

test("the table is a file", async () => {
  const asked = [];
  const file = async (...sent) => {
    asked.push(sent);
    return { blob: "a file" };
  };
  assert.equal(await createRoom({ file }, "1234-5678", { key: "secret" }).table(), "a file");
  assert.deepEqual(asked, [["/rooms/1234-5678/tally.csv", {}, { "X-Room-Key": "secret" }]]);
});

test("a request that waits is told, and no longer once it is answered", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const state = { failure: null };
  const store = { state, set: (change) => Object.assign(state, change) };
  let answer;
  const api = { request: () => new Promise((done) => (answer = done)) };
  const asked = createRoom(noticed(api, store), "R").state();
  context.mock.timers.tick(2000);
  assert.equal(state.failure, null);
  context.mock.timers.tick(2000);
  assert.match(state.failure.text, /waits/);
  answer("there");
  assert.equal(await asked, "there");
  assert.equal(state.failure, null);
});
