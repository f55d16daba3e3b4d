import assert from "node:assert/strict";
import test from "node:test";
import { oldCards } from "../../../static/js/lessons/again.js";

const card = (more) => ({ result: "alone", tries: 1, hint: false, answer: 1, ...more });
const KEPT = {
  here: { a: card({ day: 1 }) },
  open: { a: card({ day: 1 }), b: card({ result: null }) },
  done: {
    old: card({ day: 2 }),
    wrong: card({ tries: 3, day: 9 }),
    shown: card({ result: "shown", day: 8 }),
    early: card({ day: 5 }),
    now: card({ result: "shown", day: 10 }),
  },
};
const LESSONS = [
  { name: "here", questions: 1 },
  { name: "open", questions: 2 },
  { name: "done", questions: 5 },
];

test("old cards are those that were wrong, then the oldest, of finished lessons", () => {
  const found = oldCards(LESSONS, "here", (name) => KEPT[name], 10);
  assert.deepEqual(
    found.map((old) => `${old.lesson}/${old.card}`),
    ["done/shown", "done/wrong", "done/old"],
  );
});
