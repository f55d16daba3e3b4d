import assert from "node:assert/strict";
import test from "node:test";
import { asNumpy, lineAsNumpy } from "../../../static/js/core/numpy.js";

test("arrays are written as Python reads them", () => {
  assert.equal(asNumpy("C", 0.5), "C = 0.5");
  assert.equal(asNumpy("b1", [1, null]), "b1 = np.array([1, np.nan])");
  assert.equal(
    asNumpy("W1", [
      [1, 2],
      [3, 4],
    ]),
    "W1 = np.array([[1, 2],\n               [3, 4]])",
  );
});

test("a line comes with its inputs, each once", () => {
  const line = { id: "C", inputs: ["a1", "a1"], value: 1 };
  assert.equal(
    lineAsNumpy(line, () => ({ value: [2] })),
    "import numpy as np\n\na1 = np.array([2])\nC = 1\n",
  );
});
