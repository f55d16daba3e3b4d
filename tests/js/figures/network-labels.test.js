import assert from "node:assert/strict";
import test from "node:test";
import { named } from "../../../static/js/core/names.js";
import { geometry } from "../../../static/js/figures/geometry.js";
import {
  captions,
  headsOf,
  letterOf,
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
  const places = geometry(SIZES, 900, 400, sideRoom(SIZES, NAMES, LAYERS));
  const labels = networkLabels(places, LAYERS, NAMES);
  assert.deepEqual(texts(labels, "input"), ["sepal length", "width"]);
  assert.deepEqual(texts(labels, "output"), ["a", "b", "c"]);
  const [first] = labels.filter(({ kind }) => kind === "input");
  assert.ok(first.x < places.center(0, 0).x);
  assert.equal(first.y, places.center(0, 0).y);
});

test("units under maps are counted from 0, as sums name them", () => {
  const places = geometry(SIZES, 900, 400, sideRoom(SIZES, NAMES, LAYERS), undefined, true);
  assert.deepEqual(texts(networkLabels(places, LAYERS, NAMES), "unit").slice(0, 4), [
    ...["0", "1", "2", "3"],
  ]);
});

test("a single output has no name, a feature without one is numbered", () => {
  const labels = networkLabels(geometry([2, 1], 600, 300), LAYERS, { features: [], classes: [] });
  assert.deepEqual(texts(labels, "output"), []);
  assert.deepEqual(texts(labels, "input"), ["𝑥₀", "𝑥₁"]);
});

test("long names get the room that they need", () => {
  const short = sideRoom(SIZES, { features: ["a", "b"], classes: [] }, LAYERS);
  const long = sideRoom(SIZES, { features: ["a long name here", "b"], classes: [] }, LAYERS);
  assert.ok(long.left > short.left);
  assert.equal(long.right, short.right);
});

test("names fit beside a network that is narrow", () => {
  const places = geometry(SIZES, 300, 400, sideRoom(SIZES, NAMES, LAYERS));
  const [first] = networkLabels(places, LAYERS, NAMES).filter(({ kind }) => kind === "input");
  assert.match(first.text, /^sep.*…$/);
  assert.ok(first.x > 6.6 * [...first.text].length);
});

test("large letters get the room that the head over the outputs needs", () => {
  const letter = letterOf(2560);
  assert.ok(letter > 1.4 * letterOf(1440));
  const room = sideRoom(SIZES, { features: ["a", "b"], classes: [] }, LAYERS, letter);
  const places = geometry(SIZES, 1200, 900, room);
  const half = ("output · softmax".length * letter) / 2;
  assert.ok(places.columns[2] + half < 1200);
});

test("maps have the sizes of the layers above, the weights below", () => {
  const labels = networkLabels(geometry([64, 32, 10], 600, 300), LAYERS, NAMES);
  assert.deepEqual(texts(labels, "note"), ["64", "32", "10", "𝑊⁽¹⁾", "𝑊⁽²⁾"]);
});

test("a caption says what the line does with a layer's variable", () => {
  const shown = [
    { variable: named("x"), role: "reads", quantity: "x", values: [] },
    { variable: named("z1"), role: "writes", quantity: "z", values: [] },
    { variable: null, role: "pending", quantity: "", values: null },
  ];
  const all = captions(geometry([2, 4, 3], 900, 400), shown).map(({ text }) => text);
  assert.deepEqual(all, ["reads 𝑥", "computes 𝑧⁽¹⁾", "not computed yet"]);
});

test("captions of the outer layers among maps begin and end at the rim", () => {
  const shown = ["x", "z1", "z2"].map((id) => ({
    ...{ variable: named(id), role: "writes", quantity: "z", values: [] },
  }));
  const all = captions(geometry([64, 32, 10], 600, 300), shown);
  assert.deepEqual(
    all.map(({ ends }) => ends),
    ["starts", undefined, "ends"],
  );
  assert.ok(all[0].x >= 0 && all[2].x <= 600);
});
