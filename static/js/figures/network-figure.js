/** The Plotly figure of the network's shapes: its neurons as points, or its heat maps. */

import { CONFIG, CRISP, frameOf } from "./colour.js";

/** @typedef {Extract<Shape, {kind: "circle" | "tile"}>} UnitShape */
/** @typedef {Extract<Shape, {kind: "cells"}>} CellsShape */
/** @typedef {{width: number, height: number}} Size */

/** What Plotly adds to "xaxis". @param {number} index */
const axis = (index) => (index === 0 ? "" : String(index + 1));

/**
 * Without texts: Plotly would compute annotations again in every frame.
 * @param {UnitShape[] | CellsShape[]} shapes @param {Size} size @param {Palette} palette
 * @returns {Figure}
 */
export function networkFigure(shapes, size, palette) {
  const [first] = shapes;
  const { data, axes } =
    !first || first.kind === "cells"
      ? heatMaps(/** @type {CellsShape[]} */ (shapes), size, palette)
      : points(/** @type {UnitShape[]} */ (shapes), size);
  return {
    data,
    layout: {
      ...frameOf(palette, size),
      margin: { l: 0, r: 0, t: 0, b: 0 },
      hovermode: false,
      dragmode: false,
      ...axes,
    },
    config: { ...CONFIG, staticPlot: true },
  };
}

/** Colours of the points, which change from frame to frame. @param {UnitShape[]} shapes */
export const coloursOf = (shapes) => ({
  color: shapes.map(({ fill }) => fill ?? ""),
  outline: shapes.map(({ stroke }) => stroke ?? ""),
});

/** @param {UnitShape[]} shapes @param {Size} size */
function points(shapes, { width, height }) {
  const { color, outline } = coloursOf(shapes);
  const [first] = shapes;
  const marker = {
    symbol: first.kind === "tile" ? "square" : "circle",
    size: 2 * first.r,
    color,
    line: { color: outline, width: first.width },
    opacity: 1,
  };
  const place = { x: shapes.map(({ x }) => x), y: shapes.map(({ y }) => y) };
  return {
    data: [{ type: "scatter", mode: "markers", ...place, hoverinfo: "skip", marker }],
    axes: {
      xaxis: { visible: false, range: [0, width], fixedrange: true },
      yaxis: { visible: false, range: [height, 0], fixedrange: true },
    },
  };
}

/** @param {CellsShape[]} shapes @param {Size} size @param {Palette} palette */
function heatMaps(shapes, { width, height }, palette) {
  const bare = {
    ...{ fixedrange: true, showgrid: false, zeroline: false, showticklabels: false, ticks: "" },
    ...{ showline: true, mirror: true, linecolor: palette.rule, linewidth: 1 },
  };
  /** @type {Record<string, object>} */
  const axes = shapes.length ? {} : { xaxis: { visible: false }, yaxis: { visible: false } };
  const data = shapes.map(({ x, y, w, h, rows, scale }, i) => {
    axes[`xaxis${axis(i)}`] = {
      domain: [x / width, (x + w) / width],
      range: [-0.5, rows[0].length - 0.5],
      anchor: `y${axis(i)}`,
      ...bare,
    };
    axes[`yaxis${axis(i)}`] = {
      domain: [1 - (y + h) / height, 1 - y / height],
      range: [rows.length - 0.5, -0.5],
      anchor: `x${axis(i)}`,
      ...bare,
    };
    return {
      ...{ type: "heatmap", z: rows, zmin: -1, zmax: 1, colorscale: scale, showscale: false },
      ...{ xaxis: `x${axis(i)}`, yaxis: `y${axis(i)}`, hoverinfo: "skip" },
      ...CRISP,
    };
  });
  return { data, axes };
}
