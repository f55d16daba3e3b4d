/**
 * The network as a graph: one Plotly trace with the neurons, and edges grouped into classes of
 * colour and width, which network-canvas.js draws below it.
 */
import { number } from "../core/format.js";
import { CONFIG, calm, frameOf, mix } from "./colour.js";
import { numberSize } from "./geometry.js";

export const LEVELS = 9;
const SMALLEST = 15; // radius in pixels of a neuron that a number fits into
// Numbers beside neurons need this many pixels between two neurons, and between two layers.
const PITCH = 13.5;
const ACROSS = 106; // less the neurons themselves

/**
 * @typedef {{quantity: string, role: string, values: ArrayLike<number> | null}} LayerValues what
 *   the neurons of a layer show, see `shown.js`
 * @typedef {{layers: LayerValues[], edges: {data: ArrayLike<number>}[]}} Values layers: input
 *   first; edges: W or its gradient, (n_in, n_out)
 */
/** @typedef {import("./geometry.js").Geometry} Geometry */
/** @typedef {import("./colour.js").Palette} Palette */

/**
 * The values that get the full colour. Layers that show the same quantity share one.
 * @param {Values} values @returns {{neurons: number[], edges: number}} neurons: of each layer
 */
export function scalesOf({ layers, edges }) {
  /** @param {(ArrayLike<number> | null)[]} lists */
  const largest = (lists) => {
    let out = 0;
    for (const list of lists)
      if (list)
        for (let i = 0; i < list.length; i++) if (Math.abs(list[i]) > out) out = Math.abs(list[i]);
    return calm(out);
  };
  /** @type {Record<string, number>} */
  const scales = {};
  for (const { quantity } of layers)
    scales[quantity] ??= largest(
      layers.filter((own) => own.quantity === quantity).map(({ values }) => values),
    );
  return {
    neurons: layers.map(({ quantity }) => scales[quantity]),
    edges: largest(edges.map((e) => e.data)),
  };
}

/**
 * x and y of each class of edges.
 * @param {Values} values @param {Geometry} geometry @param {number} scale
 * @returns {{x: (number | null)[][], y: (number | null)[][]}}
 */
export function edgeClasses(values, geometry, scale) {
  /** @type {(number | null)[][]} */
  const x = Array.from({ length: 2 * LEVELS }, () => []);
  /** @type {(number | null)[][]} */
  const y = Array.from({ length: 2 * LEVELS }, () => []);
  const { columns, sizes, center } = geometry;
  const heights = sizes.map((n, layer) =>
    Array.from({ length: n }, (_, unit) => center(layer, unit).y),
  );
  values.edges.forEach(({ data }, index) => {
    const [from, to] = [heights[index], heights[index + 1]];
    for (let i = 0; i < from.length; i++) {
      for (let j = 0; j < to.length; j++) {
        const value = data[i * to.length + j];
        const level = Math.min(LEVELS - 1, Math.floor((Math.abs(value) / scale) * LEVELS)) || 0;
        const k = value < 0 ? level : LEVELS + level;
        x[k].push(columns[index], columns[index + 1], null);
        y[k].push(from[i], to[j], null);
      }
    }
  });
  return { x, y };
}

/**
 * Fill and outline of all neurons, layer by layer.
 * @param {Values} values
 * @param {number[]} sizes
 * @param {number[]} scales
 * @param {Palette} palette
 */
export function neuronMarks({ layers }, sizes, scales, palette) {
  /** @type {string[]} */
  const color = [];
  /** @type {string[]} */
  const outline = [];
  layers.forEach(({ values, role }, layer) => {
    for (let unit = 0; unit < sizes[layer]; unit++) {
      const share = values ? Math.max(-1, Math.min(1, values[unit] / scales[layer])) || 0 : 0;
      color.push(
        role === "pending"
          ? palette.wash
          : mix(
              palette.zero,
              share < 0 ? palette.negativeStrong : palette.positiveStrong,
              Math.abs(share),
            ),
      );
      outline.push(role === "pending" ? palette.rule : palette.strongRule);
    }
  });
  return { color, outline };
}

/**
 * Whether numbers are beside their neurons, which are too small for them.
 * @param {Geometry} geometry
 */
export function numbersBeside({ mode, radius, sizes, columns, center }) {
  const layer = sizes.indexOf(Math.max(...sizes));
  const pitch = sizes[layer] > 1 ? center(layer, 1).y - center(layer, 0).y : PITCH;
  return (
    mode === "graph" &&
    radius < SMALLEST &&
    pitch >= PITCH &&
    columns[1] - columns[0] >= ACROSS + 2 * radius
  );
}

/**
 * Pixels of a number with its frame.
 * @param {string} text @param {number} size of the font
 */
export const numberWidth = (text, size) => size * (0.5 * [...text].length + 1);

/**
 * The numbers on the neurons. They are not Plotly's: it removes the element of a text that is
 * empty, and does not make it again when the text comes back.
 * @param {Values} values
 * @param {Geometry} geometry
 * @param {number[]} scales
 * @returns {{layer: number, unit: number, quantity: string, x: number, y: number, text: string,
 *   strong: boolean}[]} strong: on a colour so dark that the text must be light
 */
export function neuronNumbers({ layers }, geometry, scales) {
  const { mode, sizes, radius, center, tiles } = geometry;
  const beside = numbersBeside(geometry);
  if (mode !== "graph" || (radius < SMALLEST && !beside)) return [];
  const size = numberSize(geometry);
  // to the right of a neuron, but to the left of an output with a name
  /** @param {number} layer @param {string} text */
  const shift = (layer, text) =>
    beside
      ? (radius + 3 + numberWidth(text, size) / 2) *
        (layer === sizes.length - 1 && sizes[layer] > 1 ? -1 : 1)
      : 0;
  return layers.flatMap(({ values, quantity }, layer) =>
    Array.from(values ?? [])
      .slice(0, sizes[layer])
      .map((value, unit) => {
        const text = tiles && !beside ? number(value) : twoDigits(value);
        const { x, y } = center(layer, unit);
        return {
          layer,
          unit,
          quantity,
          value,
          text,
          y,
          x: x + shift(layer, text),
          strong: !tiles && !beside && Math.abs(value / scales[layer]) > 0.62,
        };
      })
      .filter(({ value }) => Number.isFinite(value)),
  );
}

/**
 * Two significant digits: what fits into a circle.
 * @param {number} value
 */
export function twoDigits(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text =
    size >= 1e4
      ? size.toExponential(0).replace("+", "")
      : size >= 100
        ? size.toFixed(0)
        : size >= 10
          ? size.toFixed(1)
          : size >= 0.095
            ? size.toFixed(2)
            : size >= 0.00095
              ? size.toFixed(3)
              : size.toExponential(0).replace("-", "−");
  return (value < 0 ? "−" : "") + text;
}

/**
 * Without texts: Plotly would compute annotations again in every frame (see `network-labels.js`).
 * @param {Values} values
 * @param {Geometry} geometry
 * @param {Palette} palette
 * @returns {import("./colour.js").Figure}
 */
export function networkFigure(values, geometry, palette) {
  const { width, height, radius, sizes, center } = geometry;
  const scales = scalesOf(values);
  const places = sizes.flatMap((n, layer) =>
    Array.from({ length: n }, (_, unit) => center(layer, unit)),
  );
  const marks = neuronMarks(values, sizes, scales.neurons, palette);
  const neurons = {
    type: "scatter",
    mode: "markers",
    x: places.map((p) => p.x),
    y: places.map((p) => p.y),
    hoverinfo: "skip",
    marker: {
      symbol: geometry.tiles ? "square" : "circle",
      size: geometry.tiles ? 1.4 * radius : 2 * radius, // a map lies over it
      color: marks.color,
      line: { color: marks.outline, width: 1.2 },
      opacity: 1,
    },
  };
  return {
    data: [neurons],
    layout: {
      ...frameOf(palette, { width, height }),
      margin: { l: 0, r: 0, t: 0, b: 0 },
      hovermode: false,
      dragmode: false,
      xaxis: { visible: false, range: [0, width], fixedrange: true },
      yaxis: { visible: false, range: [height, 0], fixedrange: true },
    },
    config: { ...CONFIG, staticPlot: true },
  };
}

/**
 * The colours of the neurons, which change from frame to frame.
 * @param {Values} values
 * @param {Geometry} geometry
 * @param {Palette} palette
 */
export const networkColours = (values, geometry, palette) =>
  neuronMarks(values, geometry.sizes, scalesOf(values).neurons, palette);
