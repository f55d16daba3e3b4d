import assert from "node:assert/strict";
import test from "node:test";
import { geometry } from "../../../static/js/figures/geometry.js";
import {
  edgeClasses,
  LEVELS,
  neuronNumbers,
  scalesOf,
  twoDigits,
} from "../../../static/js/figures/network.js";

test("two digits fit into a circle", () => {
  const texts = [0, 0.5, -0.123, 1.26, 12.34, 123.4].map(twoDigits);
  for (const text of texts) assert.ok(text.length <= 5, text);
  assert.equal(texts[0], "0");
  assert.equal(twoDigits(-0.123), `−${twoDigits(0.123)}`);
});

test("each edge is in one class of its sign and size", () => {
  const { x, y } = edgeClasses(
    { edges: [{ data: [1, -1, 0.1, 0] }] },
    geometry([2, 2], 400, 300),
    1,
  );
  const used = x.flatMap((places, k) => (places.length ? [[k, places.length, y[k].length]] : []));
  // The strongest negative class, the weakest positive one with 0.1 and 0, the strongest positive.
  assert.deepEqual(used, [
    [LEVELS - 1, 3, 3],
    [LEVELS, 6, 6],
    [2 * LEVELS - 1, 3, 3],
  ]);
});

test("scales do not follow every change of the numbers", () => {
  const of = (value) =>
    scalesOf({ layers: [{ quantity: "a", role: "known", values: [value] }], edges: [] });
  assert.deepEqual(of(1.01), of(1.02));
});

test("numbers of small neurons are beside them, where they do not meet", () => {
  const layers = [4, 8, 3].map((n) => ({ quantity: "a", values: Array(n).fill(-0.25) }));
  const numbers = (height, width = 600) => {
    const places = geometry([4, 8, 3], width, height);
    return neuronNumbers({ layers, edges: [] }, places, [1, 1, 1]).map(({ layer, unit, x }) =>
      Math.sign(x - places.center(layer, unit).x),
    );
  };
  assert.deepEqual(new Set(numbers(600)), new Set([0]));
  assert.deepEqual(numbers(220), [...Array(12).fill(1), ...Array(3).fill(-1)]);
  assert.deepEqual(numbers(160), []);
  assert.deepEqual(numbers(220, 330), []);
});
