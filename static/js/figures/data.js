/**
 * Data and prediction: decision regions behind the points, or the fitted curve. Classes differ in colour and in
 * symbol; points of the test part are hollow; the chosen sample has a ring.
 */
import { CONFIG, axisOf, frameOf, mix, paleScale, signedScale } from "./colour.js";
import { tensorRows } from "./rows.js";

export const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down", "pentagon", "x", "hexagon"];
const MOST_POINTS = 1200;

/** Evenly chosen positions of at most MOST_POINTS points. @param {number} n */
export function drawn(n) {
  const stride = Math.max(1, Math.ceil(n / MOST_POINTS));
  return Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
}

/** The background trace. @param {any} boundary @param {import("./colour.js").Palette} palette @param {any} data */
function background(boundary, palette, data) {
  const { kind, x, y, z } = boundary;
  if (kind === "curve") {
    return { type: "scatter", mode: "lines", x: [...x.data], y: [...z.data], line: { color: palette.phases.forward, width: 2.4 }, hoverinfo: "skip" };
  }
  const [rows, columns] = [y.data.length, x.data.length];
  const base = { type: "heatmap", x: [...x.data], y: [...y.data], showscale: false, hoverinfo: "skip", zsmooth: "best" };
  if (kind === "classes") {
    return { ...base, zsmooth: false, z: classGrid(boundary), zmin: 0, zmax: data.classes.length, colorscale: classScale(palette, data.classes.length) };
  }
  const [low, high] = kind === "binary" ? [0, 1] : span(data);
  return { ...base, z: tensorRows(z.data, rows, columns), zmin: low, zmax: high, colorscale: kind === "binary" ? paleScale(palette) : signedScale(palette) };
}

/** Class and confidence in one number: k + confidence, each class has its own stretch of the colour scale. */
function classGrid({ x, y, z, confidence }) {
  const [rows, columns] = [y.data.length, x.data.length];
  const mixed = Float32Array.from(z.data, (k, i) => k + Math.min(0.995, Math.max(0.005, confidence ? confidence.data[i] : 0.7)));
  return tensorRows(mixed, rows, columns);
}

function classScale(palette, n) {
  const out = [];
  for (let k = 0; k < n; k++) {
    const colour = palette.classes[k % palette.classes.length];
    out.push([k / n, mix(palette.paper, colour, 0.02)], [(k + 0.3) / n, mix(palette.paper, colour, 0.06)], [(k + 1) / n, mix(palette.paper, colour, 0.48)]);
  }
  return out;
}

const span = (data) => {
  const size = Math.max(...data.train.target.map(Math.abs), 1e-9);
  return [-size, size];
};

/**
 * @param {any} data @param {any} boundary @param {import("./colour.js").Palette} palette
 * @param {{width: number, height: number, axes: number[], sample: number | "batch", batch: number[]}} options
 */
export function dataFigure(data, boundary, palette, { width, height, axes, sample, batch }) {
  const curve = data.features.length === 1;
  const [i, j] = curve ? [0, null] : axes;
  const vertical = (part, row) => (curve ? part.target[row] : part.x[row][j]);
  const traces = [background(boundary, palette, data)];
  for (const [name, part] of [["test", data.test], ["train", data.train]]) {
    const rows = drawn(part.x.length);
    traces.push(points(data, part, rows, name === "train", palette, i, vertical));
  }
  traces.push(ring(data.train, sample, batch, palette, i, vertical));
  const limits = (axis) => [axis.data[0], axis.data[axis.data.length - 1]];
  const title = (text) => ({ text: text.length > 28 ? `${text.slice(0, 27)}…` : text, font: { size: 11 }, standoff: 3 });
  return {
    data: traces,
    layout: {
      ...frameOf(palette, { width, height }),
      margin: { l: 40, r: 10, t: 6, b: 34 },
      hovermode: "closest",
      hoverdistance: 14,
      dragmode: false,
      xaxis: { ...axisOf(palette), showgrid: false, range: limits(boundary.x), nticks: 6, title: title(data.features[i]) },
      yaxis: { ...axisOf(palette), showgrid: false, nticks: 5, title: title(curve ? (data.target_name ?? "target") : data.features[j]), ...(curve ? { autorange: true } : { range: limits(boundary.y) }) },
    },
    config: CONFIG,
  };
}

function points(data, part, rows, train, palette, i, vertical) {
  const classes = data.task === "classification";
  const colour = (row) => palette.classes[part.target[row] % palette.classes.length];
  const numbers = rows.map((row) => part.target[row]);
  const marker = classes
    ? { color: train ? rows.map(colour) : palette.paper, symbol: rows.map((row) => SYMBOLS[part.target[row] % SYMBOLS.length]), line: { color: train ? palette.paper : rows.map(colour), width: train ? 0.8 : 1.4 } }
    : { color: numbers, colorscale: signedScale(palette), cmin: span(data)[0], cmax: span(data)[1], line: { color: train ? palette.strongRule : palette.ink, width: train ? 0.6 : 1.3 } };
  return {
    type: "scatter",
    mode: "markers",
    x: rows.map((row) => part.x[row][i]),
    y: rows.map((row) => vertical(part, row)),
    customdata: rows,
    meta: train ? "train" : "test",
    marker: { size: train ? 7 : 6, opacity: train ? 1 : 0.75, ...marker },
    text: rows.map((row) => `${train ? "train" : "test"} ${row} · ${classes ? (data.classes[part.target[row]] ?? part.target[row]) : Number(part.target[row]).toPrecision(3)}`),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/** Around the chosen sample, or lightly around the samples of the batch. */
function ring(part, sample, batch, palette, i, vertical) {
  const rows = sample === "batch" ? batch : [sample];
  const known = rows.filter((row) => row < part.x.length);
  return {
    type: "scatter",
    mode: "markers",
    x: known.map((row) => part.x[row][i]),
    y: known.map((row) => vertical(part, row)),
    hoverinfo: "skip",
    marker: { size: sample === "batch" ? 11 : 16, color: "rgba(0,0,0,0)", symbol: "circle-open", line: { color: palette.ink, width: sample === "batch" ? 1.1 : 2.2 } },
  };
}

/**
 * The changed background, for a `restyle` of trace 0.
 * @param {any} boundary
 */
export function backgroundUpdate(boundary) {
  const { kind, x, y, z } = boundary;
  if (kind === "curve") return { x: [[...x.data]], y: [[...z.data]] };
  return { z: [kind === "classes" ? classGrid(boundary) : tensorRows(z.data, y.data.length, x.data.length)] };
}
