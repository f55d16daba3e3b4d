import assert from "node:assert/strict";
import test from "node:test";
import { geometry } from "../../../static/js/figures/geometry.js";
import { cellShapes, unitShapes } from "../../../static/js/figures/network.js";
import { coloursOf, networkFigure } from "../../../static/js/figures/network-figure.js";
import { PALETTE } from "../helpers/palette.js";

test("the neurons are points", () => {
  const places = geometry([2, 1], 400, 300);
  const layer = (quantity, values) => ({ quantity, role: "known", values });
  const values = { layers: [layer("x", [1, -2]), layer("a", [0.5])], edges: [] };
  const units = unitShapes(values, places, PALETTE);
  const [{ x, y, marker }] = networkFigure(units, places, PALETTE).data;
  assert.deepEqual(
    units.map((unit) => [unit.x, unit.y, 2 * unit.r, unit.fill, unit.stroke]),
    x.map((at, k) => [at, y[k], marker.size, marker.color[k], marker.line.color[k]]),
  );
  assert.deepEqual(coloursOf(units), { color: marker.color, outline: marker.line.color });
});

test("of a large network strips come first, then the maps of the weights", () => {
  const places = geometry([20, 18], 600, 300);
  const values = {
    layers: [20, 18].map((n) => ({ quantity: "a", role: "known", values: Array(n).fill(1) })),
    edges: [{ data: Array(360).fill(1) }],
  };
  const { data, layout } = networkFigure(cellShapes(values, places, PALETTE), places, PALETTE);
  const sizes = data.map(({ z }) => [z.length, z[0].length].join());
  assert.deepEqual(sizes, ["20,1", "18,1", "20,18"]);
  assert.deepEqual(layout.xaxis3.range, [-0.5, 17.5]);
  assert.equal(layout.yaxis2.anchor, "x2");
});
