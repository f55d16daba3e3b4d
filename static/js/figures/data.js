/**
 * Data and prediction in Plotly's format: the shapes of the plane, with axes and texts of points in
 * the units of the data. The chosen sample has a ring.
 *
 * The ring is a layout image, neither a trace nor a shape: to move one of those, Plotly draws all
 * points again.
 */

import { number } from "../core/format.js";
import { axisOf, figureOf, plain } from "./colour.js";
import { curveOf, planeOf, pointGroups, regionShape, regionSource } from "./plane.js";
import { featureUnits, original, targetUnits, ticksIn } from "./scales.js";
import { SYMBOLS } from "./symbols.js";

const TICKS = { x: 6, y: 5 }; // at most
const MARGIN = { l: 40, r: 14, t: 6, b: 34 };
const NO_IMAGE = { visible: false }; // keeps the positions of the other images

/**
 * @param {Data} data @param {Boundary} boundary @param {Palette} palette
 * @param {{width: number, height: number, sample: number | "batch", batch: number[]}} options
 * @returns {Figure}
 */
export function dataFigure(data, boundary, palette, { width, height, sample, batch }) {
  const { features, ranges, place } = planeOf(data, boundary);
  const [i, j] = features;
  const curve = boundary.kind === "curve";
  const inUnits = (/** @type {number} */ x, /** @type {number} */ y) =>
    /** @type {[number, number]} */ ([x, y]);
  /** @type {Attributes[]} */
  const traces = [
    fitted(boundary, palette),
    ...pointGroups(data, boundary, palette, inUnits).map((group) => points(data, group, features)),
  ];
  if (sample === "batch") traces.push(batchRings(data.train, batch, palette, place));
  const title = (/** @type {string} */ text) => ({
    text: plain(text.length > 28 ? `${text.slice(0, 27)}…` : text),
    font: { size: palette.type },
    standoff: 3,
  });
  const units = [featureUnits(data, i), curve ? targetUnits(data) : featureUnits(data, j)];
  const [across, up] = [
    ticksIn(ranges[0], units[0], TICKS.x),
    ticksIn(ranges[1], units[1], TICKS.y),
  ];
  const margin = {
    ...MARGIN,
    l: Math.max(MARGIN.l, 22 + 6.2 * Math.max(...up.ticktext.map(({ length }) => length), 0)),
  };
  const room = [width - margin.l - margin.r, height - margin.t - margin.b];
  const ringSize = ranges.map(([low, high], axis) => (RING * (high - low)) / room[axis]);
  return figureOf(palette, { width, height }, traces, {
    margin,
    hoverdistance: 14,
    images: [
      ringed(data, sample) ? ring(place(data.train, sample), palette, ringSize) : NO_IMAGE,
      curve ? NO_IMAGE : region(regionShape(data, boundary, palette, inUnits)),
    ],
    xaxis: {
      ...axisOf(palette),
      showgrid: false,
      range: ranges[0],
      ...across,
      title: title(data.features[i]),
    },
    yaxis: {
      ...axisOf(palette),
      showgrid: false,
      ...up,
      title: title(curve ? (data.target_name ?? "target") : data.features[j]),
      range: ranges[1],
    },
  });
}

/** Index of the trace of the fitted curve. */
export const CURVE = 0;

/**
 * The fitted curve; empty where there are regions, so that the traces keep their positions.
 * @param {Boundary} boundary @param {Palette} palette
 */
const fitted = (boundary, palette) => ({
  ...{ type: "scatter", mode: "lines", hoverinfo: "skip" },
  ...(boundary.kind === "curve" ? curveOf(boundary) : { x: [], y: [] }),
  line: { color: palette.phases.forward, width: 2.4 },
});

/** @param {Extract<Shape, {kind: "image"}>} shape in units of the axes */
const region = ({ source, x, y, w, h }) => ({
  ...{ source, x, y, sizex: w, sizey: -h, xref: "x", yref: "y" },
  ...{ sizing: "stretch", layer: "below" },
});

/**
 * The changed prediction: the argument of `restyle`, or the source of the region's image.
 * @param {Boundary} boundary @param {Palette} palette @param {Data} data
 * @returns {{restyle?: Attributes, source?: string}}
 */
export function predictionUpdate(boundary, palette, data) {
  if (boundary.kind !== "curve") return { source: regionSource(data, boundary, palette) };
  const { x, y } = curveOf(boundary);
  return { restyle: { x: [x], y: [y] } };
}

/**
 * A trace of points.
 * @param {Data} data @param {import("./plane.js").PointGroup} group
 * @param {number[]} features on the axes
 */
function points(data, { part, rows, symbol, shapes }, features) {
  const meta = part === data.train ? "train" : "test";
  const [first] = shapes;
  return {
    ...{ type: "scatter", mode: "markers", customdata: rows, meta },
    x: shapes.map(({ x }) => x),
    y: shapes.map(({ y }) => y),
    marker: {
      ...{ size: 2 * first?.r, opacity: first?.alpha ?? 1 },
      symbol: SYMBOLS[symbol % SYMBOLS.length],
      color: shapes.map(({ fill }) => fill),
      line: { color: first?.stroke, width: first?.width },
    },
    text: rows.map((row) => describe(data, part, row, meta, features)),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/**
 * The text of a point, in the units of the data.
 * @param {Data} data @param {DataPart} part @param {number} row @param {string} name of the part
 * @param {number[]} features
 */
function describe(data, part, row, name, features) {
  const target =
    data.task === "classification"
      ? plain(data.classes[part.target[row]] ?? part.target[row])
      : number(original(part.target[row], targetUnits(data)), 4);
  const places = features.map(
    (k) =>
      `${plain(data.features[k])}: ${number(original(part.x[row][k], featureUnits(data, k)), 4)}`,
  );
  return [`${name} ${row} · ${target}`, ...places].join("<br>");
}

/**
 * Light rings around the samples of the batch.
 * @param {DataPart} part @param {number[]} batch @param {Palette} palette
 * @param {ReturnType<typeof planeOf>["place"]} place
 */
function batchRings(part, batch, palette, place) {
  const places = batch.filter((row) => row < part.x.length).map((row) => place(part, row));
  return {
    ...{ type: "scatter", mode: "markers", hoverinfo: "skip" },
    x: places.map(([x]) => x),
    y: places.map(([, y]) => y),
    marker: { size: 11, color: palette.ink, symbol: "circle-open", line: { width: 1.2 } },
  };
}

/**
 * Whether one sample has a ring.
 * @param {Data} data @param {number | "batch"} sample
 * @returns {sample is number}
 */
export const ringed = ({ train }, sample) => sample !== "batch" && sample < train.x.length;

const RING = 20; // pixels, square

/**
 * @param {[number, number]} place @param {Palette} palette
 * @param {number[]} size of the picture, in units of the axes
 */
function ring([x, y], palette, [sizex, sizey]) {
  const circle = `<circle cx="10" cy="10" r="8.5" stroke-width="2.6" stroke="${palette.ink}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${RING} ${RING}"`;
  const drawing = `${svg}>${circle} fill="none"/></svg>`;
  return {
    source: `data:image/svg+xml,${encodeURIComponent(drawing)}`,
    xref: "x",
    yref: "y",
    x,
    y,
    sizex,
    sizey,
    xanchor: "center",
    yanchor: "middle",
    sizing: "contain",
    layer: "above",
  };
}

/**
 * The ring at another sample, for `relayout`.
 * @param {Data} data @param {number | "batch"} sample @param {Boundary} boundary
 * @returns {Record<string, number>} empty without a ring
 */
export function ringUpdate(data, sample, boundary) {
  if (!ringed(data, sample)) return {};
  const [x, y] = planeOf(data, boundary).place(data.train, sample);
  return { "images[0].x": x, "images[0].y": y };
}
