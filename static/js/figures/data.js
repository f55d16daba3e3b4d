/**
 * Data and prediction: decision regions behind the points, or the fitted curve. Classes differ in
 * colour and in symbol; points of the test part are hollow; the chosen sample has a ring.
 *
 * Points stand where the network sees them, which is standardised; ticks and what is said of a
 * point are in the data's own units.
 *
 * The ring is a picture, no trace and no shape: to move one of those, Plotly draws all points
 * again.
 */

import { number } from "../core/format.js";
import { bitmap, colourTable } from "./bitmap.js";
import { axisOf, CONFIG, frameOf, mix, paleScale, plain, signedScale } from "./colour.js";
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
const MOST_POINTS = 1200;
const TICKS = { x: 6, y: 5 }; // at most
const MARGIN = { l: 40, r: 14, t: 6, b: 34 };
const NOTHING = { visible: false }; // keeps the places of the other pictures

/** Evenly chosen positions of at most MOST_POINTS points. @param {number} n */
export function drawn(n) {
  const stride = Math.max(1, Math.ceil(n / MOST_POINTS));
  return Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
}

/**
 * The decision regions or the surface as a picture under the points.
 * @param {any} boundary
 * @param {import("./colour.js").Palette} palette
 * @param {import("../core/wire.js").Data} data
 */
function region(boundary, palette, data) {
  const { kind, x, y, z, confidence } = boundary;
  const [columns, rows] = [x.data.length, y.data.length];
  let colour;
  if (kind === "classes") {
    const tables = data.classes.map((_, k) => colourTable(confidenceScale(palette, k), 64));
    colour = (i, j) =>
      tables[z.data[j * columns + i]][
        Math.round(
          63 * Math.max(0, Math.min(1, confidence ? confidence.data[j * columns + i] : 0.7)),
        )
      ];
  } else {
    const table = colourTable(kind === "binary" ? paleScale(palette) : signedScale(palette));
    const [low, high] = kind === "binary" ? [0, 1] : span(data);
    colour = (i, j) =>
      table[
        Math.round(
          255 * Math.max(0, Math.min(1, (z.data[j * columns + i] - low) / (high - low))),
        ) || 0
      ];
  }
  // the outermost values lie on the edge of the figure: half a cell stands beyond it
  const [left, right, bottom, top] = [x.data[0], x.data[columns - 1], y.data[0], y.data[rows - 1]];
  const [dx, dy] = [(right - left) / (columns - 1), (top - bottom) / (rows - 1)];
  return {
    source: bitmap(columns, rows, colour),
    xref: "x",
    yref: "y",
    x: left - dx / 2,
    y: top + dy / 2,
    sizex: right - left + dx,
    sizey: top - bottom + dy,
    sizing: "stretch",
    layer: "below",
  };
}

/** Paler where the network is less sure. */
function confidenceScale(palette, k) {
  const colour = palette.classes[k % palette.classes.length];
  return [
    [0, mix(palette.paper, colour, 0.02)],
    [0.3, mix(palette.paper, colour, 0.06)],
    [1, mix(palette.paper, colour, 0.48)],
  ];
}

/** The fitted curve; empty where there are regions, so that the traces keep their places. */
const fitted = (boundary, palette) => ({
  type: "scatter",
  mode: "lines",
  x: boundary.kind === "curve" ? [...boundary.x.data] : [],
  y: boundary.kind === "curve" ? clipped(boundary.z.data) : [],
  line: { color: palette.phases.forward, width: 2.4 },
  hoverinfo: "skip",
});

/** The targets and a margin: a curve that runs away does not take the axis with it. */
function around(data) {
  const targets = [...data.train.target, ...data.test.target];
  const [low, high] = [Math.min(...targets), Math.max(...targets)];
  const margin = 0.15 * (high - low || 1);
  return [low - margin, high + margin];
}

/** Beyond what an SVG path can hold, far outside the figure anyway. */
const clipped = (values) =>
  Array.from(values, (value) =>
    Number.isFinite(value) ? Math.max(-1e4, Math.min(1e4, value)) : null,
  );

const span = (data) => {
  const size = Math.max(...data.train.target.map(Math.abs), 1e-9);
  return [-size, size];
};

/**
 * @param {import("../core/wire.js").Data} data
 * @param {any} boundary
 * @param {import("./colour.js").Palette} palette
 * @param {{width: number, height: number, axes: number[], sample: number | "batch", batch:
 *   number[]}} options
 */
export function dataFigure(data, boundary, palette, { width, height, axes, sample, batch }) {
  const curve = data.features.length === 1;
  const [i, j] = curve ? [0, null] : axes;
  const vertical = (part, row) => (curve ? part.target[row] : part.x[row][j]);
  const traces = [];
  for (const part of [data.train, data.test]) {
    const rows = drawn(part.x.length);
    const groups =
      data.task === "classification"
        ? data.classes.map((_, k) => rows.filter((row) => part.target[row] === k))
        : [rows];
    for (const group of groups)
      traces.push(points(data, part, group, part === data.train, palette, [i, j], vertical));
  }
  traces.unshift(fitted(boundary, palette));
  if (sample === "batch") traces.push(batchRings(data.train, batch, palette, i, vertical));
  const limits = (axis) => [axis.data[0], axis.data[axis.data.length - 1]];
  const title = (text) => ({
    text: plain(text.length > 28 ? `${text.slice(0, 27)}…` : text),
    font: { size: 11 },
    standoff: 3,
  });
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
  return {
    data: traces,
    layout: {
      ...frameOf(palette, { width, height }),
      margin,
      hovermode: "closest",
      hoverdistance: 14,
      dragmode: false,
      images: [
        ringed(data, sample) ? ring(ringPlace(data, sample, boundary), palette, ringSize) : NOTHING,
        curve ? NOTHING : region(boundary, palette, data),
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
    },
    config: CONFIG,
  };
}

/**
 * One symbol for rows of a part.
 * @param {(number | null)[]} shown features on the axes; the second is null where the target is
 */
function points(data, part, rows, train, palette, shown, vertical) {
  const [i] = shown;
  const classes = data.task === "classification";
  const numbers = rows.map((row) => part.target[row]);
  const k = classes ? (numbers[0] ?? 0) : 0;
  const colour = palette.classes[k % palette.classes.length];
  const marker = classes
    ? {
        color: train ? colour : palette.paper,
        symbol: SYMBOLS[k % SYMBOLS.length],
        line: { color: train ? palette.paper : colour, width: train ? 0.8 : 1.4 },
      }
    : {
        color: numbers,
        colorscale: signedScale(palette),
        cmin: span(data)[0],
        cmax: span(data)[1],
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
    text: rows.map((row) => describe(data, part, row, train ? "train" : "test", shown)),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/** What is said of a point, in the data's own units. */
function describe(data, part, row, name, shown) {
  const target =
    data.task === "classification"
      ? plain(data.classes[part.target[row]] ?? part.target[row])
      : number(original(part.target[row], targetUnits(data)), 4);
  const places = shown
    .filter((k) => k !== null)
    .map(
      (k) =>
        `${plain(data.features[k])}: ${number(original(part.x[row][k], featureUnits(data, k)), 4)}`,
    );
  return [`${name} ${row} · ${target}`, ...places].join("<br>");
}

/** Lightly around the samples of the batch. */
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
 * @param {import("../core/wire.js").Data} data
 * @param {number | "batch"} sample
 */
export const ringed = ({ train }, sample) => sample !== "batch" && sample < train.x.length;

/**
 * Where the chosen sample is.
 * @param {import("../core/wire.js").Data} data
 * @param {number} sample
 * @param {any} boundary
 * @returns {[number, number]}
 */
function ringPlace({ train, features }, sample, { axes }) {
  return features.length === 1
    ? [train.x[sample][0], train.target[sample]]
    : [train.x[sample][axes[0]], train.x[sample][axes[1]]];
}

const RING = 20; // pixels, square

/**
 * @param {[number, number]} place
 * @param {import("./colour.js").Palette} palette
 * @param {number[]} size of the picture, in units of the axes
 */
function ring([x, y], palette, [sizex, sizey]) {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${RING} ${RING}"><circle cx="10" cy="10" r="8.5" fill="none" stroke="${palette.ink}" stroke-width="2.6"/></svg>`;
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
 * @param {import("../core/wire.js").Data} data
 * @param {number | "batch"} sample
 * @param {any} boundary
 * @returns {Record<string, number>} empty without a ring
 */
export function ringUpdate(data, sample, boundary) {
  if (!ringed(data, sample)) return {};
  const [x, y] = ringPlace(data, /** @type {number} */ (sample), boundary);
  return { "images[0].x": x, "images[0].y": y };
}

/**
 * The changed prediction: what to give to `restyle` or to `relayout`.
 * @param {any} boundary
 * @param {import("./colour.js").Palette} palette
 * @param {import("../core/wire.js").Data} data
 * @returns {{restyle?: any, relayout?: any}}
 */
export function predictionUpdate(boundary, palette, data) {
  if (boundary.kind === "curve")
    return { restyle: { x: [[...boundary.x.data]], y: [clipped(boundary.z.data)] } };
  return { relayout: { "images[1].source": region(boundary, palette, data).source } };
}

/** Index of the trace of the fitted curve. */
export const CURVE = 0;
