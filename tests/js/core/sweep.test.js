import assert from "node:assert/strict";
import test from "node:test";
import {
  axisFor,
  bestCell,
  cellText,
  digitsFor,
  isMap,
  mapAsCsv,
  mapAsNumpy,
  secondsLeft,
  settingsOf,
  titleOf,
  valueText,
  zoomed,
} from "../../../static/js/core/sweep.js";

const RECIPE = {
  dataset: { name: "moons", noise: 0.2, seed: 0 },
  network: { layers: [{ units: 4, activation: "tanh" }], initializer: "he_normal", seed: 0 },
  cost: { name: "mse" },
  penalty: { l1: 0, l2: 0 },
  optimizer: { name: "sgd", learning_rate: 0.1 },
  batch: { size: 32, seed: 0, shuffle: true },
  edits: [{ step: 1, set: "W1[0,0]", to: 2 }],
};
const SWEEP = {
  recipe: RECIPE,
  axes: [
    { field: "penalty.l2", values: [0, 0.1] },
    { field: "optimizer.name", values: ["sgd", 'a "b",c'] },
  ],
  step: 9,
  measure: "cost.test",
};
const CELLS = {
  rows: 2,
  columns: 2,
  values: Float64Array.of(3, NaN, 1, NaN),
  spread: null,
  diverged: Float64Array.of(NaN, 7, NaN, NaN),
  reached: 4,
  target: 4,
};
const COST = { name: "cost.test", title: "test cost", description: "", better: "lower" };

test("settings are the numbers and names of a recipe, without edits", () => {
  const found = settingsOf(RECIPE);
  assert.equal(found[0], "optimizer.learning_rate");
  for (const field of ["network.depth", "network.layers.0.units", "dataset.noise", "cost.name"])
    assert.ok(found.includes(field), field);
  assert.ok(!found.some((field) => field.startsWith("edits")));
  assert.ok(found.includes("optimizer.learning_rate.1"));
  assert.ok(!found.includes("optimizer.learning_rate.2"));
  assert.equal(new Set(found).size, found.length);
  assert.ok(settingsOf(/** @type {any} */ ({})).includes("network.depth"));
});

test("fields have titles", () => {
  assert.equal(titleOf("network.layers.1.units"), "units of layer 2");
  assert.equal(titleOf("optimizer.learning_rate"), "learning rate η");
  assert.equal(titleOf("W1[0,2]"), "W1[0,2]");
  assert.equal(titleOf("optimizer.learning_rate.2"), "η of layer 2");
});

test("numbers of a zoomed axis have as many digits as tell them apart", () => {
  assert.equal(digitsFor([0.1, 1, 10], 2), 2);
  assert.equal(digitsFor([6.1432, 6.1437, 6.1442], 2), 5);
  assert.equal(digitsFor(["a", "b"], 3), 3);
  assert.equal(digitsFor([1.5, 1.5 + 1e-15], 2), 10);
  assert.equal(valueText(6.1437, 5), "6.1437");
});

test("axes begin with values that make sense", () => {
  const catalog = { optimizers: [{ name: "sgd" }, { name: "adam" }] };
  assert.deepEqual(axisFor("optimizer.name", RECIPE, catalog).values, ["sgd", "adam"]);
  for (const field of ["optimizer.learning_rate", "optimizer.learning_rate.1"])
    assert.equal(axisFor(field, RECIPE, catalog).scale, "log");
  assert.deepEqual(axisFor("W1[0,0]", RECIPE, catalog, 9), {
    field: "W1[0,0]",
    scale: "linear",
    from: -4,
    to: 4,
    count: 9,
  });
});

test("a zoom keeps the number of values of a range, and a part of a list", () => {
  const range = { field: "penalty.l2", scale: "log", from: 1, to: 1000, count: 4 };
  const values = [1, 10, 100, 1000];
  assert.deepEqual(zoomed(range, values, 2, 1), { ...range, from: 10, to: 100 });
  assert.equal(zoomed(range, values, 2, 2), null);
  const listed = { field: "optimizer.name", values: ["a", "b", "c"] };
  assert.deepEqual(zoomed(listed, listed.values, 1, 2)?.values, ["b", "c"]);
});

test("the best cell follows the direction and skips cells without a value", () => {
  assert.deepEqual(bestCell(CELLS, "lower"), { row: 1, column: 0 });
  assert.deepEqual(bestCell(CELLS, "higher"), { row: 0, column: 0 });
  assert.equal(bestCell(CELLS, null), null);
  assert.equal(bestCell({ ...CELLS, values: Float64Array.of(NaN) }, "lower"), null);
});

test("a cell says its settings and its number, or where it diverged", () => {
  const say = (row, column, cells = CELLS) => cellText(SWEEP, cells, { row, column }, COST);
  assert.equal(say(1, 0), "penalty λ₂ 0.100, method sgd: test cost 1");
  assert.match(say(0, 1), /: diverged at update 7$/);
  assert.match(say(1, 1), /: no value$/);
  assert.match(say(1, 1, { ...CELLS, reached: 3 }), /: not computed yet$/);
  assert.match(say(1, 0, { ...CELLS, spread: Float64Array.of(0, 0, 0.5, 0) }), / ± 0\.50$/);
});

test("a map is written out with every cell", () => {
  assert.deepEqual(mapAsCsv(SWEEP, CELLS).split("\n"), [
    "penalty.l2,optimizer.name,cost.test,diverged_at",
    "0,sgd,3,",
    '0,"a ""b"",c",,7',
    "0.1,sgd,1,",
    '0.1,"a ""b"",c",,',
    "",
  ]);
  assert.match(mapAsNumpy(SWEEP, CELLS), /\[3, np\.nan\],\n {4}\[1, np\.nan\],/);
});

test("the time left follows from the share that is done", () => {
  assert.equal(secondsLeft({ reached: 0, target: 10 }, 5), null);
  assert.equal(secondsLeft({ reached: 4, target: 10 }, 2), 3);
});

test("maps in links have one or two axes", () => {
  assert.ok(isMap(SWEEP));
  for (const value of [null, 3, {}, { axes: [] }, { axes: [1] }, { axes: [{}, {}, {}] }])
    assert.ok(!isMap(value), JSON.stringify(value));
});
