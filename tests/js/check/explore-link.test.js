import assert from "node:assert/strict";
import test from "node:test";
import { explorerLinks, recipeOf } from "../../../static/js/check/explore-link.js";
import { fromHash } from "../../../static/js/state/url.js";

const catalog = {
  costs: [
    { name: "mse", tasks: ["regression"] },
    { name: "cross_entropy", tasks: ["classification"] },
  ],
};
const givens = {
  layers: [{ W: [[1, 2], [3, 4], [5, 6]], b: [1, 2, 3], activation: "tanh" }], // biome-ignore format: a matrix
  x: [0.5, 1],
  target: [1, 0, 0],
  ...{ cost: "mse", reduction: "mean", convention: "column" },
};
const work = { from: "" };

test("pasted givens are an experiment of points, its weights in batch rows", () => {
  const recipe = recipeOf(givens, catalog);
  assert.deepEqual(recipe.network.weights[0].W, [[1, 3, 5], [2, 4, 6]]); // biome-ignore format: a matrix
  assert.deepEqual(recipe.dataset.target, [[1, 0, 0]]);
  assert.deepEqual(recipe.network.layers, [{ units: 3, activation: "tanh" }]);
});

test("classes are counted from 0 where the cost takes classes", () => {
  const recipe = recipeOf({ ...givens, cost: "cross_entropy" }, catalog);
  assert.deepEqual(recipe.dataset.target, [0]);
  assert.deepEqual(recipe.dataset.classes, ["class 0", "class 1", "class 2"]);
});

test("givens that the explorer cannot show have no link", () => {
  const without = { ...givens, layers: [{ ...givens.layers[0], b: null }] };
  const wide = { ...givens, x: Array(9).fill(1) };
  const half = { ...givens, cost: "cross_entropy", target: [0.5, 0.5, 0] };
  for (const bad of [without, wide, half, { ...givens, target: [1, 0] }]) {
    assert.equal(recipeOf(bad, catalog), null);
    assert.equal(explorerLinks(work, bad, catalog), null);
  }
});

test("a link shows the line and the entry, and the lines apart where they were handed in so", () => {
  const link = explorerLinks(work, givens, catalog);
  const state = fromHash(link("dC_dW1", [1, 0]).split("#")[1]);
  assert.equal(state.line, "dC_dW1");
  assert.deepEqual(state.entry, [1, 0]);
  assert.equal(state.jacobians, undefined);
  assert.equal(fromHash(link("da1_dz1", []).split("#")[1]).jacobians, true);
  assert.equal(fromHash(link("dC_da1", []).split("#")[1]).fused, false);
});

test("givens of an experiment lead back to that experiment", () => {
  const link = explorerLinks({ ...work, from: "dataset.name=moons&step=3" }, givens, catalog);
  const state = fromHash(link("z1", []).split("#")[1]);
  assert.equal(state.recipe.dataset.name, "moons");
  assert.equal(state.step, 3);
});
