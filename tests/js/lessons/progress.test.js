import assert from "node:assert/strict";
import test from "node:test";
import { merge, openProgress, rename, tidy } from "../../../static/js/lessons/progress.js";
import { useStorage } from "../helpers/storage.js";

const kept = (result, more = {}) => ({ result, tries: 1, hint: false, answer: 1, ...more });
const book = (cards) => ({
  version: 2,
  seed: null,
  lessons: { one: { 7: { at: "first", cards } } },
});

test("of two kept results the better stays", () => {
  const third = kept("shown");
  for (const [p, q, better] of [
    ["shown", "alone", "alone"],
    ["alone", "shown", "alone"],
    ["hint", null, "hint"],
    [null, "hint", "hint"],
  ]) {
    const { cards } = merge(tidy(book({ first: kept(p) })), tidy(book({ first: kept(q), third })))
      .lessons.one[7];
    assert.deepEqual([cards.first.result, cards.third.result], [better, "shown"]);
  }
});

test("what is not progress is left out", () => {
  const first = { result: "won", tries: -2, hint: 1, answer: "x".repeat(50000) };
  const lessons = {
    one: {
      7: { at: -1, cards: { first, "<b>": kept("alone"), second: 5 } },
      "": { cards: {} },
      "007": { cards: {} },
      "text:x": { at: "first", cards: {} },
    },
    "<b>": { 7: { cards: {} } },
  };
  const card = { result: null, tries: 0, hint: false, answer: null, mistake: null };
  assert.deepEqual(tidy({ version: 2, seed: [], lessons }), {
    version: 3,
    seed: null,
    lessons: {
      one: { 7: { at: null, cards: { first: card } }, "text:x": { at: "first", cards: {} } },
    },
  });
  for (const data of [{ version: 4, lessons }, [], null]) assert.equal(tidy(data), null);
});

test("a browser that keeps nothing still has progress as long as the page", (context) => {
  const setItem = () => {
    throw new Error("full");
  };
  useStorage(context, { getItem: () => null, setItem });
  const progress = openProgress();
  assert.deepEqual(progress.of("one", "7"), { at: null, cards: {} });
});

test("positions of version 1 become names", () => {
  const card = (result) => ({ result, tries: 1, hint: false, answer: null });
  const places = [
    { at: 2, cards: { 0: card("alone"), 2: card("shown") } },
    { at: 3, cards: { 9: card("alone") } },
    { at: "b", cards: { b: card("hint"), 1: card("alone"), 0: card(null) } },
    { at: null, cards: { b: card("alone"), 1: card("shown") } },
  ];
  for (const place of places) rename(place, ["a", "b", "c"]);
  const results = (cards) =>
    Object.fromEntries(Object.entries(cards).map(([name, { result }]) => [name, result]));
  assert.deepEqual(
    places.map(({ at, cards }) => [at, results(cards)]),
    [
      ["c", { a: "alone", c: "shown" }],
      ["end", {}],
      ["b", { b: "alone", a: null }],
      [null, { b: "alone" }],
    ],
  );
});
