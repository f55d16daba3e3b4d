import assert from "node:assert/strict";
import test from "node:test";
import { edgePath, picturedUnits, pictureGeometry } from "../../../static/js/figures/templates.js";

const stateOf = (units, layers = 2) => ({
  data: { image_shape: [8, 8], features: Array(64).fill("p") },
  frame: { layers: Array.from({ length: layers }, (_, k) => ({ units: k ? 10 : units })) },
});

test("up to 64 units have a picture, of more the 32 with the largest outputs", () => {
  assert.equal(picturedUnits(stateOf(64), null).length, 64);
  const outputs = Array.from({ length: 100 }, (_, k) => (k % 3 ? 0 : -k));
  const some = picturedUnits(stateOf(100), outputs);
  assert.deepEqual([some.length, some[0], some.at(-1)], [32, 6, 99]);
  assert.equal(picturedUnits(stateOf(32, 4), null).length, 32);
  assert.equal(picturedUnits(stateOf(32, 6), null), null);
  const { data, frame } = stateOf(32);
  assert.equal(picturedUnits({ data: { ...data, image_shape: null }, frame }, null), null);
});

for (const [width, height] of [
  [812, 381],
  [448, 326],
  [390, 226],
  [1450, 730],
])
  test(`pictures, input and bars have their own places in ${width} by ${height}`, () => {
    const units = Array.from({ length: 32 }, (_, k) => k);
    const places = pictureGeometry([64, 32, 10], [8, 8], units, width, height);
    for (const { x, y, width: w, height: h } of places.units) {
      assert.ok(w >= 16 && w === h);
      assert.ok(x >= places.input.x + places.input.width);
      assert.ok(x + w <= places.later[0][0].x && y >= places.top && y + h + places.below <= height);
    }
    for (const element of ["n0.13", "n1.7", "n2.9", "e1.13.7"]) {
      const { x, y, w, h } = places.shapeOf(element);
      const hit = places.hit(x + 0.55 * w, y + 0.55 * h);
      assert.equal(hit, element === "n1.7" ? "e1.36.7" : element);
    }
    const { x, y, h } = places.shapeOf("n1.7");
    assert.equal(places.hit(x + 3, y + h + 3), "n1.7");
    assert.equal(places.hit(-5, -5), null);
    assert.match(edgePath(places, 7, 3).d, /^M/);
  });

test("units of the layers between have bars, from the pictures to the outputs", () => {
  const units = Array.from({ length: 32 }, (_, k) => k);
  const places = pictureGeometry([64, 32, 16, 10], [8, 8], units, 812, 381);
  const [between, outputs] = places.later;
  assert.deepEqual([between.length, outputs.length], [16, 10]);
  const right = Math.max(...places.units.map(({ x, width }) => x + width));
  assert.ok(right < between[0].x && between[0].x + between[0].width < outputs[0].x);
  assert.equal(places.columns.length, 4);
  for (const element of ["n2.15", "n3.9"]) {
    const { x, y, w: width, h: height } = places.shapeOf(element);
    assert.equal(places.hit(x + width / 2, y + height / 2), element);
  }
  assert.equal(places.shapeOf("e3.15.9").x1, between[15].x + between[15].width);
});
