import assert from "node:assert/strict";
import test from "node:test";
import { named } from "../../../static/js/core/names.js";
import { geometry } from "../../../static/js/figures/geometry.js";
import {
  cellShapes,
  edgeShapes,
  edgeStyles,
  LEVELS,
  networkShapes,
  numberShapes,
  pooledRows,
  scalesOf,
  twoDigits,
} from "../../../static/js/figures/network.js";
import { svgOf } from "../../../static/js/figures/shapes.js";
import { PALETTE } from "../helpers/palette.js";

const ABOUT = {
  layers: [{ activation: "tanh" }],
  names: { features: ["p", "q"], classes: [] },
  phase: "forward",
};
const layer = (id, role, values) => ({
  ...{ variable: named(id), quantity: named(id).quantity, role, values },
});
const VALUES = {
  layers: [layer("x", "reads", [1, -2]), layer("z1", "writes", [0.5])],
  edges: [{ data: [1, -1] }],
};
const ofKind = (shapes, kind) => shapes.filter((shape) => shape.kind === kind);

test("two digits fit into a circle", () => {
  const texts = [0, 0.5, -0.123, 1.26, 12.34, 123.4].map(twoDigits);
  for (const text of texts) assert.ok(text.length <= 5, text);
  assert.equal(texts[0], "0");
  assert.equal(twoDigits(-0.123), `−${twoDigits(0.123)}`);
});

test("a positive and a negative style for each level, wider and stronger with size", () => {
  const styles = edgeStyles(PALETTE);
  assert.equal(styles.length, 2 * LEVELS);
  for (const k of [0, LEVELS]) assert.ok(styles[k + LEVELS - 1].width > 3 * styles[k].width);
  assert.notEqual(styles[LEVELS - 1].stroke, styles[2 * LEVELS - 1].stroke);
});

test("each edge is drawn once, from neuron to neuron, in the style of its sign and size", () => {
  const places = geometry([2, 2], 400, 300);
  const edges = edgeShapes({ layers: [], edges: [{ data: [1, -1, 0.1, 0] }] }, places, PALETTE);
  const styles = edgeStyles(PALETTE);
  const used = edges.map(({ stroke, width }) =>
    styles.findIndex((style) => style.stroke === stroke && style.width === width),
  );
  // weak ones first: 0.1 and 0, then the strongest negative and the strongest positive one
  assert.deepEqual(used, [LEVELS, LEVELS, LEVELS - 1, 2 * LEVELS - 1]);
  const [from, to] = [places.center(0, 0), places.center(1, 0)];
  const { x1, y1, x2, y2 } = edges.at(-1);
  assert.deepEqual([x1, y1, x2, y2], [from.x, from.y, to.x, to.y]);
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
    return numberShapes({ layers, edges: [] }, places, PALETTE).numbers.map(({ x, data }) => {
      const [layer, unit] = data["data-neuron"].split(".").map(Number);
      return Math.sign(x - places.center(layer, unit).x);
    });
  };
  assert.deepEqual(new Set(numbers(600)), new Set([0]));
  assert.deepEqual(numbers(220), [...Array(12).fill(1), ...Array(3).fill(-1)]);
  assert.deepEqual(numbers(160), []);
  assert.deepEqual(numbers(220, 330), []);
});

test("a picture has each edge, each neuron with its number, and the names", () => {
  const shapes = networkShapes(VALUES, geometry([2, 1], 400, 300), PALETTE, ABOUT);
  assert.equal(ofKind(shapes, "line").length, 2);
  assert.equal(ofKind(shapes, "circle").length, 3);
  const texts = ofKind(shapes, "text").map(({ text }) => text);
  for (const text of ["1.00", "−2.00", "0.50", "p", "q"]) assert.ok(texts.includes(text), text);
  const ring = ofKind(shapes, "circle").at(-1);
  assert.deepEqual([ring.stroke, ring.width], [PALETTE.phases.forward, 3]);
});

test("numbers that are on their way are not in it", () => {
  const values = { ...VALUES, layers: [VALUES.layers[0], layer("z1", "writes", null)] };
  const shapes = networkShapes(values, geometry([2, 1], 400, 300), PALETTE, ABOUT);
  assert.ok(!shapes.some(({ text }) => text === "0.50"));
});

test("the responses of units are one picture, and each number has a ground of its own", () => {
  const places = geometry([2, 1], 400, 300, {}, undefined, true);
  const responses = "data:image/png;base64,AAAA";
  const shapes = networkShapes(VALUES, places, PALETTE, { ...ABOUT, responses });
  assert.deepEqual(
    ["circle", "tile", "rect"].map((kind) => ofKind(shapes, kind).length),
    [0, 3, 3],
  );
  const svg = svgOf(shapes, 400, 300, "#ffffff");
  assert.ok(
    svg.includes(
      `<image href="${responses}" x="0" y="0" width="400" height="300" preserveAspectRatio="none"/>`,
    ),
  );
});

const LARGE = geometry([20, 18], 600, 300);
const MANY = {
  layers: [layer("x", "known", Array(20).fill(2)), layer("a1", "pending", null)],
  edges: [{ data: Array.from({ length: 360 }, (_, k) => (k === 19 ? -4 : 1)) }],
};

test("a picture of a large network has the heat maps of the page", () => {
  assert.equal(LARGE.mode, "heat");
  const picture = networkShapes(MANY, LARGE, PALETTE, ABOUT);
  assert.deepEqual(ofKind(picture, "cells"), cellShapes(MANY, LARGE, PALETTE));
});

test("numbers of heat maps are scaled to -1…1, missing ones are 0", () => {
  const [x, a, W] = cellShapes(MANY, LARGE, PALETTE).map(({ rows }) => rows);
  assert.equal(a[0][0], 0);
  assert.ok(x[0][0] > 0 && x[0][0] <= 1);
  assert.ok(W[1][1] < 0 && W[1][1] >= -1 && W[0][0] > 0);
});

test("entries too small to see are pooled to the largest in magnitude", () => {
  const found = pooledRows([1, -5, 2, 3], 1, 4, 1, 2).map((row) => [...row]);
  assert.deepEqual(found, [[-5, 3]]);
});

test("a small matrix stays as it is, missing numbers are 0", () => {
  const found = pooledRows([1, NaN, 3, null], 2, 2, 2, 10).map((row) => [...row]);
  assert.deepEqual(found, [
    [2, 0],
    [6, 0],
  ]);
});
