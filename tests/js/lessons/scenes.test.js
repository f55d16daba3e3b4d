import assert from "node:assert/strict";
import test from "node:test";
import { elsewhere, stateOf, viewAt } from "../../../static/js/lessons/scenes.js";

const CARDS = [
  { scene: { recipe: { cost: { reduction: "mean" } }, step: 3, line: "a1" } },
  { scene: null },
  { scene: { line: "dC_dz1", entry: [0], hide: "dC_dz1" } },
  { scene: { recipe: { cost: {} } } },
];

test("a scene is laid over those before it", () => {
  assert.deepEqual([viewAt(CARDS, 1).step, viewAt(CARDS, 1).line], [3, "a1"]);
  assert.deepEqual([viewAt(CARDS, 2).step, viewAt(CARDS, 2).entry], [3, [0]]);
});

test("another line has no entry chosen, and another recipe its own scaling", () => {
  const cards = [
    { scene: { line: "C", entry: [0], reduction: "mean" } },
    { scene: { line: "z1" } },
    { scene: { recipe: {}, sample: "batch" } },
  ];
  const views = [0, 1, 2].map((at) => viewAt(cards, at));
  assert.deepEqual(
    views.map(({ entry, reduction, sample }) => [entry, reduction, sample]),
    [
      [[0], "mean", 0],
      [null, "mean", 0],
      [null, null, "batch"],
    ],
  );
});

test("another recipe begins at step 0, and what is hidden is hidden at its own card", () => {
  assert.deepEqual([viewAt(CARDS, 3).step, viewAt(CARDS, 3).hide], [0, null]);
  assert.equal(viewAt(CARDS, 9).hide, null);
});

test("the state of a view is left when line or step are others", () => {
  const view = viewAt(CARDS, 0);
  const state = { ...stateOf(view), step: 3, frame: {} };
  assert.equal(elsewhere(state, view), false);
  assert.equal(elsewhere({ ...state, line: "z1" }, view), true);
  assert.equal(elsewhere({ ...state, step: 2 }, view), true);
  assert.equal(elsewhere({ ...state, step: 2, frame: { diverged: {} } }, view), false);
});

test("a scene names the middle figure by its own name, or by that of version 1", () => {
  const middle = (figure) => stateOf({ ...viewAt(CARDS, 0), figure }).middle;
  assert.deepEqual(["flow", "gradient-flow", "health", "cost", "data", null].map(middle), [
    ...["gradient-flow", "gradient-flow", "health", "cost"],
    ...[undefined, undefined],
  ]);
});
