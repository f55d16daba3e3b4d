import assert from "node:assert/strict";
import test from "node:test";
import { original, ticks, ticksIn, tickText } from "../../../static/js/figures/scales.js";

const UNITS = { mean: 1000, scale: 250 };

test("ticks are round numbers of the table, at places of the standardised axis", () => {
  const { ticktext, tickvals } = ticksIn([-2, 2], UNITS, 5);
  assert.deepEqual(ticktext, ["600", "800", "1000", "1200", "1400"]);
  [-1.6, -0.8, 0, 0.8, 1.6].forEach((place, k) => {
    assert.ok(Math.abs(tickvals[k] - place) < 1e-12);
  });
});

test("there are some ticks in any range, and never many", () => {
  const counts = [
    [-2, 2],
    [0, 1e-7],
    [1e100, 1e100],
    [1e17, 1e17 + 64],
  ].map((range) => ticks(range).length);
  assert.deepEqual(counts.slice(0, 2), [5, 6]);
  assert.ok(Math.max(...counts) <= 10);
});

test("very large and small numbers have a power of ten", () => {
  const texts = [0, -1.5, 1250000, 2e-7, 123456].map(tickText);
  assert.deepEqual(texts, ["0", "−1.5", "1.25·10⁶", "2·10⁻⁷", "123456"]);
});

test("a number of the table comes back without rounding errors", () => {
  assert.equal(original((170.1 - 163) / 7.3, { mean: 163, scale: 7.3 }), 170.1);
});
