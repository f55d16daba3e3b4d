/**
 * The network as a graph. Edges are grouped into CLASSES of colour and width, one trace each, with gaps between the
 * segments: some twenty traces redraw in the time of a few, however many edges there are.
 */
import { subscript } from "../format.js";
import { CONFIG, calm, frameOf, mix, signedScale } from "./colour.js";

export const LEVELS = 9;
const NEURONS = 2 * LEVELS; // index of the trace of neurons

/**
 * @typedef {{layers: {units: number, activation: string}[], input: ArrayLike<number>,
 *   neurons: (ArrayLike<number> | null)[], edges: {data: ArrayLike<number>}[]}} Values
 * neurons: the shown quantity per layer from layer 1; edges: W or its gradient, (n_in, n_out)
 */

/** @param {Values} values @returns {{neurons: number, edges: number}} the value that gets the full colour */
export function scalesOf({ neurons, edges }) {
  const largest = (lists) => {
    let out = 0;
    for (const list of lists) if (list) for (let i = 0; i < list.length; i++) if (Math.abs(list[i]) > out) out = Math.abs(list[i]);
    return calm(out);
  };
  return { neurons: largest(neurons), edges: largest(edges.map((e) => e.data)) };
}

/**
 * x and y of each class of edges.
 * @param {Values} values @param {import("./geometry.js").Geometry} geometry @param {number} scale
 * @returns {{x: (number | null)[][], y: (number | null)[][]}}
 */
export function edgeClasses(values, geometry, scale) {
  const x = Array.from({ length: NEURONS }, () => []);
  const y = Array.from({ length: NEURONS }, () => []);
  const { columns, sizes, shapeOf } = geometry;
  const heights = sizes.map((n, layer) => Array.from({ length: n }, (_, unit) => shapeOf(`n${layer}.${unit}`).y));
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

/** Colour, text and its colour of each neuron. @param {Values} values @param {number} scale @param {any} palette @param {number} radius */
export function neuronMarks(values, scale, palette, radius) {
  const color = [];
  const text = [];
  const textColor = [];
  const all = [values.input, ...values.neurons];
  values.layers.forEach((layer, index) => {
    for (let unit = 0; unit < layer.units; unit++) {
      const value = all[index]?.[unit];
      const known = value !== undefined && Number.isFinite(value);
      color.push(known ? Math.max(-1, Math.min(1, value / scale)) : 0);
      text.push(radius < 15 || !known ? "" : short(value));
      textColor.push(known && Math.abs(value / scale) > 0.62 ? palette.sheet : palette.ink);
    }
  });
  return { color, text, textColor };
}

/** Two significant digits: what fits into a circle. */
export function short(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text = size >= 1e4 ? size.toExponential(0).replace("+", "") : size >= 100 ? size.toFixed(0) : size >= 10 ? size.toFixed(1) : size >= 0.095 ? size.toFixed(2) : size >= 0.00095 ? size.toFixed(3) : size.toExponential(0).replace("-", "−");
  return (value < 0 ? "−" : "") + text;
}

/**
 * The names of layers, inputs and outputs are not here: they do not change, and as annotations they would be worked out
 * anew in every frame (`networkLabels`).
 * @param {Values} values @param {import("./geometry.js").Geometry} geometry @param {import("./colour.js").Palette} palette
 */
export function networkFigure(values, geometry, palette) {
  const { width, height, radius, sizes, shapeOf } = geometry;
  const scales = scalesOf(values);
  const edges = edgeClasses(values, geometry, scales.edges);
  const traces = edges.x.map((x, k) => {
    const strength = ((k % LEVELS) + 0.5) / LEVELS;
    return {
      type: "scatter",
      mode: "lines",
      x,
      y: edges.y[k],
      hoverinfo: "skip",
      line: { width: 0.6 + 5.4 * strength, color: mix(mix(palette.paper, palette.strongRule, 0.45), k < LEVELS ? palette.negativeStrong : palette.positiveStrong, Math.min(1, 0.12 + 1.1 * strength)) },
    };
  });
  const places = sizes.flatMap((n, layer) => Array.from({ length: n }, (_, unit) => shapeOf(`n${layer}.${unit}`)));
  const marks = neuronMarks(values, scales.neurons, palette, radius);
  traces.push({
    type: "scatter",
    mode: radius < 15 ? "markers" : "markers+text",
    x: places.map((p) => p.x),
    y: places.map((p) => p.y),
    text: marks.text,
    textfont: { family: palette.sans, size: Math.min(12.5, radius * 0.56), color: marks.textColor },
    hoverinfo: "skip",
    marker: { size: 2 * radius, color: marks.color, cmin: -1, cmax: 1, colorscale: signedScale(palette), line: { color: palette.strongRule, width: 1.2 }, opacity: 1 },
  });
  return {
    data: traces,
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

const LONGEST_NAME = 14;

/** Names beside the network: short, without units. @param {string} name */
function shorten(name) {
  const plain = String(name).replace(/\s*\([^)]*\)\s*$/, "");
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME - 1)}…` : plain;
}

/** What stands beside inputs and outputs. @param {number[]} sizes @param {{features: string[], classes: string[]}} names */
export function sideNames(sizes, { features, classes }) {
  const last = sizes.length - 1;
  return {
    inputs: Array.from({ length: sizes[0] }, (_, i) => shorten(features[i] ?? `𝑥${subscript(i + 1)}`)),
    outputs: Array.from({ length: sizes[last] }, (_, i) => (sizes[last] === 1 ? `𝑎${subscript(last)}` : shorten(classes[i] ?? ""))),
  };
}

/** Room that these names need, for the geometry. @param {ReturnType<typeof sideNames>} names */
export const sideRoom = ({ inputs, outputs }) => {
  const room = (list) => 8 + 6.6 * Math.max(...list.map((name) => name.length));
  return { left: room(inputs), right: room(outputs) };
};

/**
 * Texts around the network.
 * @param {import("./geometry.js").Geometry} geometry @param {{activation: string}[]} layers of the network, without the input
 * @param {{features: string[], classes: string[]}} names
 * @returns {{x: number, y: number, text: string, kind: "layer" | "note" | "input" | "output"}[]}
 */
export function networkLabels({ sizes, columns, shapeOf, radius, mode, height, maps }, layers, names) {
  const last = sizes.length - 1;
  const title = (layer) => (layer === 0 ? "input" : layer === last ? "output" : `layer ${layer}`);
  if (mode === "maps") {
    const crowded = last > 8;
    const heads = columns.flatMap((x, layer) => [...(crowded ? [] : [{ x, y: 16, text: title(layer), kind: "layer" }]), { x, y: 34, text: String(sizes[layer]), kind: "note" }]);
    return [...heads, ...maps.map((m) => ({ x: m.x + m.width / 2, y: height - 10, text: crowded ? String(m.layer) : `𝑊${subscript(m.layer)}`, kind: "note" }))];
  }
  const crowded = columns[1] - columns[0] < 58; // no room for words: numbers of the layers only
  const heads = columns.flatMap((x, layer) => [
    { x, y: 16, text: crowded ? (layer === 0 ? "in" : layer === last ? "out" : String(layer)) : title(layer), kind: "layer" },
    ...(layer && !crowded ? [{ x, y: 32, text: layers[layer - 1].activation.replace(/_/g, " "), kind: "note" }] : []),
  ]);
  const side = (layer, kind, sign) => (text, unit) => {
    const { x, y } = shapeOf(`n${layer}.${unit}`);
    return { x: x + sign * (radius + 7), y, text, kind };
  };
  const { inputs, outputs } = sideNames(sizes, names);
  return [...heads, ...inputs.map(side(0, "input", -1)), ...outputs.map(side(last, "output", 1))].filter(({ text }) => text);
}

/**
 * What changes from frame to frame, for one `restyle` of all traces: a trace's `undefined` leaves it as it is.
 * @param {Values} values @param {import("./geometry.js").Geometry} geometry @param {import("./colour.js").Palette} palette
 */
export function networkUpdate(values, geometry, palette) {
  const scales = scalesOf(values);
  const marks = neuronMarks(values, scales.neurons, palette, geometry.radius);
  const edges = edgeClasses(values, geometry, scales.edges);
  const onlyNeurons = (value) => [...new Array(NEURONS).fill(undefined), value];
  return {
    update: { x: [...edges.x, undefined], y: [...edges.y, undefined], "marker.color": onlyNeurons(marks.color), text: onlyNeurons(marks.text), "textfont.color": onlyNeurons(marks.textColor) },
    traces: Array.from({ length: NEURONS + 1 }, (_, k) => k),
    scales,
  };
}
