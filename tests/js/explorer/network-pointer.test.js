import assert from "node:assert/strict";
import test from "node:test";
import { neighbourOf } from "../../../static/js/explorer/network-pointer.js";

const at = (selection) => ({
  selection,
  data: { features: ["p", "q"] },
  frame: { layers: [{ units: 3 }, { units: 1 }] },
});

test("arrow keys go to the next neuron, and stay within the network", () => {
  assert.equal(neighbourOf(at("n1.1"), "ArrowUp"), "n1.0");
  assert.equal(neighbourOf(at("n1.2"), "ArrowDown"), "n1.2");
  assert.equal(neighbourOf(at("n1.2"), "ArrowRight"), "n2.0");
  assert.equal(neighbourOf(at("n2.0"), "ArrowRight"), "n2.0");
  assert.equal(neighbourOf(at("n0.1"), "ArrowLeft"), "n0.1");
});

test("from nothing they go to the first input, from an edge to its ends and the next edge", () => {
  assert.equal(neighbourOf(at(null), "ArrowDown"), "n0.0");
  assert.equal(neighbourOf(at("e1.0.2"), "ArrowUp"), "e1.0.2");
  assert.equal(neighbourOf(at("e1.0.2"), "ArrowDown"), "e1.1.2");
  assert.equal(neighbourOf(at("e1.1.2"), "ArrowRight"), "n1.2");
  assert.equal(neighbourOf(at("e1.1.2"), "ArrowLeft"), "n0.1");
});

test("other keys, and a page without a frame, do nothing", () => {
  assert.equal(neighbourOf(at("n1.1"), "a"), null);
  assert.equal(neighbourOf({ ...at("n1.1"), frame: null }, "ArrowUp"), null);
});
