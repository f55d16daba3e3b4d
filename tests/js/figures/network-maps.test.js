import assert from "node:assert/strict";
import test from "node:test";
import { geometry } from "../../../static/js/figures/geometry.js";
import { mapsFigure, mapsUpdate } from "../../../static/js/figures/network-maps.js";
import { PALETTE } from "../helpers/palette.js";

const SIZES = [20, 18];
const places = geometry(SIZES, 600, 300);
const values = {
  layers: [
    { quantity: "x", role: "known", values: new Array(20).fill(2) },
    { quantity: "a", role: "pending", values: null },
  ],
  edges: [{ data: Array.from({ length: 360 }, (_, k) => (k === 19 ? -4 : 1)) }],
};

test("strips come first, then the maps of the weights", () => {
  assert.equal(places.mode, "maps");
  const { data, layout } = mapsFigure(values, places, PALETTE);
  assert.deepEqual(
    data.map(({ z }) => [z.length, z[0].length]),
    [
      [20, 1],
      [18, 1],
      [20, 18],
    ],
  );
  assert.deepEqual(layout.xaxis3.range, [-0.5, 17.5]);
  assert.equal(layout.yaxis2.anchor, "x2");
});

test("numbers are scaled to -1…1, missing ones are 0", () => {
  const { update, traces } = mapsUpdate(values, places);
  assert.deepEqual(traces, [0, 1, 2]);
  const [x, a, W] = update.z;
  assert.equal(a[0][0], 0);
  assert.ok(x[0][0] > 0 && x[0][0] <= 1);
  assert.ok(W[1][1] < 0 && W[1][1] >= -1 && W[0][0] > 0);
});
