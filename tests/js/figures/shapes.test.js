import assert from "node:assert/strict";
import test from "node:test";
import { paintShapes, svgOf, textShape } from "../../../static/js/figures/shapes.js";
import { PALETTE } from "../helpers/palette.js";

const SCALE = [
  [0, "#ff0000"],
  [0.5, "#ffffff"],
  [1, "#0000ff"],
];
const CELLS = { kind: "cells", x: 0, y: 0, w: 20, h: 10, rows: [[-1, 1]], scale: SCALE };

test("names of the data cannot become markup of a file", () => {
  const shape = textShape('<script>"&', 1, 2, "#000000", 12, PALETTE);
  const svg = svgOf([shape], 10, 10, "#ffffff");
  assert.ok(svg.includes('&lt;script&gt;"&amp;</text>'));
  assert.ok(!svg.includes("<script"));
});

/** A context that notes what is drawn, with the colour and the width of lines. */
function recorder() {
  const done = [];
  const note =
    (name) =>
    (...given) =>
      done.push([name, ...given]);
  const names = ["beginPath", "moveTo", "lineTo", "arc", "roundRect", "fill", "fillText"];
  const context = Object.fromEntries(names.map((name) => [name, note(name)]));
  context.stroke = () => done.push(["stroke", context.strokeStyle, context.lineWidth]);
  return { context, done };
}

test("every shape is painted and written, transparent ones too", () => {
  const shapes = [
    { kind: "line", x1: 0, y1: 0, x2: 1, y2: 1, stroke: "#000000", width: 1, alpha: 0.5 },
    { kind: "circle", x: 0, y: 0, r: 1, fill: "#000000" },
    { kind: "tile", x: 5, y: 5, r: 2, fill: "#00ff00", stroke: "#000000" },
    { kind: "rect", x: 0, y: 0, w: 1, h: 1, fill: "#000000" },
    CELLS,
    textShape("a", 0, 0, "#000000", 12, PALETTE),
  ];
  const { context, done } = recorder();
  paintShapes(context, shapes);
  const count = (name) => done.filter(([each]) => each === name).length;
  assert.deepEqual(["stroke", "fill", "fillText"].map(count), [2, 5, 1]);
  const svg = svgOf(shapes, 20, 10, "#ffffff");
  assert.ok(svg.includes('opacity="0.5"'));
  assert.ok(
    svg.includes('<rect x="3" y="3" width="4" height="4" fill="#00ff00" stroke="#000000"/>'),
  );
  assert.ok(svg.includes('fill="rgb(255,0,0)"') && svg.includes('fill="rgb(0,0,255)"'));
});

test("opaque lines of one style are one path", () => {
  const line = (x1, stroke, alpha) => ({
    ...{ kind: "line", x1, y1: 0, x2: 9, y2: 9, stroke, width: 2, alpha },
  });
  const { context, done } = recorder();
  paintShapes(context, [line(1, "a"), line(2, "a"), line(3, "b"), line(4, "b", 0.5)]);
  const strokes = done.filter(([name]) => name === "stroke");
  assert.deepEqual(
    strokes.map(([, colour]) => colour),
    ["a", "b", "b"],
  );
  assert.equal(done.filter(([name]) => name === "moveTo").length, 4);
});
