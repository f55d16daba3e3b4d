import assert from "node:assert/strict";
import test from "node:test";
import { leftOf, positionAt, sampleBars, widthOf } from "../../../static/js/figures/sample-bars.js";

test("few bars keep their width, in the middle", () => {
  assert.deepEqual([widthOf(4), leftOf(4), widthOf(40), leftOf(40)], [12, 4, 40, 0]);
  assert.equal(positionAt(4.5 / 12, 4), 0);
  assert.equal(positionAt(0, 4), -4);
});

test("bars begin at 0, the largest fill the height", () => {
  const { zero, bars } = sampleBars([1, -1, 0], [2, 0, 1]);
  assert.equal(zero, 50);
  assert.deepEqual(
    bars.map(({ sample, y, height, below }) => [sample, y, height, below]),
    [
      [2, 49.2, 0.8, false],
      [0, 4, 46, false],
      [1, 50, 46, true],
    ],
  );
  assert.deepEqual(
    bars.filter(({ hardest }) => hardest).map(({ sample }) => sample),
    [0],
  );
});
