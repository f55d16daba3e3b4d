import assert from "node:assert/strict";
import test from "node:test";
import {
  dataFigure,
  predictionUpdate,
  ringed,
  ringUpdate,
} from "../../../static/js/figures/data.js";
import { BINARY, CLASSES, CURVE, FITTED } from "../helpers/data.js";
import { PALETTE, SIZE } from "../helpers/palette.js";

const options = { ...SIZE, sample: 0, batch: [0, 1] };

test("each class of each part is one trace with its own symbol", () => {
  const { data } = dataFigure(CLASSES, BINARY, PALETTE, options);
  const points = data.filter(({ mode }) => mode === "markers");
  assert.deepEqual(
    points.map(({ meta, customdata, marker }) => [meta, customdata, marker.symbol]),
    [
      ["train", [0], "circle"],
      ["train", [1, 2], "square"],
      ["test", [0], "circle"],
      ["test", [], "square"],
    ],
  );
});

test("a point is described in the units of the data, and its text is no markup", () => {
  const data = { ...CLASSES, classes: ["<A>", "B"], feature_mean: [10, 0], feature_scale: [2, 1] };
  const { data: traces } = dataFigure(data, BINARY, PALETTE, options);
  assert.equal(traces[2].text[0], "train 1 · B<br>width: 12<br>height: 0");
  assert.match(traces[1].text[0], /&lt;A&gt;/);
});

test("with one feature the other axis is the target, in its units", () => {
  const { data, layout } = dataFigure(CURVE, FITTED, PALETTE, options);
  assert.deepEqual(data[1].x, [-1, 0, 1]);
  assert.deepEqual(data[1].y, [1, 0, 1]);
  assert.equal(data[1].text[0], "train 0 · 7<br>x: 8");
  assert.equal(layout.yaxis.title.text, "kind");
  assert.deepEqual(data[0].y, [0.5, 1e4]); // what an SVG path can hold
});

test("the chosen sample has a ring, the batch has rings", () => {
  assert.equal(ringed(CLASSES, 2), true);
  assert.equal(ringed(CLASSES, 3), false);
  assert.equal(ringed(CLASSES, "batch"), false);
  assert.deepEqual(ringUpdate(CLASSES, 2, BINARY), { "images[0].x": 0, "images[0].y": 1 });
  assert.deepEqual(ringUpdate(CLASSES, "batch", BINARY), {});
  const { data, layout } = dataFigure(CLASSES, BINARY, PALETTE, { ...options, sample: "batch" });
  assert.deepEqual(data.at(-1).x, [0, 1]);
  assert.equal(layout.images[0].visible, false);
});

test("a changed prediction is a new curve or a new picture", () => {
  assert.deepEqual(predictionUpdate(FITTED, PALETTE, CURVE).restyle.x, [[-1, 1]]);
  const { source } = predictionUpdate(BINARY, PALETTE, CLASSES);
  assert.match(source, /^data:image\/bmp/);
  const { images } = dataFigure(CLASSES, BINARY, PALETTE, options).layout;
  assert.equal(images[1].source, source);
  const { x, y, sizex, sizey } = images[1];
  assert.deepEqual([x, y, sizex, sizey], [-0.5, 1.5, 2, 2]);
});
