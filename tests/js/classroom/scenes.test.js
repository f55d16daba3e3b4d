import assert from "node:assert/strict";
import test from "node:test";
import {
  common,
  groupOf,
  inOrder,
  personalView,
  veilOf,
} from "../../../static/js/classroom/scenes.js";
import { hideFrom } from "../../../static/js/core/veil.js";
import { fromHash } from "../../../static/js/state/url.js";

const LINES = [
  ["z1", "forward"],
  ["a1", "forward"],
  ["C", "cost"],
  ["dC_dz1", "backward"],
  ["W1_next", "update"],
].map(([id, phase]) => ({ id, phase }));
const room = (question) => ({ scene: null, question: { state: "open", ...question } });

test("the lecturer's projector is not the students'", () => {
  assert.equal(common("step=3&projector=true&line=z1"), "step=3&line=z1");
});

test("the answer of a question is hidden until the reveal, its shape too if it is the answer", () => {
  assert.deepEqual(veilOf(room({ kind: "array", line: "a1" }), 2), { from: "a1", bare: false });
  assert.deepEqual(veilOf(room({ kind: "shape", line: "a1" }), 2), { from: "a1", bare: true });
  assert.deepEqual(veilOf(room({ kind: "working", line: null }), 2), { from: "z1", bare: false });
  const closed = room({ kind: "array", line: "a1", state: "closed" });
  assert.deepEqual(veilOf(closed, 2), { from: "a1", bare: false });
  assert.equal(veilOf(room({ kind: "array", line: "a1", state: "revealed" }), 2), null);
  assert.equal(veilOf(room({ kind: "choice", line: null }), 2), null);
  assert.equal(veilOf(null, 2), null);
});

test("the earlier of the hidden line and the asked line counts", () => {
  const both = (hide, line) =>
    veilOf({ ...room({ kind: "array", line }), scene: { hide } }, 2).from;
  assert.equal(both("dC_dz2", "a1"), "a1");
  assert.equal(both("z1", "dC_dz2"), "z1");
  assert.equal(veilOf({ scene: { hide: "C" }, question: null }, 2).from, "C");
});

test("a group hides from its first line, whatever optimizer and cost there are", () => {
  const hidden = ["nothing", "update", "backward", "cost", "forward", "line"];
  assert.deepEqual(
    hidden.map((group) => hideFrom(group, LINES, "a1")),
    [null, "W1_next", "dC_dz1", "C", "z1", "a1"],
  );
  for (const group of hidden) assert.equal(groupOf(hideFrom(group, LINES, "a1"), LINES), group);
  // without an update the way back is the last that can be hidden
  assert.equal(hideFrom("update", LINES.slice(0, 4), "a1"), null);
});

test("lines stand in the order of the working", () => {
  const mixed = ["W2_next", "dC_dW1", "z2", "C", "dC_dz2", "a1", "dC_da1", "z1"];
  const order = ["z1", "a1", "z2", "C", "dC_dz2", "dC_da1", "dC_dW1", "W2_next"];
  assert.deepEqual(mixed.sort(inOrder(20)), order);
});

test("a scene with own numbers is a whole view", () => {
  const recipe = { dataset: { name: "own" }, network: { layers: [{ units: 2 }] } };
  const view = fromHash(
    personalView({ recipe, step: 0, line: "dC_dz1", sample: "batch", hide: "z1" }),
  );
  assert.deepEqual(view, { line: "dC_dz1", sample: "batch", recipe });
});
