import assert from "node:assert/strict";
import test from "node:test";
import { geometry } from "../../../static/js/figures/geometry.js";
import {
  captions,
  headsOf,
  networkLabels,
  sideRoom,
} from "../../../static/js/figures/network-labels.js";

const LAYERS = [{ activation: "leaky_relu" }, { activation: "softmax" }];
const NAMES = { features: ["sepal length (cm)", "width"], classes: ["a", "b", "c"] };
const SIZES = [2, 4, 3];
const texts = (labels, kind) => labels.filter((one) => one.kind === kind).map(({ text }) => text);

test("layers have a name and an activation, in one row where there is room", () => {
  const wide = geometry(SIZES, 900, 400, {}, (across) => headsOf(SIZES, across, LAYERS));
  assert.equal(wide.heads, "row");
  assert.deepEqual(texts(networkLabels(wide, LAYERS, NAMES), "layer"), [
    "input",
    "layer 1 · leaky relu",
    "output · softmax",
  ]);
  const narrow = geometry(SIZES, 300, 400, {}, (across) => headsOf(SIZES, across, LAYERS));
  assert.equal(narrow.heads, "column");
  const tiny = geometry(SIZES, 150, 400, {}, (across) => headsOf(SIZES, across, LAYERS));
  assert.deepEqual(texts(networkLabels(tiny, LAYERS, NAMES), "layer"), ["in", "1", "out"]);
});

test("inputs and outputs are named beside their neurons, without units", () => {
  const places = geometry(SIZES, 900, 400);
  const labels = networkLabels(places, LAYERS, NAMES);
  assert.deepEqual(texts(labels, "input"), ["sepal length", "width"]);
  assert.deepEqual(texts(labels, "output"), ["a", "b", "c"]);
  const [first] = labels.filter(({ kind }) => kind === "input");
  assert.ok(first.x < places.center(0, 0).x);
  assert.equal(first.y, places.center(0, 0).y);
});

test("a single output has no name, a feature without one is numbered", () => {
  const labels = networkLabels(geometry([2, 1], 600, 300), LAYERS, { features: [], classes: [] });
  assert.deepEqual(texts(labels, "output"), []);
  assert.deepEqual(texts(labels, "input"), ["𝑥₀", "𝑥₁"]);
});

test("long names get the room that they need", () => {
  const short = sideRoom(SIZES, { features: ["a", "b"], classes: [] });
  const long = sideRoom(SIZES, { features: ["a long name here", "b"], classes: [] });
  assert.ok(long.left > short.left);
  assert.equal(long.right, short.right);
});

test("maps have the sizes of the layers above, the weights below", () => {
  const labels = networkLabels(geometry([64, 32, 10], 600, 300), LAYERS, NAMES);
  assert.deepEqual(texts(labels, "note"), ["64", "32", "10", "𝑊⁽¹⁾", "𝑊⁽²⁾"]);
});

test("a caption says what the line does with a layer's variable", () => {
  const shown = [
    { id: "x", role: "reads", quantity: "x", values: [] },
    { id: "z1", role: "writes", quantity: "z", values: [] },
    { id: null, role: "pending", quantity: "", values: null },
  ];
  const all = captions(geometry([2, 4, 3], 900, 400), shown).map(({ text }) => text);
  assert.deepEqual(all, ["reads 𝑥", "computes 𝑧⁽¹⁾", "not computed yet"]);
});
