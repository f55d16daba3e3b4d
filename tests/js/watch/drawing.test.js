import assert from "node:assert/strict";
import test from "node:test";
import { svgOf } from "../../../static/js/figures/shapes.js";
import { drawingOf, placesOf } from "../../../static/js/watch/drawing.js";

const NUMBERS = {
  ...{ sizes: [2, 2, 1], activations: ["tanh", "sigmoid"], cost: 0.5, gradient: 1, w: 2, input: 3 },
  ...{ targets: [1], outputs: [0.5], z: () => 0.4, slope: () => 0.9, gradientAt: () => 1 },
  curve: () => Math.tanh,
};
const PICTURE = {
  ...{ kind: "weight", title: "", text: "", terms: [], upcoming: 0 },
  edges: [
    { layer: 2, from: 1, to: 0, flow: -0.5, label: "× 2" },
    { layer: 1, from: 0, to: 1, flow: 0, followed: true },
  ],
  units: [{ layer: 1, unit: 1, tangent: true, big: true, label: "× 0.9" }],
};

const all = (shapes) =>
  shapes.flatMap((shape) => [shape, ...(shape.kind === "group" ? all(shape.shapes) : [])]);
const drawn = (picture, width = 900, height = 500) =>
  all(drawingOf(picture, NUMBERS, placesOf(NUMBERS.sizes, width, height)));
const styled = (shapes, style) => shapes.filter((shape) => shape.style?.startsWith(style));

test("every weight can be pressed, those of the picture have their signs", () => {
  const shapes = drawn(PICTURE);
  assert.deepEqual(
    styled(shapes, "watch-edge-asleep").map(({ data }) => data["data-weight"]),
    ["W1[0,0]", "W1[0,1]", "W1[1,0]", "W1[1,1]", "W2[0,0]", "W2[1,0]"],
  );
  assert.deepEqual(
    styled(shapes, "watch-edge-lit").map(({ style }) => style),
    ["watch-edge-lit negative", "watch-edge-lit followed"],
  );
  assert.deepEqual(
    styled(shapes, "watch-pill").map(({ style, data }) => [style, data["data-factor"]]),
    [
      ["watch-pill ", "slope"],
      ["watch-pill negative", "edge"],
    ],
  );
});

test("a large unit has its curve with a tangent, lies over the others and stays inside", () => {
  const units = styled(drawn(PICTURE), "watch-unit");
  assert.equal(units.length, 5);
  assert.deepEqual(units.at(-1).data, { "data-unit": "1.1" });
  assert.equal(styled(units.at(-1).shapes, "watch-tangent").length, 1);
  const sizes = [2, 6, 1];
  const last = { ...PICTURE, units: [{ ...PICTURE.units[0], unit: 5 }] };
  const places = placesOf(sizes, 900, 300);
  const [{ y, h }] = all(drawingOf(last, { ...NUMBERS, sizes }, places))
    .filter(({ data }) => data?.["data-unit"] === "1.5")
    .flatMap(({ shapes }) => shapes);
  assert.ok(h > places.side && y + h <= 300 - places.letter + 1e-9, `${y} ${h}`);
});

test("on a phone the cost is drawn only where the way back begins", () => {
  const cost = (kind, width) => styled(drawn({ ...PICTURE, kind }, width), "watch-cost").length;
  assert.deepEqual([cost("weight", 900), cost("weight", 390), cost("cost", 390)], [1, 0, 1]);
});

test("the picture can be written as a file, like any other of these shapes", () => {
  const shapes = drawingOf(PICTURE, NUMBERS, placesOf(NUMBERS.sizes, 900, 500));
  const svg = svgOf(shapes, 900, 500, "#ffffff");
  assert.match(svg, /<g><rect [^>]*\/>\n<text [^>]*>× 2<\/text><\/g>/);
});
