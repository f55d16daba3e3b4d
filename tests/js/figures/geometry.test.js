import assert from "node:assert/strict";
import test from "node:test";
import { geometry, modeOf } from "../../../static/js/figures/geometry.js";

test("small networks are graphs, large ones maps", () => {
  assert.equal(modeOf([2, 4, 4, 1]), "graph");
  assert.equal(modeOf([64, 32, 10]), "heat");
});

test("the pointer finds each neuron at its place, and the edge between two", () => {
  const { shapeOf, hit } = geometry([2, 3, 1], 600, 400);
  for (const element of ["n0.1", "n1.2", "n2.0"]) {
    const { x, y } = shapeOf(element);
    assert.equal(hit(x, y), element);
  }
  const { x1, y1, x2, y2 } = shapeOf("e1.0.2");
  assert.equal(hit(x1 + 0.3 * (x2 - x1), y1 + 0.3 * (y2 - y1)), "e1.0.2");
  assert.equal(hit(0, 0), null);
  assert.equal(shapeOf("x"), null);
});

test("in a map an edge is a cell and a neuron a cell of its strip", () => {
  const { shapeOf, hit, mode } = geometry([64, 32], 600, 400);
  assert.equal(mode, "heat");
  for (const element of ["n0.5", "e1.5.7"]) {
    const { x, y, w: width, h: height } = shapeOf(element);
    assert.equal(hit(x + width / 2, y + height / 2), element);
  }
});

test("beside the maps of the units there is room for names at every size", () => {
  for (const [width, height] of [
    [370, 230],
    [780, 390],
    [1490, 760],
  ]) {
    const places = geometry([2, 4, 4, 1], width, height, {}, undefined, true);
    const [first, last] = [places.columns[0], places.columns.at(-1)];
    assert.ok(first - places.radius >= 20, `${width}: ${first - places.radius}`);
    assert.ok(width - last - places.radius >= 20, `${width}: ${width - last - places.radius}`);
  }
});
