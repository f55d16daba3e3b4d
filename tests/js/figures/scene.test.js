import assert from "node:assert/strict";
import test from "node:test";
import { named } from "../../../static/js/core/names.js";
import { geometry } from "../../../static/js/figures/geometry.js";
import { networkScene, paintMarks, svgOf, textMark } from "../../../static/js/figures/scene.js";
import { PALETTE } from "../helpers/palette.js";

const ABOUT = {
  layers: [{ activation: "tanh" }],
  names: { features: ["p", "q"], classes: [] },
  phase: "forward",
};
const layer = (id, role, values) => ({
  variable: named(id),
  quantity: named(id).quantity,
  role,
  values,
});
const VALUES = {
  layers: [layer("x", "reads", [1, -2]), layer("z1", "writes", [0.5])],
  edges: [{ data: [1, -1] }],
};

test("a scene has each edge, each neuron with its number, and the names", () => {
  const marks = networkScene(VALUES, geometry([2, 1], 400, 300), PALETTE, ABOUT);
  const of = (kind) => marks.filter((mark) => mark.kind === kind);
  assert.equal(of("line").length, 2);
  assert.equal(of("circle").length, 3);
  const texts = of("text").map(({ text }) => text);
  for (const text of ["1.00", "−2.00", "0.50", "p", "q"]) assert.ok(texts.includes(text), text);
  const ring = of("circle").at(-1);
  assert.deepEqual([ring.stroke, ring.width], [PALETTE.phases.forward, 3]);
});

test("numbers that are on their way are not in it", () => {
  const values = { ...VALUES, layers: [VALUES.layers[0], layer("z1", "writes", null)] };
  const marks = networkScene(values, geometry([2, 1], 400, 300), PALETTE, ABOUT);
  assert.ok(!marks.some(({ text }) => text === "0.50"));
});

test("a large network is drawn as cells", () => {
  const values = {
    layers: [layer("x", "reads", Array(64).fill(1)), layer("z1", "writes", [1])],
    edges: [{ data: Array(64).fill(1) }],
  };
  const marks = networkScene(values, geometry([64, 1], 400, 300), PALETTE, ABOUT);
  assert.equal(marks.filter(({ kind }) => kind === "rect").length, 64 + 1 + 64);
});

test("the maps of units are one picture, and each number has a ground of its own", () => {
  const places = geometry([2, 1], 400, 300, {}, undefined, true);
  const maps = "data:image/png;base64,AAAA";
  const marks = networkScene(VALUES, places, PALETTE, { ...ABOUT, maps });
  assert.equal(marks.filter(({ kind }) => kind === "circle").length, 0);
  assert.equal(marks.filter(({ kind }) => kind === "rect").length, 3);
  const svg = svgOf(marks, 400, 300, "#ffffff");
  assert.ok(svg.includes(`<image href="${maps}" x="0" y="0" width="400" height="300"/>`));
});

test("names of the data cannot become markup of a file", () => {
  const mark = textMark('<script>"&', 1, 2, "#000000", 12, PALETTE);
  const svg = svgOf([mark], 10, 10, "#ffffff");
  assert.ok(svg.includes("&lt;script&gt;&quot;&amp;</text>"));
  assert.ok(!svg.includes("<script"));
});

test("every mark is painted, transparent ones too", () => {
  const done = [];
  const note = (name) => () => done.push(name);
  const names = ["beginPath", "moveTo", "lineTo", "arc", "stroke", "fill", "fillRect", "fillText"];
  const context = Object.fromEntries(names.map((name) => [name, note(name)]));
  paintMarks(context, [
    { kind: "line", x1: 0, y1: 0, x2: 1, y2: 1, stroke: "#000000", width: 1, alpha: 0.5 },
    { kind: "circle", x: 0, y: 0, r: 1, fill: "#000000" },
    { kind: "rect", x: 0, y: 0, w: 1, h: 1, fill: "#000000" },
    textMark("a", 0, 0, "#000000", 12, PALETTE),
  ]);
  for (const name of ["stroke", "fill", "fillRect", "fillText"]) assert.ok(done.includes(name));
});
