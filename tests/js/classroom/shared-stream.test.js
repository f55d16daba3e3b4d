import assert from "node:assert/strict";
import test from "node:test";
import { createSharedStream } from "../../../static/js/classroom/shared-stream.js";

/** A browser: channels between its tabs, and the streams that are open. */
function browser() {
  const channels = new Set();
  const streams = new Set();
  /** Tabs are named so that the first in the alphabet goes on when two lead. */
  function tab(id) {
    const channel = {
      onmessage: null,
      postMessage(data) {
        if (!channels.has(channel)) return;
        for (const other of channels)
          if (other !== channel) queueMicrotask(() => other.onmessage?.({ data }));
      },
    };
    channels.add(channel);
    const open = (wants, listeners) => {
      const stream = { id, wants, ...listeners, wake() {}, close: () => streams.delete(stream) };
      streams.add(stream);
      return stream;
    };
    const heard = [];
    const became = [];
    const shared = createSharedStream(null, { open, channel, id, now: () => performance.now() });
    return {
      heard,
      became,
      shared,
      follow(want) {
        const note = (name) => (state) => heard.push([name, want.room, state]);
        const handlers = { room: note("room"), tally: note("tally") };
        shared.follow(want, handlers, (link) => became.push(link));
      },
      /** It is frozen, or has crashed: it answers nothing. */
      freeze: () => channels.delete(channel),
    };
  }
  return { tab, streams, stream: () => [...streams][0] };
}

/** Timers run as far as this. */
const pass = async (context, ms) => {
  for (let k = 0; k < ms; k += 100) {
    context.mock.timers.tick(100);
    await new Promise((done) => setImmediate(done));
  }
};

test("all tabs share one stream with all that any of them wants", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { tab, streams, stream } = browser();
  const tabs = ["b", "a", "c"].map((id) => tab(id));
  tabs[0].follow({ room: "R", key: "k" });
  await pass(context, 1000);
  stream().heard({ name: "room", data: { room: "R", state: 1 } });
  await pass(context, 100);
  tabs[1].follow({ room: "R", key: "k" });
  tabs[2].follow({ room: "S", token: "t" });
  await pass(context, 2000);
  assert.equal(streams.size, 1);
  assert.deepEqual(stream().wants, [
    { room: "R", key: "k" },
    { room: "S", token: "t" },
  ]);
  // a tab that comes later has what was said before
  assert.deepEqual(tabs[1].heard, [["room", "R", 1]]);
  stream().heard({ name: "tally", data: { room: "R", state: 2 } });
  stream().heard({ name: "room", data: { room: "S", state: 3 } });
  stream().heard({ name: "ended", data: { room: "S", state: null } });
  await pass(context, 100);
  assert.deepEqual(
    tabs.map(({ heard }) => heard.at(-1)),
    [
      ["tally", "R", 2],
      ["tally", "R", 2],
      ["room", "S", 3],
    ],
  );
  assert.deepEqual([tabs[0].became.at(-1), tabs[2].became.at(-1)], [undefined, "gone"]);
  for (const each of tabs) each.shared.leave();
});

test("another tab leads when the leader is closed, or frozen", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { tab, streams, stream } = browser();
  const [one, two, three] = ["b", "a", "c"].map((id) => tab(id));
  for (const each of [one, two, three]) {
    each.follow({ room: "R", token: "t" });
    await pass(context, 1000);
  }
  assert.deepEqual([stream().id, streams.size], ["b", 1]);
  one.shared.leave();
  await pass(context, 3000);
  assert.equal(streams.size, 1);
  const next = stream().id;
  (next === "a" ? two : three).freeze();
  await pass(context, 4000);
  assert.deepEqual(
    [...streams].map(({ id }) => id).sort(),
    ["a", "c"], // the frozen one does not know it yet
  );
  for (const each of [two, three]) each.shared.leave();
});

test("of two that lead one steps down", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { tab, streams, stream } = browser();
  const tabs = ["b", "a"].map((id) => tab(id));
  for (const each of tabs) each.follow({ room: "R", key: "k" }); // both find nobody
  await pass(context, 4000);
  assert.deepEqual([stream().id, streams.size], ["a", 1]);
  for (const each of tabs) each.shared.leave();
});

test("without a channel each tab follows alone", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const opened = [];
  const open = (wants) => {
    opened.push(wants);
    return { close() {} };
  };
  const shared = createSharedStream(null, { open, channel: null });
  shared.follow({ room: "R" }, {}, () => {});
  await pass(context, 1000);
  assert.deepEqual(opened, [[{ room: "R" }]]);
  shared.leave();
});
