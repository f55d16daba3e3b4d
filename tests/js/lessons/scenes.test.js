import assert from "node:assert/strict";
import test from "node:test";
import { elsewhere, stateOf, trains, veilAt, viewAt } from "../../../static/js/lessons/scenes.js";

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

test("a scene names the tab by its own name", () => {
  const middle = (figure) => stateOf({ ...viewAt(CARDS, 0), figure }).tab;
  assert.deepEqual(["gradient-flow", "health", "cost", "data", null].map(middle), [
    ...["gradient-flow", "health", "cost"],
    ...["data", undefined],
  ]);
});

const RECIPE = { network: { layers: [{ units: 3 }, { units: 4 }] } };
const asked = (card, line, hide = line, bare = false) => ({ card, line, hide, bare });
const LATER = [
  asked("first", "dC_dz2"),
  asked("shape", "dC_dW2", "dC_dW2", true),
  asked("back", "dC_da1"),
];
const asking = (name, later, scene, kind = "line") => ({
  ...{ name, later, scene },
  question: kind && { kind },
});
const ASKING = [
  asking("cost", LATER, { recipe: RECIPE, line: "C", hide: "dC_da2" }, "choice"),
  asking("first", LATER.slice(1), { line: "dC_dz2", hide: "dC_dz2" }),
  asking("text", LATER.slice(1), { line: "dC_dz2" }, null),
  asking("shape", LATER.slice(2), { line: "dC_dW2", hide: "dC_dW2" }, "shape"),
  asking("back", [], { line: "dC_da1", hide: "dC_da1" }),
];
const veil = (at, ...done) => veilAt(ASKING, at, (name) => done.includes(name));

const from = (...given) => veil(...given)?.from;
const lines = (found) => found.map(({ line }) => line);

test("what a card asks is hidden until it is answered", () => {
  assert.deepEqual(veil(0).card.asked, { line: "dC_da2", from: "dC_da2", bare: true });
  assert.deepEqual([veil(0).from, veil(0).bare], ["dC_da2", true]);
  assert.deepEqual(veil(4, "cost", "first", "shape"), { from: "dC_da1", bare: false });
});

test("what later cards ask stays hidden after the answer", () => {
  assert.deepEqual([from(0, "cost"), from(1, "cost", "first")], ["dC_dz2", "dC_dW2"]);
  assert.deepEqual([from(2, "cost", "first"), from(3, "shape", "first")], ["dC_dW2", "dC_da1"]);
  const { asked, later } = veil(1, "cost", "first").card;
  assert.deepEqual([asked, lines(later)], [null, ["dC_dW2", "dC_da1"]]);
});

test("what a later card asks is hidden before it, also if the line on the page comes later", () => {
  const cards = [asking("late", LATER, { recipe: RECIPE, line: "dC_dW1" }, "choice")];
  const found = veilAt(cards, 0, () => false);
  assert.deepEqual([found.from, found.card.line], ["dC_dz2", "dC_dW1"]);
});

test("a question of a line asks this line, also if an earlier one is hidden too", () => {
  const card = asking("one", [asked("late", "dC_dW2", "dC_da2")], { recipe: RECIPE, line: "C" });
  const { later } = veilAt([card], 0, () => false).card;
  assert.deepEqual(later, [{ line: "dC_dW2", from: "dC_da2", bare: false }]);
});

test("nothing is hidden once all is answered, or at the end", () => {
  assert.equal(
    veilAt(ASKING, 0, () => true),
    null,
  );
  assert.equal(
    veilAt(ASKING, ASKING.length, () => false),
    null,
  );
});

test("a card is about training if it shows a later step, a figure or a second run", () => {
  const about = (...scenes) =>
    trains(
      scenes.map((scene) => ({ scene })),
      scenes.length - 1,
    );
  assert.equal(about({ recipe: RECIPE, line: "z1" }), false);
  assert.equal(about({ recipe: RECIPE, step: 5 }), true);
  assert.equal(about({ recipe: RECIPE, figure: "cost" }, null), true);
  assert.equal(about({ recipe: RECIPE, reference: RECIPE }), true);
  assert.equal(about({ recipe: RECIPE, map: { axes: [] } }), true);
  assert.equal(about({ recipe: RECIPE, step: 5 }, { recipe: { ...RECIPE, seed: 2 } }), false);
});
