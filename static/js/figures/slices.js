/**
 * Cuts through the cost around the parameters of a step: along a gradient, or over a plane with the
 * path so far.
 */

import { describeParameter } from "../core/edits.js";
import { argmin } from "../core/slice.js";
import { TEXT } from "../text/en.js";
import { axisOf, figureOf, magnitudeScale, rimmed, scatter, upright } from "./colour.js";

/** Those that are finite. @param {Finite[]} values @returns {number[]} */
export const finiteOf = (values) =>
  values.filter((value) => value !== null).filter(Number.isFinite);

/**
 * The costs along one of the two gradients.
 * @param {GradientSlice} answer @param {"batch" | "train"} of whose gradient
 * @returns {Direction}
 */
export const directionOf = (answer, of) =>
  answer.directions.find((direction) => direction.of === of) ?? answer.directions[0];

/**
 * The cost along a negative gradient.
 * @param {GradientSlice} answer @param {"batch" | "train"} of whose gradient
 * @param {Palette} palette @param {{width: number, height: number}} size
 * @returns {Figure}
 */
export function lineFigure(answer, of, palette, { width, height }) {
  const direction = directionOf(answer, of);
  const { t, cost_train: train, cost_batch: batch, update } = direction;
  const { cost, update: green } = palette.phases;
  const range = heights(answer, direction);
  const [beyond, below] = [range[1] + 4 * (range[1] - range[0]), range[0]];
  /** Within what an SVG path can hold: the curve leaves the figure straight up. */
  const bounded = (/** @type {Finite} */ value) =>
    value === null || !Number.isFinite(value) ? null : Math.max(below, Math.min(beyond, value));
  /** @param {Finite[]} y @param {string} dash @param {string} name */
  const curve = (y, dash, name) => ({
    type: "scatter",
    mode: "lines",
    x: t,
    y: y.map(bounded),
    customdata: y,
    line: { color: cost, width: 1.8, dash },
    connectgaps: false,
    hovertemplate: `${name}, t = %{x:.3g}: %{customdata:.4g}<extra></extra>`,
  });
  // where it still falls at the end there is no minimum to show
  const least = [train, batch]
    .map((values) => ({ k: argmin(values), values }))
    .filter(({ k }) => k > 0 && k < t.length - 1);
  const after = update.t === null ? [] : [update.t]; // where the update lands, if on the line
  return figureOf(
    palette,
    { width, height },
    [
      curve(train, "solid", TEXT.figures.trainingSet),
      curve(batch, "dash", "batch"),
      scatter(
        least.map(({ k }) => t[k]),
        least.map(({ k, values }) => values[k]),
        rimmed("triangle-down", 10, palette.paper, cost, 1.8),
        "least here, t = %{x:.3g}: %{y:.4g}<extra></extra>",
      ),
      scatter(
        [0, 0],
        [answer.cost.train, answer.cost.batch],
        rimmed("circle", 9, palette.paper, palette.ink, 2),
        "now: %{y:.4g}<extra></extra>",
      ),
      scatter(
        after.flatMap((at) => [at, at]),
        after.flatMap(() => [update.cost_train, update.cost_batch].map(bounded)),
        rimmed("diamond", 10, green, palette.paper, 1),
        TEXT.figures.afterUpdateHover,
      ),
    ],
    {
      margin: { l: 50, r: 14, t: 6, b: 38 },
      xaxis: {
        ...axisOf(palette),
        range: [t[0], t[t.length - 1]],
        nticks: 6,
        title: { text: TEXT.figures.alongGradient, font: { size: palette.type }, standoff: 4 },
      },
      yaxis: {
        ...axisOf(palette),
        range,
        nticks: 4,
        title: {
          text: TEXT.figures.costAxis,
          font: { size: palette.type, color: cost },
          standoff: 6,
        },
      },
      shapes: [dotted(0, palette.ink, 1), ...after.map((at) => dotted(at, green, 1.4))],
    },
  );
}

/** @param {number} x @param {string} color @param {number} width */
const dotted = (x, color, width) => ({
  ...upright(x, { color, width, dash: "dot" }),
  layer: "below",
});

/**
 * Range of the vertical axis: from the least cost to somewhat above the present one.
 * @param {GradientSlice} answer @param {Direction} direction
 */
export function heights(answer, { cost_train, cost_batch, update }) {
  const now = finiteOf([answer.cost.train, answer.cost.batch]);
  if (!now.length) return [0, 1];
  const line = finiteOf([...cost_train, ...cost_batch]);
  const least = Math.min(...line, ...now);
  // the costs after the update are in the figure, unless they are far above all others
  const landed = finiteOf([update.cost_train, update.cost_batch]).filter(
    (value) => value - least < 20 * (Math.max(...now) - least + 1e-12),
  );
  const low = Math.min(least, ...landed); // an update beside the line may land lower
  const high = Math.max(...now, ...landed);
  const most = Math.max(...line, high);
  const above = Math.min(most, high + 0.9 * (high - low || Math.abs(high) || 1));
  const margin = 0.08 * (above - low || 1);
  return [low - margin, above + margin];
}

/**
 * @param {string} axis as the server names it
 * @param {{axes: string[], seed?: number}} answer
 */
export function axisName(axis, answer) {
  if (axis === "gradient") return "along −∂C/∂θ";
  if (axis === "start") return TEXT.figures.towardsStart;
  if (axis === "random")
    return answer.axes[0] === "random" && answer.axes[1] === "random"
      ? "random"
      : TEXT.figures.randomSeed(answer.seed);
  return describeParameter(axis) ?? axis;
}

/**
 * Do the costs differ so much that their powers of ten are shown?
 * @param {number[]} values finite
 */
const spread = (values) =>
  Math.min(...values) > 0 && Math.max(...values) > 20 * Math.min(...values);

/** @param {Finite[]} x @param {Finite[]} y @param {string} color @param {number} width */
const line = (x, y, color, width) => ({
  ...{ type: "scatter", mode: "lines", x, y, line: { color, width }, hoverinfo: "skip" },
});

/**
 * The cost over a plane, the path of training so far, the present point and the next update.
 * @param {PlaneSlice} answer @param {Palette} palette
 * @param {{width: number, height: number, square?: boolean}} size square: both axes to one scale
 * @returns {Figure}
 */
export function planeFigure(answer, palette, { width, height, square = false }) {
  const { x, y, cost, here, update, path } = answer;
  const finite = finiteOf(cost.flat());
  const log = finite.length > 0 && spread(finite);
  const shown = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
  const sorted = [...finite].sort((p, q) => p - q).map(shown);
  const [low, high] = [sorted[0] ?? 0, sorted[Math.floor(0.97 * (sorted.length - 1))] ?? 1];
  /** @param {Finite} value */
  const clipped = (value) => (value === null ? null : Math.min(shown(value), high));
  const { ink, paper, phases } = palette;
  const known = [update.x, update.y].every((value) => value !== null && Number.isFinite(value));
  const start = path?.step[0] === 0 ? [{ x: path.x[0], y: path.y[0] }] : [];
  /** @param {number[]} range @param {string} name */
  const axis = (range, name) => ({
    ...axisOf(palette),
    range: [range[0], range[range.length - 1]],
    showgrid: false,
    nticks: 5,
    title: { text: axisName(name, answer), font: { size: palette.type }, standoff: 4 },
  });
  return figureOf(
    palette,
    { width, height },
    [
      {
        type: "contour",
        x,
        y,
        z: cost.map((row) => row.map(clipped)),
        customdata: cost,
        zmin: low,
        zmax: high > low ? high : low + 1,
        autocontour: false,
        contours: {
          coloring: "fill",
          start: low,
          end: high > low ? high : low + 1,
          size: ((high > low ? high : low + 1) - low) / 14,
        },
        line: { width: 0.6, color: palette.soft },
        colorscale: magnitudeScale(palette, phases.cost),
        showscale: false,
        hovertemplate: "%{x:.3g}, %{y:.3g}: cost %{customdata:.4g}<extra></extra>",
      },
      line(path?.x ?? [], path?.y ?? [], paper, 4),
      scatter(
        path?.x ?? [],
        path?.y ?? [],
        {
          customdata: path?.step.map((step, k) => [step, path.off[k]]) ?? [],
          line: { color: ink, width: 1.6 },
          marker: { size: 4, color: ink },
        },
        TEXT.figures.stepHover,
        "lines+markers",
      ),
      scatter(
        start.map((point) => point.x),
        start.map((point) => point.y),
        rimmed("square", 10, ink, paper, 1.2),
        "start<extra></extra>",
      ),
      line(known ? [here.x, update.x] : [], known ? [here.y, update.y] : [], phases.update, 2),
      scatter(
        [here.x],
        [here.y],
        rimmed("circle-open", 17, ink, ink, 2.8),
        TEXT.figures.costNow(Number(here.cost).toPrecision(4)),
      ),
      scatter(
        known ? [update.x] : [],
        known ? [update.y] : [],
        rimmed("diamond", 10, phases.update, paper, 1.2),
        TEXT.figures.afterUpdateCost(
          update.cost === null ? TEXT.core.notFinite : Number(update.cost).toPrecision(4),
        ),
      ),
    ],
    {
      margin: { l: 50, r: 14, t: 6, b: 34 },
      xaxis: { ...axis(x, answer.axes[0]), ...(square ? { constrain: "domain" } : {}) },
      yaxis: {
        ...axis(y, answer.axes[1]),
        ...(square ? { scaleanchor: "x", constrain: "domain" } : {}),
      },
    },
  );
}
