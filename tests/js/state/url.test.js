import assert from "node:assert/strict";
import test from "node:test";
import { TABLE } from "../../../static/js/state/store.js";
import { clean, fromHash, toHash } from "../../../static/js/state/url.js";

const INITIAL = Object.fromEntries(
  Object.entries(TABLE).map(([name, field]) => [name, field.initial]),
);
const RECIPE = {
  dataset: { name: "moons", noise: 0.2 },
  network: { layers: [{ units: 3 }] },
  edits: [],
};
const STATE = { ...INITIAL, recipe: RECIPE };

test("the address holds the recipe and what differs from the initial view", () => {
  const hash = toHash({ ...STATE, step: 5, selection: "e1.0.2" });
  assert.equal(
    hash,
    "step=5&selection=e1.0.2&dataset.name=moons&dataset.noise=0.2&network.layers.0.units=3&edits=[]",
  );
  assert.deepEqual(clean(fromHash(`#${hash}`)), { step: 5, selection: "e1.0.2", recipe: RECIPE });
});

test("a reference is written as what differs from the recipe", () => {
  const reference = { ...RECIPE, dataset: { name: "moons", noise: 0.5 } };
  const hash = toHash({ ...STATE, reference });
  assert.match(hash, /^reference=%7B'dataset':%7B'name':'moons','noise':0\.5%7D%7D&/);
  assert.deepEqual(fromHash(hash).reference, reference);
});

test("text that looks like a number stays text, and signs are kept", () => {
  const recipe = { dataset: { name: "12", title: "it's 100% & more = less" } };
  assert.deepEqual(fromHash(toHash({ ...STATE, recipe })).recipe, recipe);
});

test("of a mangled address what can be read is kept", () => {
  const found = clean(
    fromHash("#step=%E0%A4%A&line=z2&sample=-1&unknown=1&projector=yes&=3&axes=[1,1]"),
  );
  assert.deepEqual(found, { line: "z2" });
});

test("older links name the tab by other words", () => {
  const tab = (hash) => clean(fromHash(hash)).tab;
  assert.deepEqual(["flow=loss", "flow=flow", "flow=health", "middle=map", "flow=x"].map(tab), [
    ...["cost", "gradient-flow", "health", "map"],
    undefined,
  ]);
});

test("values that a field does not take are refused", () => {
  for (const [name, good, bad] of [
    ["step", 3, 1.5],
    ["sample", "batch", "all"],
    ["selection", "n1.2", "n1"],
    ["entry", [0, 1], [0, -1]],
    ["convention", "row", "rows"],
    ["reduction", "half_sum", "a b"],
    ["neurons", "dC_dz", "W"],
    ["edges", "dC_dW", "z"],
    ["axes", [0, 2], [0]],
    ["view", "image", "3d"],
    ["logCost", true, 1],
    ["slice", "plane:start", "plane"],
    ["reference", {}, []],
  ]) {
    assert.deepEqual(clean({ [name]: good, toString: 1 }), { [name]: good });
    assert.deepEqual(clean({ [name]: bad }), {}, name);
  }
});
