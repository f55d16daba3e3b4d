import assert from "node:assert/strict";
import test from "node:test";
import { chosenEntry, pointedEntry } from "../../../static/js/state/entry.js";

import { value } from "../helpers/lines.js";

const LINE = value("dC_dW1", { shape: [3, 2] });
const at = (more) => ({
  frame: { layers: [{}, {}] },
  entry: null,
  selection: null,
  hover: null,
  hoverEntry: null,
  ...more,
});

test("without a choice it is the first entry", () => {
  assert.deepEqual(chosenEntry(at({}), LINE), [0, 0]);
});

test("a chosen entry comes before the chosen element", () => {
  assert.deepEqual(chosenEntry(at({ entry: [2, 1], selection: "e1.0.1" }), LINE), [2, 1]);
  assert.deepEqual(chosenEntry(at({ selection: "e1.0.1" }), LINE), [1, 0]);
});

test("an entry that the line does not have is none", () => {
  assert.deepEqual(chosenEntry(at({ entry: [3, 0], selection: "e1.0.1" }), LINE), [1, 0]);
  assert.deepEqual(chosenEntry(at({ entry: [1] }), LINE), [0, 0]);
});

test("a neuron stands for the first entry of its row", () => {
  assert.deepEqual(chosenEntry(at({ selection: "n1.2" }), LINE), [2, 0]);
});

test("what is pointed at comes first", () => {
  const chosen = { entry: [2, 1] };
  const cell = { variable: "dC_dW1", index: [0, 1] };
  assert.deepEqual(pointedEntry(at({ ...chosen, hoverEntry: cell }), LINE), [0, 1]);
  const other = { variable: "x", index: [0] };
  assert.deepEqual(pointedEntry(at({ ...chosen, hoverEntry: other }), LINE), [2, 1]);
  assert.deepEqual(pointedEntry(at({ ...chosen, hover: "e1.1.0" }), LINE), [0, 1]);
});
