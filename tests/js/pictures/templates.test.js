import assert from "node:assert/strict";
import test from "node:test";
import { templates } from "../../../static/js/pictures/templates.js";

test("a line that reads no picture is drawn by another one", () => {
  const line = { inputs: ["a1", "W2"], signature: "i,ji->j", entry: "Σ[{1}·{0}]", shape: [1] };
  const givens = [
    { id: "a1", quantity: "a", shape: [4], value: [1, 2, 3, 4] },
    { id: "W2", quantity: "W", shape: [1, 4], value: [[1, 1, 1, 1]] },
  ];
  const view = { line, trace: { lines: [], givens }, index: [0], image: [2, 2] };
  assert.equal(templates(view), null);
  assert.equal(templates({ ...view, image: null }), null);
});
