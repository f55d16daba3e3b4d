import assert from "node:assert/strict";
import test from "node:test";
import { problemsOf } from "../../../static/js/explorer/alarms.js";

const alarm = (kind) => ({ kind, text: kind, suggestion: "" });

test("a run that diverged comes first, and once", () => {
  const frame = {
    alarms: [alarm("exploding"), alarm("diverged")],
    diverged: { text: "at step 3", suggestion: { set: "learning_rate", to: 0.1 } },
  };
  assert.deepEqual(
    problemsOf(frame).map(({ kind, text }) => [kind, text]),
    [
      ["diverged", "at step 3"],
      ["exploding", "exploding"],
    ],
  );
});

test("a learning rate that explains alarms comes before them, and is their remedy", () => {
  const smaller = { set: "learning_rate", to: 0.1 };
  const cause = { text: "too large", suggestion: smaller };
  const alarms = [
    { ...alarm("vanishing"), cause },
    { ...alarm("symmetric"), cause: null },
  ];
  assert.deepEqual(
    problemsOf({ alarms, diverged: null }).map(({ kind, suggestion }) => [kind, suggestion]),
    [
      ["learning rate", smaller],
      ["vanishing", smaller],
      ["symmetric", ""],
    ],
  );
});

test("a frame without health has no problems", () => {
  assert.deepEqual(problemsOf({ diverged: null }), []);
});
