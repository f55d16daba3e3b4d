/**
 * What the network predicts, in the data figure: decision regions or a surface as a picture behind
 * the points, or a fitted curve.
 */
import { bitmap, colourTable } from "./bitmap.js";
import { mix, paleScale, signedScale } from "./colour.js";

/**
 * The colour of each cell of the regions or the surface.
 * @param {ClassRegions | Surface} boundary @param {Palette} palette @param {Data} data
 * @returns {(cell: number) => [number, number, number]}
 */
function cellColour(boundary, palette, data) {
  const { data: values } = boundary.z;
  const within = (/** @type {number} */ fraction) => Math.max(0, Math.min(1, fraction));
  if (boundary.kind === "classes") {
    const tables = data.classes.map((_, k) => colourTable(confidenceScale(palette, k), 64));
    const confidence = boundary.confidence?.data;
    return (cell) => tables[values[cell]][Math.round(63 * within(confidence?.[cell] ?? 0.7)) || 0];
  }
  const binary = boundary.kind === "binary";
  const table = colourTable(binary ? paleScale(palette) : signedScale(palette));
  const [low, high] = binary ? [0, 1] : targetSpan(data);
  return (cell) => table[Math.round(255 * within((values[cell] - low) / (high - low))) || 0];
}

/**
 * The decision regions or the surface as a picture under the points.
 * @param {ClassRegions | Surface} boundary @param {Palette} palette @param {Data} data
 */
export function region(boundary, palette, data) {
  const { x, y } = boundary;
  const [columns, rows] = [x.data.length, y.data.length];
  const colour = cellColour(boundary, palette, data);
  // the outermost values lie on the edge of the figure: half a cell is outside
  const [left, right, bottom, top] = [x.data[0], x.data[columns - 1], y.data[0], y.data[rows - 1]];
  const [dx, dy] = [(right - left) / (columns - 1), (top - bottom) / (rows - 1)];
  return {
    source: bitmap(columns, rows, (i, j) => colour(j * columns + i)),
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

/**
 * Paler where the network is less sure.
 * @param {Palette} palette @param {number} k class
 * @returns {ColourScale}
 */
function confidenceScale(palette, k) {
  const colour = palette.classes[k % palette.classes.length];
  return [
    [0, mix(palette.paper, colour, 0.02)],
    [0.3, mix(palette.paper, colour, 0.06)],
    [1, mix(palette.paper, colour, 0.48)],
  ];
}

/** Index of the trace of the fitted curve. */
export const CURVE = 0;

/**
 * The fitted curve; empty where there are regions, so that the traces keep their positions.
 * @param {Boundary} boundary @param {Palette} palette
 */
export const fitted = (boundary, palette) => ({
  type: "scatter",
  mode: "lines",
  x: boundary.kind === "curve" ? [...boundary.x.data] : [],
  y: boundary.kind === "curve" ? clipped(boundary.z.data) : [],
  line: { color: palette.phases.forward, width: 2.4 },
  hoverinfo: "skip",
});

/** Without values that an SVG path cannot hold: they are far outside the figure. */
const clipped = (/** @type {ArrayLike<number>} */ values) =>
  Array.from(values, (value) =>
    Number.isFinite(value) ? Math.max(-1e4, Math.min(1e4, value)) : null,
  );

/** Range of the colours of targets: symmetric around 0. @param {Data} data */
export const targetSpan = (data) => {
  const size = Math.max(...data.train.target.map(Math.abs), 1e-9);
  return [-size, size];
};

/**
 * The changed prediction: the argument of `restyle`, or the source of the region's image.
 * @param {Boundary} boundary @param {Palette} palette @param {Data} data
 * @returns {{restyle?: Attributes, source?: string}}
 */
export function predictionUpdate(boundary, palette, data) {
  if (boundary.kind === "curve")
    return { restyle: { x: [[...boundary.x.data]], y: [clipped(boundary.z.data)] } };
  return { source: region(boundary, palette, data).source };
}
