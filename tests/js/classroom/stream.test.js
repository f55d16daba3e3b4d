import assert from "node:assert/strict";
import test from "node:test";
import { follow, readEvents } from "../../../static/js/classroom/stream.js";

test("events are read from pieces, comments and other fields are left out", () => {
  const { events, rest } = readEvents(
    ': ping\n\nevent: room\ndata: {"a":1}\nid: 2\nretry: 1000\n\nevent: room\ndata: {"a"',
  );
  assert.deepEqual(events, [{ name: "room", data: { a: 1 } }]);
  assert.deepEqual(readEvents(`${rest}:2}\n\n`).events, [{ name: "room", data: { a: 2 } }]);
});

/** Answers in order; a text is a stream that is cut after it, a number a status. */
function sender(answers) {
  const sent = [];
  const send = async (address, { method, body }) => {
    sent.push([method, address, body]);
    const next = answers.shift();
    if (next === undefined) return new Response(null, { status: 404 });
    if (next instanceof Error) throw next;
    return typeof next === "number" ? new Response(null, { status: next }) : new Response(next);
  };
  return { send, sent };
}

async function followed(answers, more = {}) {
  const { send, sent } = sender(answers);
  const [heard, became, waits] = [[], [], []];
  await new Promise((done) => {
    const following = follow("/events", {
      body: { rooms: [{ room: "R", key: "k" }] },
      heard: ({ data }) => heard.push(data.n),
      became(link) {
        became.push(link);
        if (link === "gone") done(following);
      },
      send,
      sleep: async (ms) => waits.push(ms),
      ...more,
    });
  });
  return { heard, became, waits, sent };
}

test("a connection that is cut is made again, until the room is gone", async () => {
  const { heard, became, sent } = await followed([
    'data: {"n":1}\n\ndata: {"n":2}\n\n',
    new Error("no network"),
    'data: {"n":3}\n\n',
  ]);
  assert.deepEqual(heard, [1, 2, 3]);
  assert.deepEqual(became, ["live", "lost", "lost", "live", "lost", "gone"]);
  assert.deepEqual(sent[0], ["POST", "/events", '{"rooms":[{"room":"R","key":"k"}]}']);
});

test("attempts come later and later, and soon again after a connection", async () => {
  const fails = Array(6).fill(new Error("away"));
  const { waits } = await followed([...fails, 'data: {"n":1}\n\n']);
  assert.ok(waits[0] < 1300 && waits[5] > 3700 && waits[5] <= 6250, String(waits));
  assert.ok(waits[6] < 700, String(waits));
});

test("a server without a place for a stream is asked for the state", async () => {
  const { heard, became } = await followed([503, 503], { poll: async () => [{ data: { n: 9 } }] });
  assert.deepEqual(heard, [9, 9]);
  assert.deepEqual(became, ["live", "live", "gone"]);
});

test("rooms that are not there are not asked for again", async () => {
  const { sent } = await followed([404, 'data: {"n":1}\n\n']);
  assert.equal(sent.length, 1);
});
