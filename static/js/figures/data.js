/**
 * Data and prediction: decision regions behind the points, or the fitted curve. Classes differ in
 * colour and in symbol; points of the test part are hollow; the chosen sample has a ring.
 *
 * Points have standardised coordinates, as the network sees them; ticks and the texts of points are
 * in the units of the data.
 *
 * The ring is a layout image, neither a trace nor a shape: to move one of those, Plotly draws all
 * points again.
 */

import { number } from "../core/format.js";
import { axisOf, figureOf, plain, signedScale } from "./colour.js";
import { fitted, region, targetSpan } from "./prediction.js";
import { featureUnits, original, targetUnits, ticksIn } from "./scales.js";

export const SYMBOLS = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "cross",
  "star",
  "triangle-down",
  "pentagon",
  "x",
  "hexagon",
];
/** @typedef {(part: DataPart, row: number) => number} Height vertical coordinate of a point */

const MOST_POINTS = 1200;
const TICKS = { x: 6, y: 5 }; // at most
const MARGIN = { l: 40, r: 14, t: 6, b: 34 };
const NO_IMAGE = { visible: false }; // keeps the positions of the other images

/** Evenly chosen positions of at most MOST_POINTS points. @param {number} n */
export function drawn(n) {
  const stride = Math.max(1, Math.ceil(n / MOST_POINTS));
  return Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
}

/** The targets and a margin, whatever the curve does. @param {Data} data */
function around(data) {
  const targets = [...data.train.target, ...data.test.target];
  const [low, high] = [Math.min(...targets), Math.max(...targets)];
  const margin = 0.15 * (high - low || 1);
  return [low - margin, high + margin];
}

/**
 * @param {Data} data @param {Boundary} boundary @param {Palette} palette
 * @param {{width: number, height: number, sample: number | "batch", batch: number[]}} options
 * @returns {Figure}
 */
export function dataFigure(data, boundary, palette, { width, height, sample, batch }) {
  const features = boundary.kind === "curve" ? [0] : boundary.axes;
  const [i, j] = features;
  /** @type {Height} */
  const vertical = (part, row) => (boundary.kind === "curve" ? part.target[row] : part.x[row][j]);
  const traces = [];
  for (const part of [data.train, data.test]) {
    const rows = drawn(part.x.length);
    const groups =
      data.task === "classification"
        ? data.classes.map((_, k) => rows.filter((row) => part.target[row] === k))
        : [rows];
    groups.forEach((group, k) => {
      traces.push(points(data, part, group, k, palette, features, vertical));
    });
  }
  traces.unshift(fitted(boundary, palette));
  if (sample === "batch") traces.push(batchRings(data.train, batch, palette, i, vertical));
  const limits = (/** @type {Tensor} */ axis) => [axis.data[0], axis.data[axis.data.length - 1]];
  const title = (/** @type {string} */ text) => ({
    text: plain(text.length > 28 ? `${text.slice(0, 27)}…` : text),
    font: { size: palette.type },
    standoff: 3,
  });
  const curve = boundary.kind === "curve";
  const ranges = [limits(boundary.x), curve ? around(data) : limits(boundary.y)];
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
      ringed(data, sample) ? ring(ringPlace(data, sample, boundary), palette, ringSize) : NO_IMAGE,
      boundary.kind === "curve" ? NO_IMAGE : region(boundary, palette, data),
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

/**
 * One symbol for rows of a part.
 * @param {Data} data @param {DataPart} part @param {number[]} rows
 * @param {number} k class of the rows
 * @param {Palette} palette
 * @param {number[]} features on the axes; one where the other axis is the target
 * @param {Height} vertical
 */
function points(data, part, rows, k, palette, features, vertical) {
  const [i] = features;
  const train = part === data.train;
  const colour = palette.classes[k % palette.classes.length];
  const marker =
    data.task === "classification"
      ? {
          color: train ? colour : palette.paper,
          symbol: SYMBOLS[k % SYMBOLS.length],
          line: { color: train ? palette.paper : colour, width: train ? 0.8 : 1.4 },
        }
      : {
          color: rows.map((row) => part.target[row]),
          colorscale: signedScale(palette),
          cmin: targetSpan(data)[0],
          cmax: targetSpan(data)[1],
          line: { color: train ? palette.strongRule : palette.ink, width: train ? 0.6 : 1.3 },
        };
  return {
    type: "scatter",
    mode: "markers",
    x: rows.map((row) => part.x[row][i]),
    y: rows.map((row) => vertical(part, row)),
    customdata: rows,
    meta: train ? "train" : "test",
    marker: { size: train ? 7 : 6, opacity: train ? 1 : 0.75, ...marker },
    text: rows.map((row) => describe(data, part, row, train ? "train" : "test", features)),
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
 * @param {number} i feature of the horizontal axis
 * @param {Height} vertical
 */
function batchRings(part, batch, palette, i, vertical) {
  const known = batch.filter((row) => row < part.x.length);
  return {
    type: "scatter",
    mode: "markers",
    x: known.map((row) => part.x[row][i]),
    y: known.map((row) => vertical(part, row)),
    hoverinfo: "skip",
    marker: { size: 11, color: palette.ink, symbol: "circle-open", line: { width: 1.2 } },
  };
}

/**
 * Whether one sample has a ring.
 * @param {Data} data @param {number | "batch"} sample
 * @returns {sample is number}
 */
export const ringed = ({ train }, sample) => sample !== "batch" && sample < train.x.length;

/**
 * Where the chosen sample is.
 * @param {Data} data @param {number} sample @param {Boundary} boundary
 * @returns {[number, number]}
 */
function ringPlace({ train }, sample, { kind, axes }) {
  return kind === "curve"
    ? [train.x[sample][0], train.target[sample]]
    : [train.x[sample][axes[0]], train.x[sample][axes[1]]];
}

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
  const [x, y] = ringPlace(data, sample, boundary);
  return { "images[0].x": x, "images[0].y": y };
}
