import assert from "node:assert/strict";
import test from "node:test";
import { veilAt } from "../../../static/js/lessons/scenes.js";

const RECIPE = { network: { layers: [{ units: 3 }, { units: 4 }] } };
const card = (name, scene, kind = "line") => ({ name, scene, question: kind && { kind } });
const CARDS = [
  card("cost", { recipe: RECIPE, line: "C", hide: "dC_da2" }, "choice"),
  card("first", { line: "dC_dz2", hide: "dC_dz2" }),
  card("text", { line: "dC_dz2" }, null),
  card("shape", { line: "dC_dW2", hide: "dC_dW2" }, "shape"),
  card("back", { line: "dC_da1", hide: "dC_da1" }),
  card("elsewhere", { recipe: RECIPE, line: "z1", hide: "z1" }),
];
const veil = (at, ...done) => veilAt(CARDS, at, ({ name }) => done.includes(name));

test("what a card asks is hidden until it is answered", () => {
  assert.deepEqual(veil(0), { from: "dC_da2", bare: true });
  assert.deepEqual(veil(1), { from: "dC_dz2", bare: false });
});

test("what later cards ask stays hidden after the answer", () => {
  assert.deepEqual(veil(0, "cost"), { from: "dC_dz2", bare: false });
  assert.deepEqual(veil(1, "cost", "first"), { from: "dC_dW2", bare: true });
  assert.deepEqual(veil(2, "cost", "first"), { from: "dC_dW2", bare: true });
  assert.deepEqual(veil(3, "shape"), { from: "dC_da1", bare: false });
});

test("the line that a card shows is never hidden by a later card", () => {
  const cards = [card("late", { recipe: RECIPE, line: "dC_dW1" }, "choice"), CARDS[1]];
  assert.equal(
    veilAt(cards, 0, () => false),
    null,
  );
});

test("another experiment, step or sample is asked about for itself", () => {
  assert.equal(veil(4, "cost", "first", "shape", "back"), null);
  const step = [CARDS[0], card("later", { step: 5, line: "dC_dW2", hide: "dC_dW2" })];
  assert.equal(
    veilAt(step, 0, ({ name }) => name === "cost"),
    null,
  );
});

test("nothing is hidden once all is answered, or at the end", () => {
  assert.equal(
    veilAt(CARDS, 0, () => true),
    null,
  );
  assert.equal(
    veilAt(CARDS, CARDS.length, () => false),
    null,
  );
});
