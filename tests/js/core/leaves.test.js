import assert from "node:assert/strict";
import test from "node:test";
import { flatten, unflatten } from "../../../static/js/core/leaves.js";

const RECIPE = {
  dataset: { name: "moons", noise: 0.2, x: [[0, 1]] },
  network: { layers: [{ units: 3, activation: "tanh" }, { units: 1 }] },
  edits: [],
};

test("a leaf has the path of its keys, and a list of numbers is one leaf", () => {
  assert.deepEqual(flatten(RECIPE), [
    ["dataset.name", "moons"],
    ["dataset.noise", 0.2],
    ["dataset.x", [[0, 1]]],
    ["network.layers.0.units", 3],
    ["network.layers.0.activation", "tanh"],
    ["network.layers.1.units", 1],
    ["edits", []],
  ]);
});

test("unflatten gives back what was flattened", () => {
  assert.deepEqual(unflatten(flatten(RECIPE)), RECIPE);
});

test("keys that are not 0, 1, 2, … in order make an object, not a list", () => {
  assert.deepEqual(unflatten([["a.1", "x"]]), { a: { 1: "x" } });
});

test("a path cannot reach a prototype", () => {
  unflatten([["__proto__.polluted", true]]);
  unflatten([["constructor.prototype.polluted", true]]);
  assert.equal({}.polluted, undefined);
});

test("a leaf below a number is ignored", () => {
  assert.deepEqual(
    unflatten([
      ["a", 1],
      ["a.b", 2],
    ]),
    { a: 1 },
  );
});
