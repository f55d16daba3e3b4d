/**
 * The shapes of the network at one line: edges, neurons with their numbers, of a large network heat
 * maps. The page and the pictures to take along draw the same.
 */
import { number } from "../core/format.js";
import { calm, mix, signedScale } from "./colour.js";
import { numberSize } from "./geometry.js";
import { captionShapes, labelShapes } from "./network-labels.js";
import { textShape } from "./shapes.js";

export const LEVELS = 9;
const SMALLEST = 15; // radius in pixels of a neuron that a number fits into
// Numbers beside neurons need this many pixels between two neurons, and between two layers.
const PITCH = 13.5;
const ACROSS = 106; // less the neurons themselves
/** Most cells of a heat map in each direction: more would be smaller than a pixel. */
const MOST_CELLS = 96;

/**
 * @typedef {{quantity: string, role: string, values: ArrayLike<number> | null}} LayerValues what
 *   the neurons of a layer show, see `shown.js`
 * @typedef {{layers: LayerValues[], edges: {data: ArrayLike<number>}[]}} Values layers: input
 *   first; edges: W or its gradient, (n_in, n_out)
 */

/**
 * The values that get the full colour. Layers of the same quantity have the same.
 * @param {Values} values @returns {{neurons: number[], edges: number}} neurons: of each layer
 */
export function scalesOf({ layers, edges }) {
  const largest = (/** @type {(ArrayLike<number> | null)[]} */ lists) => {
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
      layers.filter((layer) => layer.quantity === quantity).map(({ values }) => values),
    );
  return {
    neurons: layers.map(({ quantity }) => scales[quantity]),
    edges: largest(edges.map((e) => e.data)),
  };
}

/**
 * Width and colour of each class of edges: negative ones first.
 * @param {Palette} palette
 * @returns {{width: number, stroke: string}[]}
 */
export const edgeStyles = (palette) =>
  Array.from({ length: 2 * LEVELS }, (_, k) => {
    const strength = ((k % LEVELS) + 0.5) / LEVELS;
    return {
      width: 0.6 + 5.4 * strength,
      stroke: mix(
        mix(palette.paper, palette.strongRule, 0.45),
        k < LEVELS ? palette.negativeStrong : palette.positiveStrong,
        Math.min(1, 0.12 + 1.1 * strength),
      ),
    };
  });

/**
 * The edges, weak ones first, so that strong ones lie above them.
 * @param {Values} values @param {Geometry} places @param {Palette} palette
 * @returns {Shape[]}
 */
export function edgeShapes(values, { columns, sizes, center }, palette) {
  const scale = scalesOf(values).edges;
  const styles = edgeStyles(palette);
  /** @type {Shape[][]} */
  const classes = styles.map(() => []);
  const heights = sizes.map((n, layer) =>
    Array.from({ length: n }, (_, unit) => center(layer, unit).y),
  );
  values.edges.forEach(({ data }, index) => {
    const [from, to] = [heights[index], heights[index + 1]];
    const [x1, x2] = [columns[index], columns[index + 1]];
    for (let i = 0; i < from.length; i++) {
      for (let j = 0; j < to.length; j++) {
        const value = data[i * to.length + j];
        const level = Math.min(LEVELS - 1, Math.floor((Math.abs(value) / scale) * LEVELS)) || 0;
        const k = value < 0 ? level : LEVELS + level;
        const { stroke, width } = styles[k];
        classes[k].push({ kind: "line", x1, y1: from[i], x2, y2: to[j], stroke, width });
      }
    }
  });
  return Array.from({ length: LEVELS }, (_, level) => [
    classes[level],
    classes[LEVELS + level],
  ]).flat(2);
}

/**
 * The neurons, layer by layer.
 * @param {Values} values @param {Geometry} places @param {Palette} palette
 * @param {string} [accent] colour of what the line touches; the page draws that over the figure
 * @returns {Extract<Shape, {kind: "circle" | "tile"}>[]}
 */
export function unitShapes(values, { sizes, radius, tiles, center }, palette, accent) {
  const scales = scalesOf(values).neurons;
  return values.layers.flatMap(({ values: numbers, role }, layer) => {
    const pending = role === "pending";
    const touched = accent && (role === "writes" || role === "reads");
    const stroke = touched ? accent : pending ? palette.rule : palette.strongRule;
    return Array.from({ length: sizes[layer] }, (_, unit) => {
      const fraction = numbers ? Math.max(-1, Math.min(1, numbers[unit] / scales[layer])) || 0 : 0;
      const strong = fraction < 0 ? palette.negativeStrong : palette.positiveStrong;
      return {
        kind: tiles ? "tile" : "circle",
        ...center(layer, unit),
        r: tiles ? 0.7 * radius : radius, // its response lies over it
        fill: pending ? palette.wash : mix(palette.zero, strong, Math.abs(fraction)),
        stroke,
        width: touched && role === "writes" ? 3 : 1.2,
      };
    });
  });
}

/** Whether numbers are beside their neurons, which are too small for them. */
export function numbersBeside(/** @type {Geometry} */ { mode, radius, sizes, columns, center }) {
  const layer = sizes.indexOf(Math.max(...sizes));
  const pitch = sizes[layer] > 1 ? center(layer, 1).y - center(layer, 0).y : PITCH;
  return (
    mode === "graph" &&
    radius < SMALLEST &&
    pitch >= PITCH &&
    columns[1] - columns[0] >= ACROSS + 2 * radius
  );
}

/** Pixels of a number with its frame. @param {string} text @param {number} size of the font */
export const numberWidth = (text, size) => size * (0.5 * [...text].length + 1);

/**
 * The numbers on the neurons, and what is below them where they stand on responses or beside.
 * They are not Plotly's: it removes the element of a text that is empty, and does not make it again
 * when the text comes back.
 * @param {Values} values @param {Geometry} geometry @param {Palette} palette
 * @param {string} [accent] colour of what the line touches
 * @returns {{grounds: Extract<Shape, {kind: "rect"}>[], numbers: ReturnType<typeof textShape>[]}}
 */
export function numberShapes(values, geometry, palette, accent = palette.strongRule) {
  const { mode, sizes, radius, center, tiles } = geometry;
  /** @type {ReturnType<typeof numberShapes>["grounds"]} */
  const grounds = [];
  /** @type {ReturnType<typeof numberShapes>["numbers"]} */
  const numbers = [];
  const beside = numbersBeside(geometry);
  if (mode !== "graph" || (radius < SMALLEST && !beside)) return { grounds, numbers };
  const scales = scalesOf(values).neurons;
  const size = numberSize(geometry);
  const onTile = tiles && !beside;
  const below = onTile ? radius - 0.1 * size : 0; // at the lower edge of a response
  const half = (beside ? 0.56 : 0.72) * size;
  values.layers.forEach(({ values: shown, quantity, role }, layer) => {
    const touched = role === "reads" || role === "writes";
    // beside: to the right of a neuron, but to the left of an output with a name
    const side = layer === sizes.length - 1 && sizes[layer] > 1 ? -1 : 1;
    Array.from(shown ?? [])
      .slice(0, sizes[layer])
      .forEach((value, unit) => {
        if (!Number.isFinite(value)) return;
        const text = onTile ? number(value) : twoDigits(value);
        const w = numberWidth(text, size);
        const at = center(layer, unit);
        const x = at.x + (beside ? (radius + 3 + w / 2) * side : 0);
        const y = at.y + below;
        // on a colour so dark that the text must be light
        const strong = !tiles && !beside && Math.abs(value / scales[layer]) > 0.62;
        if (tiles || beside)
          grounds.push({
            ...{ kind: "rect", x: x - w / 2, y: y - half, w, h: 2 * half, rx: 0.5 * size },
            ...{ fill: palette.sheet, stroke: touched ? accent : palette.strongRule },
            style: `pill pill-${role}`,
          });
        numbers.push({
          ...textShape(text, x, y, strong ? palette.sheet : palette.ink, size, palette),
          style: `number${strong ? " strong" : ""}${onTile ? " below" : ""}`,
          data: { "data-neuron": `${layer}.${unit}`, "data-quantity": quantity },
        });
      });
  });
  return { grounds, numbers };
}

/** Two significant digits: what fits into a circle. @param {number} value */
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
 * A flat matrix as rows for a heat map. Blocks of entries that would be smaller than a pixel are
 * drawn as one, the largest in magnitude, so that nothing that matters disappears. Missing numbers
 * are 0.
 * @param {ArrayLike<number>} data @param {number} rows @param {number} columns
 * @param {number} times @param {number} most
 * @returns {Float32Array[]}
 */
export function pooledRows(data, rows, columns, times, most) {
  const [height, width] = [Math.min(rows, most), Math.min(columns, most)];
  const out = Array.from({ length: height }, () => new Float32Array(width));
  for (let i = 0; i < rows; i++) {
    const row = out[Math.floor((i * height) / rows)];
    for (let j = 0; j < columns; j++) {
      const value = (data[i * columns + j] ?? 0) * times;
      const k = Math.floor((j * width) / columns);
      if (Math.abs(value) > Math.abs(row[k])) row[k] = value;
    }
  }
  return out;
}

/**
 * A network too large to draw edge by edge: a strip for each layer of neurons, then a heat map for
 * each weight matrix; values are scaled to -1…1.
 * @param {Values} values @param {HeatGeometry} places @param {Palette} palette
 * @returns {Extract<Shape, {kind: "cells"}>[]}
 */
export function cellShapes(values, { sizes, strips, matrices }, palette) {
  const scales = scalesOf(values);
  const scale = signedScale(palette);
  const rows = [
    ...values.layers.map(({ values: numbers }, k) =>
      pooledRows(numbers ?? [], sizes[k], 1, 1 / scales.neurons[k], 4 * MOST_CELLS),
    ),
    ...values.edges.map(({ data }, k) =>
      pooledRows(data, sizes[k], sizes[k + 1], 1 / scales.edges, MOST_CELLS),
    ),
  ];
  return [...strips, ...matrices].map(({ x, y, w, h }, k) => ({
    ...{ kind: "cells", x, y, w, h, scale, rows: rows[k] },
  }));
}

/**
 * All of it, for a picture.
 * @param {{layers: Shown[], edges: Values["edges"]}} values @param {Geometry} places
 * @param {Palette} palette
 * @param {{layers: {activation: string}[], names: {features: string[], classes: string[]},
 *   phase: string, responses?: string}} about responses: address of a picture of the
 *   units' responses, all in one
 * @returns {Shape[]}
 */
export function networkShapes(values, places, palette, { layers, names, phase, responses }) {
  const accent = palette.phases[phase] ?? palette.ink;
  const { width: w, height: h } = places;
  const { grounds, numbers } = numberShapes(values, places, palette, accent);
  return [
    ...(places.mode === "heat"
      ? cellShapes(values, places, palette)
      : [
          ...edgeShapes(values, places, palette),
          ...unitShapes(values, places, palette, accent),
          /** @type {Shape[]} */ (
            responses ? [{ kind: "image", source: responses, x: 0, y: 0, w, h }] : []
          ),
        ].flat()),
    ...[grounds, numbers].flat(),
    ...labelShapes(places, layers, names, palette),
    ...captionShapes(places, values.layers, palette, accent),
  ];
}
