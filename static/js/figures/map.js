/** The map of a sweep: one square for each run. */
import { number } from "../core/format.js";
import { digitsFor, titleOf, valueText } from "../core/sweep.js";
import { axisOf, CRISP, figureOf, mix, signedScale } from "./colour.js";

const MOST_TICKS = 6;
const MOST_NAMES = 12;
// pixels of a number at an axis, with the space beside it
const NUMBER_WIDTH = 64;
const NUMBER_HEIGHT = 18;

/**
 * Blue for the better end, orange for the other. Without a direction, blue is the lower end.
 * @param {Palette} palette @param {string | null} better
 * @returns {ColourScale}
 */
export function mapScale(palette, better) {
  const scale = signedScale(palette);
  return better === "higher" ? scale : scale.map(([at], k) => [at, scale[scale.length - 1 - k][1]]);
}

/**
 * Whether powers of ten are shown, and the range of the colours, which leaves out the worst tenth.
 * A score, of which the higher is the better, is not shown by powers.
 * @param {Cells} cells @param {string | null} [better]
 * @returns {{log: boolean, low: number, high: number}}
 */
export function rangeOf(cells, better = null) {
  const sorted = cells.values.filter(Number.isFinite).sort();
  if (!sorted.length) return { log: false, low: 0, high: 1 };
  const positive = sorted.filter((value) => value > 0);
  // zeros, such as a gradient that has vanished, then have the colour of the lowest value
  const log = better !== "higher" && sorted[0] >= 0 && (positive.at(-1) ?? 0) > 20 * positive[0];
  const ranked = log ? positive.map(Math.log10) : sorted;
  const at = (/** @type {number} */ fraction) => ranked[Math.round(fraction * (ranked.length - 1))];
  const [low, high] = [at(0.01), at(0.97)];
  return { log, low, high: high > low ? high : low + 1e-9 + Math.abs(low) * 1e-6 };
}

/**
 * @param {import("../core/sweep.js").Value[]} values
 * @param {number} most numbers for which there is room
 */
function ticks(values, most) {
  const names = values.some((value) => typeof value === "string");
  const every = Math.ceil(values.length / (names ? MOST_NAMES : Math.min(MOST_TICKS, most)));
  const tickvals = values.map((_, k) => k).filter((k) => k % every === 0);
  const shown = tickvals.map((k) => values[k]);
  const digits = digitsFor(shown, 2);
  const ticktext = shown.map((value) => valueText(value, digits));
  // without turning: turned numbers would lie over the title of the axis
  return { tickvals, ticktext, ...(names ? {} : { tickangle: 0 }) };
}

/**
 * @param {Sweep} sweep with the values of its axes
 * @param {Cells} cells @param {import("../core/sweep.js").Measure} measure @param {Palette} palette
 * @param {{width: number, height: number, best: Cell | null, cursor: Cell | null, corner?: Cell |
 *   null}} view corner: the other end of the rectangle that is being drawn
 * @returns {Figure}
 */
export function mapFigure(sweep, cells, measure, palette, { width, height, best, cursor, corner }) {
  const { rows, columns } = cells;
  const { log, low, high } = rangeOf(cells, measure.better);
  const grid = (/** @type {(k: number) => number | null} */ make) =>
    Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) => make(r * columns + c)),
    );
  const shown = (/** @type {number} */ k) => {
    const value = cells.values[k];
    if (!Number.isFinite(value)) return null;
    return Math.min(high, Math.max(low, log ? Math.log10(value) : value));
  };
  const [first, second] = sweep.axes;
  const bar = legendOf(log, low, high);
  const margin = { l: 66, r: Math.max(62, marginOf(bar.ticktext)), t: 8, b: 38 };
  const across = Math.max(1, Math.floor((width - margin.l - margin.r) / NUMBER_WIDTH));
  const down = Math.max(1, Math.floor((height - margin.t - margin.b) / NUMBER_HEIGHT));
  /** @param {Axis | undefined} axis @param {number} size @param {number} most */
  const axis = (axis, size, most) => ({
    ...axisOf(palette),
    ...(axis ? ticks(axis.values ?? [], most) : { tickvals: [], ticktext: [] }),
    tickmode: "array",
    range: [-0.5, size - 0.5],
    showgrid: false,
    title: axis
      ? { text: titleOf(axis.field), font: { size: palette.type }, standoff: 4 }
      : { text: "" },
  });
  return figureOf(
    palette,
    { width, height },
    [
      {
        type: "heatmap",
        name: "values",
        z: grid(shown),
        zmin: low,
        zmax: high,
        colorscale: mapScale(palette, measure.better),
        hoverinfo: "none",
        ...CRISP,
        showscale: false,
      },
      {
        // runs that diverged: the ink's colour, paler the later they did
        type: "heatmap",
        name: "diverged",
        z: grid((k) => (Number.isFinite(cells.diverged[k]) ? cells.diverged[k] : null)),
        zmin: 0,
        zmax: Math.max(1, sweep.step),
        colorscale: [
          [0, palette.ink],
          [1, mix(palette.ink, palette.paper, 0.55)],
        ],
        showscale: false,
        hoverinfo: "none",
        ...CRISP,
        visible: measure.name !== "diverged_at",
      },
      {
        type: "scatter",
        name: "best",
        mode: "markers",
        x: best ? [best.column] : [],
        y: best ? [best.row] : [],
        marker: {
          ...{ symbol: "star", size: 13, color: palette.paper },
          line: { color: palette.ink, width: 1.4 },
        },
        hoverinfo: "none",
      },
      {
        // the legend: that of plotly.js would set styles, which the page's policy forbids
        type: "heatmap",
        name: "legend",
        xaxis: "x2",
        yaxis: "y2",
        x: [0],
        y: bar.shown,
        z: bar.shown.map((value) => [value]),
        zmin: low,
        zmax: high,
        colorscale: mapScale(palette, measure.better),
        showscale: false,
        hoverinfo: "none",
        ...CRISP,
      },
    ],
    {
      margin,
      hovermode: false,
      xaxis: { ...axis(second, columns, across), domain: [0, 0.95] },
      yaxis: axis(first, rows, down),
      xaxis2: {
        ...axisOf(palette),
        domain: [0.975, 1],
        showticklabels: false,
        ticks: "",
        showgrid: false,
      },
      yaxis2: {
        ...axisOf(palette),
        ...{ anchor: "x2", side: "right", showgrid: false, tickmode: "array", ticks: "outside" },
        ...{ tickvals: bar.tickvals, ticktext: bar.ticktext, range: [low, high] },
        title: { text: measure.title, font: { size: palette.type }, standoff: 2 },
      },
      shapes: cursor ? [outline(cursor, corner ?? cursor, palette)] : [],
    },
  );
}

/** The px that labels and the title beside them need. @param {string[]} labels */
const marginOf = (labels) => 28 + 6.4 * Math.max(0, ...labels.map((label) => label.length));

/** @param {Cell} a @param {Cell} b @param {Palette} palette */
const outline = (a, b, palette) => ({
  type: "rect",
  x0: Math.min(a.column, b.column) - 0.5,
  x1: Math.max(a.column, b.column) + 0.5,
  y0: Math.min(a.row, b.row) - 0.5,
  y1: Math.max(a.row, b.row) + 0.5,
  line: { color: palette.ink, width: 2 },
});

/** @param {boolean} log @param {number} low @param {number} high */
function legendOf(log, low, high) {
  const at = (/** @type {number} */ fraction) => low + fraction * (high - low);
  const tickvals = [0, 0.25, 0.5, 0.75, 1].map(at);
  const values = tickvals.map((value) => (log ? 10 ** value : value));
  const digits = digitsFor(values, 2);
  return {
    tickvals,
    ticktext: values.map((value) => number(value, digits)),
    shown: Array.from({ length: 64 }, (_, k) => at((k + 0.5) / 64)),
  };
}

/**
 * A curve as the path of an SVG of this size; values below or above the range are cut off.
 * @param {number[]} steps @param {(number | null)[]} values
 * @param {{width: number, height: number, last: number, low: number, high: number}} frame
 */
export function curvePath(steps, values, { width, height, last, low, high }) {
  const span = high > low ? high - low : 1;
  let path = "";
  steps.forEach((step, k) => {
    const value = values[k];
    if (value === null || !Number.isFinite(value)) return;
    const y = height - (height * (Math.min(high, Math.max(low, value)) - low)) / span;
    const x = (width * step) / Math.max(1, last);
    path += `${path ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return path;
}
