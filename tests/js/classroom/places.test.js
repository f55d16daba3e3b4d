import assert from "node:assert/strict";
import test from "node:test";
import { createReporter } from "../../../static/js/classroom/places.js";

const LATEST = 2000; // ms

/** A reporter with a clock of its own. @param {import("node:test").TestContext} context */
function begin(context, answer = async () => {}) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const report = createReporter((place) => {
    sent.push(place);
    return answer();
  });
  return { report, sent, pass: () => context.mock.timers.tick(LATEST) };
}

test("only the last of several places is sent", (context) => {
  const { report, sent, pass } = begin(context);
  report({ line: "z1" }, false);
  report({ line: "a1" }, false);
  assert.deepEqual(sent, [], "not at once");
  pass();
  assert.deepEqual(sent, [{ line: "a1" }]);
});

test("a place is sent once, unless it is always sent", (context) => {
  const { report, sent, pass } = begin(context);
  for (const always of [false, false, true]) {
    report({ line: "z1" }, always);
    pass();
  }
  assert.equal(sent.length, 2);
});

test("what happens at the same place does not cancel a report that is always sent", (context) => {
  const { report, sent } = begin(context);
  const frame = () => {
    report({ line: "z1" }, false);
    context.mock.timers.tick(16);
  };
  frame();
  context.mock.timers.tick(LATEST);
  assert.equal(sent.length, 1);
  report({ line: "z1" }, true);
  for (let passed = 0; passed < LATEST; passed += 16) frame(); // a run that plays
  assert.equal(sent.length, 2);
  report({ line: "z1" }, true);
  report({ line: "a1" }, false);
  report({ line: "z1" }, false);
  context.mock.timers.tick(LATEST);
  assert.deepEqual(sent, [{ line: "z1" }, { line: "z1" }, { line: "z1" }]);
});

test("a student who comes back in time is not reported as elsewhere", (context) => {
  const { report, sent, pass } = begin(context);
  report({ line: "z1" }, false);
  pass();
  report({ card: "shapes" }, false);
  report({ line: "z1" }, false);
  pass();
  assert.deepEqual(sent, [{ line: "z1" }]);
});

test("a place that could not be sent is no error", async (context) => {
  const { report, sent, pass } = begin(context, () => Promise.reject(new Error("lost")));
  report({ line: "z1" }, false);
  pass();
  await new Promise((done) => setImmediate(done)); // a rejection that nobody handles fails here
  assert.equal(sent.length, 1);
});
