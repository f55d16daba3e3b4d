/**
 * A network too large to draw edge by edge: a heat map per weight matrix, a strip per layer of
 * neurons.
 */

import { CONFIG, CRISP, frameOf, signedScale } from "./colour.js";
import { scalesOf } from "./network.js";
import { pooledRows } from "./rows.js";

/** Most cells of a map in each direction: more would be smaller than a pixel. */
const MOST_CELLS = 96;

/** @typedef {import("./geometry.js").MapsGeometry} MapsGeometry */

/** What Plotly adds to "xaxis". @param {number} index */
const axis = (index) => (index === 0 ? "" : String(index + 1));

/**
 * Boxes in drawing order: strips of layers 0..L, then maps of layers 1..L.
 * @param {MapsGeometry} geometry
 */
const boxesOf = (geometry) => [...geometry.strips, ...geometry.maps];

/**
 * z of each heat map, scaled to -1…1, strips first.
 * @param {import("./network.js").Values} values
 * @param {MapsGeometry} geometry
 */
export function grids(values, geometry) {
  const scales = scalesOf(values);
  const strips = values.layers.map(({ values: list }, layer) =>
    pooledRows(list ?? [], geometry.sizes[layer], 1, 1 / scales.neurons[layer], 4 * MOST_CELLS),
  );
  const maps = values.edges.map(({ data }, i) =>
    pooledRows(data, geometry.sizes[i], geometry.sizes[i + 1], 1 / scales.edges, MOST_CELLS),
  );
  return [...strips, ...maps];
}

/**
 * @param {import("./network.js").Values} values
 * @param {MapsGeometry} geometry
 * @param {import("./colour.js").Palette} palette
 * @returns {import("./colour.js").Figure}
 */
export function mapsFigure(values, geometry, palette) {
  const { width, height } = geometry;
  const z = grids(values, geometry);
  /** @type {import("./colour.js").Figure["layout"]} */
  const layout = {
    ...frameOf(palette, { width, height }),
    margin: { l: 0, r: 0, t: 0, b: 0 },
    hovermode: false,
    dragmode: false,
  };
  const data = boxesOf(geometry).map((box, i) => {
    layout[`xaxis${axis(i)}`] = {
      domain: [box.x / width, (box.x + box.width) / width],
      range: [-0.5, z[i][0].length - 0.5],
      anchor: `y${axis(i)}`,
      ...bare(palette),
    };
    layout[`yaxis${axis(i)}`] = {
      domain: [1 - (box.y + box.height) / height, 1 - box.y / height],
      range: [z[i].length - 0.5, -0.5],
      anchor: `x${axis(i)}`,
      ...bare(palette),
    };
    return {
      type: "heatmap",
      z: z[i],
      xaxis: `x${axis(i)}`,
      yaxis: `y${axis(i)}`,
      zmin: -1,
      zmax: 1,
      colorscale: signedScale(palette),
      showscale: false,
      hoverinfo: "skip",
      ...CRISP,
    };
  });
  return { data, layout, config: { ...CONFIG, staticPlot: true } };
}

/** @param {import("./colour.js").Palette} palette */
const bare = (palette) => ({
  fixedrange: true,
  showgrid: false,
  zeroline: false,
  showticklabels: false,
  ticks: "",
  showline: true,
  mirror: true,
  linecolor: palette.rule,
  linewidth: 1,
});

/** @param {import("./network.js").Values} values @param {MapsGeometry} geometry */
export function mapsUpdate(values, geometry) {
  const z = grids(values, geometry);
  return { update: { z }, traces: z.map((_, i) => i) };
}
