/**
 * Texts around the network: the names of layers, inputs and outputs, and over each layer the
 * variable that its neurons show.
 */

import { subscript } from "../core/format.js";
import { label } from "../core/lines.js";
import { TEXT } from "../text/en.js";

const LONGEST_NAME = 14;
const LETTER = 6.6; // pixels, of the labels' font
// pixels beside the outer neurons, so that the heads over them are not cut off
const HALF_HEAD = 26;
const WORDS = 58; // pixels between layers that words need

/**
 * @typedef {{x: number, y: number, text: string, kind: string}} Label kind: its class in the
 *   stylesheet
 */

/** Names beside the network: short, without units. @param {string} name */
function shorten(name) {
  const plain = String(name).replace(/\s*\([^)]*\)\s*$/, "");
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME - 1)}…` : plain;
}

/**
 * The names beside inputs and outputs; a single output needs none.
 * @param {number[]} sizes
 * @param {{features: string[], classes: string[]}} names
 */
function sideNames(sizes, { features, classes }) {
  const outputs = sizes[sizes.length - 1];
  return {
    inputs: Array.from({ length: sizes[0] }, (_, i) => shorten(features[i] ?? `𝑥${subscript(i)}`)),
    outputs: Array.from({ length: outputs === 1 ? 0 : outputs }, (_, i) =>
      shorten(classes[i] ?? ""),
    ),
  };
}

/**
 * Room in pixels that these names need, for the geometry.
 * @param {number[]} sizes
 * @param {{features: string[], classes: string[]}} names
 */
export function sideRoom(sizes, names) {
  const { inputs, outputs } = sideNames(sizes, names);
  /** @param {string[]} list */
  const room = (list) =>
    Math.max(HALF_HEAD, 8 + LETTER * Math.max(0, ...list.map((name) => [...name].length)));
  return { left: room(inputs), right: room(outputs) };
}

/**
 * How the heads of the layers are set: name and activation in one row, in two, or numbers of the
 * layers alone.
 * @param {number[]} sizes
 * @param {number} across pixels between two layers
 * @param {{activation: string}[]} layers
 * @returns {{mode: "row" | "column" | "number", height: number}} height in pixels, of all rows
 */
export function headsOf(sizes, across, layers) {
  if (across < WORDS) return { mode: "number", height: 56 };
  const longest = Math.max(
    ...sizes.map(
      (_, layer) =>
        title(sizes, layer).length + (layer ? activationOf(layers, layer).length + 3 : 0),
    ),
  );
  return across > longest * LETTER ? { mode: "row", height: 46 } : { mode: "column", height: 56 };
}

/** @param {number[]} sizes @param {number} layer */
const title = (sizes, layer) =>
  layer === 0
    ? TEXT.figures.input
    : layer === sizes.length - 1
      ? TEXT.figures.output
      : TEXT.figures.layer(layer);
/** @param {{activation: string}[]} layers @param {number} layer */
const activationOf = (layers, layer) => layers[layer - 1].activation.replace(/_/g, " ");

/**
 * The labels that depend on the structure of the network alone.
 * @param {import("./geometry.js").Geometry} geometry
 * @param {{activation: string}[]} layers of the network, without the input
 * @param {{features: string[], classes: string[]}} names
 * @returns {Label[]}
 */
export function networkLabels(geometry, layers, names) {
  const { sizes, columns, radius, height, heads } = geometry;
  const last = sizes.length - 1;
  if (geometry.mode === "maps") {
    const crowded = last > 8;
    const tops = columns.flatMap((x, layer) => [
      ...(crowded ? [] : [{ x, y: 12, text: title(sizes, layer), kind: "layer" }]),
      { x, y: 26, text: String(sizes[layer]), kind: "note" },
    ]);
    return [
      ...tops,
      ...geometry.maps.map((m) => ({
        x: m.x + m.width / 2,
        y: height - 10,
        text: crowded ? String(m.layer) : label(`W${m.layer}`),
        kind: "note",
      })),
    ];
  }
  const tops = columns.flatMap((x, layer) => {
    if (heads === "number")
      return [
        {
          x,
          y: 14,
          text: layer === 0 ? "in" : layer === last ? "out" : String(layer),
          kind: "layer",
        },
      ];
    const activation = layer ? activationOf(layers, layer) : "";
    if (heads === "row")
      return [
        {
          x,
          y: 16,
          text: [title(sizes, layer), activation].filter(Boolean).join(" · "),
          kind: "layer",
        },
      ];
    return [
      { x, y: 13, text: title(sizes, layer), kind: "layer" },
      { x, y: 28, text: activation, kind: "note" },
    ];
  });
  /** @param {string[]} texts @param {number} layer @param {string} kind @param {1 | -1} sign */
  const side = (texts, layer, kind, sign) =>
    texts.map((text, unit) => {
      const { x, y } = geometry.center(layer, unit);
      return { x: x + sign * (radius + 7), y, text, kind };
    });
  const { inputs, outputs } = sideNames(sizes, names);
  const units = sizes.flatMap((n, layer) =>
    geometry.tiles && radius >= 18 && layer > 0 && n > 1
      ? Array.from({ length: n }, (_, unit) => {
          const { x, y } = geometry.center(layer, unit);
          return { x: x - radius + 9, y: y - radius + 10, text: String(unit), kind: "unit" };
        })
      : [],
  );
  return [
    ...tops,
    ...units,
    ...side(inputs, 0, "input", -1),
    ...side(outputs, last, "output", 1),
  ].filter(({ text }) => text);
}

const ROLES = { reads: TEXT.figures.reads, writes: TEXT.figures.computes, known: "", pending: "" };

/**
 * What each layer's neurons show, over the layer.
 * @param {import("./geometry.js").Geometry} geometry
 * @param {import("../state/shown.js").Shown[]} shown
 * @returns {(Label & {layer: number, quantity: string})[]}
 */
export function captions({ columns, mode, heads }, shown) {
  const across = columns[1] - columns[0];
  /** @param {number} layer */
  const y = (layer) => {
    if (mode === "maps") return 39;
    return { row: 34, column: 43, number: 29 + 13 * (layer % 2) }[heads];
  };
  const words = (mode === "graph" || across > 90) && heads !== "number" && across > 17 * LETTER;
  const backward = shown.some(({ quantity }) => quantity.startsWith("dC"));
  const touched = shown.some(({ role }) => role === "reads" || role === "writes");
  return shown.map(({ id, role, quantity }, layer) => {
    const narrow = mode === "maps" && across < WORDS && touched && role === "known";
    const text = narrow
      ? ""
      : id
        ? (words ? ROLES[role] : "") + label(id)
        : words
          ? backward
            ? TEXT.figures.noGradientYet
            : TEXT.figures.notComputedYet
          : "";
    return { layer, quantity, x: columns[layer], y: y(layer), text, kind: `caption label-${role}` };
  });
}
