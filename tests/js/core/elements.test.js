import assert from "node:assert/strict";
import test from "node:test";
import {
  describe,
  elementOf,
  elementsOf,
  exists,
  layersCrossed,
  matches,
  parseElement,
  patternOf,
} from "../../../static/js/core/elements.js";

import { value } from "../helpers/lines.js";

const [W1, W2] = [value("W1"), value("W2")];

test("an element is a neuron or an edge", () => {
  assert.deepEqual(parseElement("n2.0"), { kind: "neuron", layer: 2, unit: 0 });
  assert.deepEqual(parseElement("e2.3.0"), { kind: "edge", layer: 2, from: 3, to: 0 });
  for (const text of [null, "", "n1", "e0.1.1", "n1.2.3", "m1.1"])
    assert.equal(parseElement(text), null);
});

test("an element exists where the network has the layer and the unit", () => {
  const found = ["n0.1", "n0.2", "e1.1.2", "e1.2.1", "n2.0"].map((each) => exists(each, [2, 3]));
  assert.deepEqual(found, [true, false, true, false, false]);
});

test("a line carries its numbers between the layer that it writes and the one beside it", () => {
  const crossed = (reads, writes) => layersCrossed({ reads, writes });
  assert.deepEqual(crossed(["n0.0", "e1.0.0", "n0.1"], ["n1.0"]), { from: 0, to: 1 });
  // ∂C/∂a⁽¹⁾ reads ∂C/∂z⁽²⁾: backwards, whatever else is read first.
  assert.deepEqual(crossed(["n1.1", "n3.0", "n2.0"], ["n1.1"]), { from: 2, to: 1 });
  assert.equal(crossed(["n1.0"], ["n1.0"]), null);
  assert.equal(crossed(["n1.0"], ["e1.0.0"]), null);
  assert.equal(crossed([], ["n1.0"]), null);
});

test("an entry of W is an edge, whichever way W is written", () => {
  assert.equal(elementOf(W1, [2, 0], 2), "e1.0.2");
  assert.equal(elementOf({ ...W1, axes: ["unit below", "unit"] }, [0, 2], 2), "e1.0.2");
  assert.equal(elementOf(value("dC_dz2"), [0], 2), "n2.0");
  assert.equal(elementOf(value("x"), [1], 2), "n0.1");
  assert.equal(elementOf(value("target"), [1], 2), "n2.1");
  const jacobian = value("dz2_da1", { axes: ["unit", "unit below"] });
  for (const none of [value("C"), value("learning_rate2"), jacobian, undefined])
    assert.equal(elementOf(none, [0, 0], 2), null);
});

test("a neuron touches its row of W, the column of the next W, and its own entries", () => {
  assert.deepEqual(patternOf("n1.2", W1, 2), [2, null]);
  assert.deepEqual(patternOf("n1.2", W2, 2), [null, 2]);
  assert.deepEqual(patternOf("n1.2", value("a1"), 2), [2]);
  assert.deepEqual(patternOf("n1.2", value("a1", { axes: ["sample", "unit"] }), 2), [null, 2]);
  assert.equal(patternOf("n1.2", value("z2"), 2), null);
  assert.equal(matches([2, 5], [2, null]), true);
  assert.equal(matches([1, 5], [2, null]), false);
});

test("an edge touches its entry of W, and its ends", () => {
  assert.deepEqual(patternOf("e2.1.0", W2, 2), [0, 1]);
  assert.deepEqual(patternOf("e2.1.0", value("a1"), 2), [1]);
  assert.deepEqual(patternOf("e2.1.0", value("z2"), 2), [0]);
  assert.equal(patternOf("e2.1.0", W1, 2), null);
});

test("a row of W is the edges into one neuron", () => {
  assert.deepEqual(elementsOf({ ...W1, shape: [3, 2] }, [2, null], 2), ["e1.0.2", "e1.1.2"]);
});

test("elements are described in words", () => {
  assert.equal(describe("n0.1", ["height"]), "input 1");
  assert.equal(describe("e1.0.2", ["height"]), "layer 1, weight from height to neuron 2");
});
