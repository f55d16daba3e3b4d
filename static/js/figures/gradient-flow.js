/**
 * How much gradient each layer receives: now (a point per layer on a log axis) and over the run
 * (layer × step), side by side on one axis of layers.
 */
import { TEXT } from "../text/en.js";
import {
  axisOf,
  CRISP,
  figureOf,
  magnitudeScale,
  powersOfTen,
  rimmed,
  scatter,
  upright,
} from "./colour.js";

const COLUMNS = 140;
const MARGIN = { l: 36, r: 18, t: 6, b: 38 };
const GAP = 28; // pixels between the two at least: their outer ticks stand beside each other

/**
 * @typedef {{step: number, layers: {gradient?: {W_norm: Finite, z_norm: Finite}}[]}} Norms what the
 *   figure reads of a frame
 */

/**
 * @param {Norms} frame @param {RunHistory} history @param {Palette} palette
 * @param {{width: number, height: number, end: number, reference?: Norms | null, edits?: number[],
 *   mean?: boolean}} options end: right end of the step axis; reference: frame of another run;
 *   edits: steps at which the run was changed; mean: a running mean over the steps
 * @returns {Figure}
 */
export function gradientFlowFigure(
  frame,
  history,
  palette,
  { width, height, end, reference = null, edits = [], mean = false },
) {
  const layers = frame.layers.map((_, i) => i + 1);
  const W = frame.layers.map((layer) => positive(layer.gradient?.W_norm));
  const z = frame.layers.map((layer) => positive(layer.gradient?.z_norm));
  const run = runGrid(history, layers.length, end, mean);
  const violet = palette.phases.backward;
  const other = reference?.layers.map((layer) => positive(layer.gradient?.W_norm)) ?? [];
  const range = decades([...W, ...z, ...other]);
  const depth = layers.length;
  const half = Math.min(0.25, Math.max(0.03, GAP / 2 / (width - MARGIN.l - MARGIN.r)));
  const y = {
    ...axisOf(palette),
    range: [0.5, depth + 0.5],
    dtick: depth > 12 ? 4 : 1,
    tick0: 1,
    showgrid: false,
    ticks: "",
    title: { text: TEXT.figures.layerAxis, font: { size: palette.type }, standoff: 4 },
  };
  return figureOf(
    palette,
    { width, height },
    [
      norms(W, "‖∂C/∂W‖", { color: violet, width: 1.5 }, rimmed("square", 7, violet, violet, 0)),
      norms(
        z,
        "‖∂C/∂z‖",
        { color: violet, width: 1, dash: "dot" },
        rimmed("circle", 7, palette.paper, violet, 1.6),
      ),
      {
        type: "heatmap",
        x0: end / COLUMNS / 2,
        dx: end / COLUMNS,
        y0: 1,
        dy: 1,
        z: run.z,
        xaxis: "x2",
        yaxis: "y",
        zmin: run.low,
        zmax: run.high,
        colorscale: magnitudeScale(palette, violet),
        showscale: false,
        ...CRISP,
        hoverongaps: false,
        customdata: run.z.map((row) => row.map((power) => (power === null ? null : 10 ** power))),
        hovertemplate: TEXT.figures.normHover,
      },
      norms(
        other,
        "reference: ‖∂C/∂W‖",
        { color: palette.soft, width: 1 },
        rimmed("square-open", 6, palette.soft, palette.soft, 1),
      ),
    ],
    {
      margin: MARGIN,
      xaxis: {
        ...axisOf(palette),
        domain: [0, 0.5 - half],
        type: "log",
        range,
        ...powersOfTen(range),
        title: { text: TEXT.figures.normNow, font: { size: palette.type }, standoff: 4 },
      },
      xaxis2: {
        ...axisOf(palette),
        domain: [0.5 + half, 1],
        range: [0, end],
        nticks: 4,
        exponentformat: "SI",
        showgrid: false,
        title: { text: TEXT.figures.stepAxis, font: { size: palette.type }, standoff: 4 },
      },
      yaxis: y,
      shapes: [
        stepLine(frame.step, palette.ink, "solid"),
        ...[...new Set(edits)].map((step) => stepLine(step, palette.phases.update, "dot")),
      ],
    },
  );
}

/**
 * A norm of each layer.
 * @param {(number | null)[]} values @param {string} name
 * @param {Attributes} line @param {Attributes} points
 */
const norms = (values, name, line, points) =>
  scatter(
    values,
    values.map((_, i) => i + 1),
    { line, ...points },
    `${name} of layer %{y}: %{x:.3g}<extra></extra>`,
    "lines+markers",
  );

/** @param {number} step @param {string} color @param {string} dash */
const stepLine = (step, color, dash) => upright(step, { color, dash, width: 1.2 }, "x2");

/**
 * A log axis has no place for 0: such a layer has no point, and the alarm names it.
 * @param {number | null | undefined} value
 */
const positive = (value) => (value && value > 0 ? value : null);

/** Whole decades around the values, so that the axis moves seldom. */
export function decades(/** @type {(number | null)[]} */ values) {
  const known = values
    .filter((value) => value !== null)
    .filter(Number.isFinite)
    .map((value) => Math.log10(value));
  if (!known.length) return [-3, 1];
  const low = Math.floor(Math.min(...known) - 0.15);
  const high = Math.ceil(Math.max(...known) + 0.15);
  return high - low < 2 ? [low - 1, high] : [low, high];
}

/**
 * log10 of ‖∂C/∂W‖ on an even grid of steps: the recorded points lie ever further apart, an even
 * grid draws fast.
 * @param {RunHistory} history @param {number} depth @param {number} end
 * @param {boolean} [mean] of each column and its neighbours
 */
export function runGrid(history, depth, end, mean = false) {
  /** @type {(number | null)[][]} */
  const z = Array.from({ length: depth }, () => new Array(COLUMNS).fill(null));
  let low = Infinity;
  let high = -Infinity;
  let point = 0;
  const steps = history.step;
  for (let column = 0; column < COLUMNS && steps.length; column++) {
    const step = ((column + 0.5) * end) / COLUMNS;
    if (step > history.reached + end / COLUMNS) break;
    while (
      point + 1 < steps.length &&
      Math.abs(steps[point + 1] - step) <= Math.abs(steps[point] - step)
    )
      point++;
    for (let layer = 0; layer < depth; layer++) {
      const norm = history.W_norm[layer]?.[point];
      if (!(norm > 0)) continue;
      const value = Math.log10(norm);
      z[layer][column] = value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(high > low))
    [low, high] = [Number.isFinite(low) ? low - 1 : -3, Number.isFinite(high) ? high + 0.1 : 0];
  return { z: mean ? z.map(runningMean) : z, low, high };
}

const REACH = 4; // columns on each side that a running mean is over

/**
 * @param {(number | null)[]} row powers of ten: their mean is the geometric one of the norms
 * @returns {(number | null)[]}
 */
function runningMean(row) {
  return row.map((value, k) => {
    if (value === null) return null;
    const near = row.slice(Math.max(0, k - REACH), k + REACH + 1).filter((each) => each !== null);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
}
