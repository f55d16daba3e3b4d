/**
 * Texts around the network: the names of layers, inputs and outputs, and over each layer the
 * variable that its neurons show.
 */

import { subscript } from "../core/format.js";
import { idOf, named, nameOf } from "../core/names.js";
import { TEXT } from "../text/en.js";
import { geometry as geometryOf, RIM } from "./geometry.js";
import { textShape } from "./shapes.js";

const LONGEST_NAME = 14;
const WIDE = 1.15; // of a name with digits and capitals
const LONGEST_CAPTION = 17; // letters, as in "computes ∂C/∂z⁽¹⁾"
const HALF_HEAD = 26; // pixels beside the outer neurons, at least
const WORDS = 58; // pixels between layers that words need

/**
 * Pixels of a letter: the labels grow with the window, as overlay.css says.
 * @param {number} windowWidth
 */
export const letterOf = (windowWidth) => 0.55 * Math.max(12, Math.min(0.0072 * windowWidth, 18));
// in narrow windows, where the labels are smallest
const LETTER = letterOf(0);

/**
 * @typedef {{x: number, y: number, text: string, kind: string, ends?: "starts" | "ends"}} Label
 *   kind: part of its class in the stylesheet; ends: what of the text is at x, if not its middle
 */

/** Names beside the network: short, without units. @param {string} name @param {number} most */
function shorten(name, most) {
  const plain = String(name).replace(/\s*\([^)]*\)\s*$/, "");
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

/**
 * The names beside inputs and outputs; a single output needs none.
 * @param {number[]} sizes @param {{features: string[], classes: string[]}} names
 * @param {{inputs: number, outputs: number}} [most] letters for which there is room
 */
function sideNames(
  sizes,
  { features, classes },
  most = { inputs: LONGEST_NAME, outputs: LONGEST_NAME },
) {
  const outputs = sizes[sizes.length - 1];
  return {
    inputs: Array.from({ length: sizes[0] }, (_, i) =>
      shorten(features[i] ?? `𝑥${subscript(i)}`, most.inputs),
    ),
    outputs: Array.from({ length: outputs === 1 ? 0 : outputs }, (_, i) =>
      shorten(classes[i] ?? "", most.outputs),
    ),
  };
}

/**
 * Room in pixels that these names need, and half of what is over the outer neurons.
 * @param {number[]} sizes @param {{features: string[], classes: string[]}} names
 * @param {{activation: string}[]} layers @param {number} [letter] pixels
 */
export function sideRoom(sizes, names, layers, letter = LETTER) {
  const { inputs, outputs } = sideNames(sizes, names);
  /** @param {string[]} list @param {number} head letters */
  const room = (list, head) =>
    Math.max(
      HALF_HEAD,
      (letter * Math.max(head, LONGEST_CAPTION)) / 2 - RIM + 4,
      8 + WIDE * letter * Math.max(0, ...list.map((name) => [...name].length)),
    );
  const last = sizes.length - 1;
  return {
    left: room(inputs, headLength(sizes, 0, layers)),
    right: room(outputs, headLength(sizes, last, layers)),
  };
}

/**
 * How the heads of the layers are set: name and activation in one row, in two, or numbers of the
 * layers alone.
 * @param {number[]} sizes @param {number} across pixels between two layers
 * @param {{activation: string}[]} layers @param {number} [letter] pixels
 * @returns {{mode: "row" | "column" | "number", height: number}} height in pixels, of all rows
 */
export function headsOf(sizes, across, layers, letter = LETTER) {
  if (across < WORDS) return { mode: "number", height: 56 };
  const longest = Math.max(...sizes.map((_, layer) => headLength(sizes, layer, layers)));
  return across > longest * letter ? { mode: "row", height: 46 } : { mode: "column", height: 56 };
}

/**
 * Where the network is, with room for its names.
 * @param {number[]} sizes @param {Pick<State, "data" | "frame">} state
 * @param {{width: number, height: number, tiles: boolean, letter?: number}} size letter: pixels
 */
export const labelledGeometry = (
  sizes,
  { data, frame: { layers } },
  { width, height, tiles, letter = LETTER },
) =>
  geometryOf(
    sizes,
    width,
    height,
    sideRoom(sizes, data, layers, letter),
    (across) => headsOf(sizes, across, layers, letter),
    tiles,
  );

/** The name of a layer. @param {number[]} sizes @param {number} layer */
export const layerTitle = (sizes, layer) =>
  layer === 0
    ? TEXT.figures.input
    : layer === sizes.length - 1
      ? TEXT.figures.output
      : TEXT.core.layer(layer);
/** @param {{activation: string}[]} layers @param {number} layer */
const activationOf = (layers, layer) => layers[layer - 1].activation.replace(/_/g, " ");
/**
 * Letters of a head in one row.
 * @param {number[]} sizes @param {number} layer @param {{activation: string}[]} layers
 */
const headLength = (sizes, layer, layers) =>
  layerTitle(sizes, layer).length + (layer ? activationOf(layers, layer).length + 3 : 0);

/**
 * The labels that depend on the structure of the network alone.
 * @param {Geometry} geometry
 * @param {{activation: string}[]} layers of the network, without the input
 * @param {{features: string[], classes: string[]}} names @param {number} [letter] pixels
 * @returns {Label[]}
 */
export function networkLabels(geometry, layers, names, letter = LETTER) {
  const { sizes, columns, radius, width, height, heads } = geometry;
  const last = sizes.length - 1;
  if (geometry.mode === "heat") {
    const crowded = last > 8;
    const tops = columns.flatMap((x, layer) => [
      ...(crowded
        ? []
        : [
            { ...placeOver(geometry, layer), y: 12, text: layerTitle(sizes, layer), kind: "layer" },
          ]),
      { x, y: 26, text: String(sizes[layer]), kind: "note" },
    ]);
    return [
      ...tops,
      ...geometry.matrices.map((m) => ({
        x: m.x + m.w / 2,
        y: height - 10,
        text: crowded ? String(m.layer) : nameOf(named(idOf("W", m.layer))),
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
          text: [layerTitle(sizes, layer), activation].filter(Boolean).join(" · "),
          kind: "layer",
        },
      ];
    return [
      { x, y: 13, text: layerTitle(sizes, layer), kind: "layer" },
      { x, y: 28, text: activation, kind: "note" },
    ];
  });
  if (geometry.mode === "pictures") return tops;
  /** @param {string[]} texts @param {number} layer @param {string} kind @param {1 | -1} sign */
  const side = (texts, layer, kind, sign) =>
    texts.map((text, unit) => {
      const { x, y } = geometry.center(layer, unit);
      return { x: x + sign * (radius + 7), y, text, kind };
    });
  /** @param {number} room pixels from the middle of a neuron to the rim of the figure */
  const most = (room) =>
    Math.max(4, Math.min(LONGEST_NAME, Math.floor((room - radius - 9) / (WIDE * letter))));
  const { inputs, outputs } = sideNames(sizes, names, {
    inputs: most(columns[0]),
    outputs: most(width - columns[last]),
  });
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

/**
 * Where a text over a layer is: among heat maps the outer layers are at the rim of the figure.
 * @param {Geometry} geometry @param {number} layer
 * @returns {{x: number, ends?: "starts" | "ends"}}
 */
function placeOver({ mode, columns, radius }, layer) {
  const x = columns[layer];
  if (mode !== "heat" || (layer && layer < columns.length - 1)) return { x };
  return layer ? { x: x + radius, ends: "ends" } : { x: x - radius, ends: "starts" };
}

const ROLES = { reads: TEXT.figures.reads, writes: TEXT.figures.computes, known: "", pending: "" };

/**
 * What each layer's neurons show, over the layer.
 * @param {Geometry} geometry @param {Shown[]} shown
 * @returns {(Label & {layer: number, quantity: string})[]}
 */
export function captions(geometry, shown) {
  const { columns, mode, heads } = geometry;
  const across = columns[1] - columns[0];
  const y = (/** @type {number} */ layer) => {
    if (mode === "heat") return 39;
    return { row: 34, column: 43, number: 29 + 13 * (layer % 2) }[heads];
  };
  const words = (mode !== "heat" || across > 90) && heads !== "number" && across > 17 * LETTER;
  const backward = shown.some(({ quantity }) => quantity.startsWith("dC"));
  const touched = shown.some(({ role }) => role === "reads" || role === "writes");
  return shown.map(({ variable, role, quantity }, layer) => {
    const narrow = mode === "heat" && across < WORDS && touched && role === "known";
    const text = narrow
      ? ""
      : variable
        ? (words ? ROLES[role] : "") + nameOf(variable)
        : words
          ? backward
            ? TEXT.figures.noGradientYet
            : TEXT.figures.notComputedYet
          : "";
    return {
      layer,
      quantity,
      ...placeOver(geometry, layer),
      y: y(layer),
      text,
      kind: `caption label-${role}`,
    };
  });
}

const ANCHORS = /** @type {const} */ ({
  ...{ input: "end", output: "start", starts: "start", ends: "end" },
});

/**
 * @param {Label} label @param {string} fill
 * @param {number} size in a picture; on the page the style sheet says it
 * @param {Palette} palette
 */
const shapeOf = ({ x, y, text, kind, ends }, fill, size, palette) => ({
  ...textShape(text, x, y, fill, size, palette),
  anchor: /** @type {"start" | "middle" | "end"} */ (
    Reflect.get(ANCHORS, ends ?? kind) ?? "middle"
  ),
  style: `label label-${kind} label-${ends ?? "middle"}`,
});

/**
 * @param {Geometry} places @param {{activation: string}[]} layers
 * @param {{features: string[], classes: string[]}} names @param {Palette} palette
 * @param {number} [letter] pixels
 */
export const labelShapes = (places, layers, names, palette, letter) =>
  networkLabels(places, layers, names, letter).map((label) =>
    shapeOf(label, label.kind === "layer" ? palette.ink : palette.soft, 13, palette),
  );

/**
 * @param {Geometry} places @param {Shown[]} shown @param {Palette} palette
 * @param {string} [accent] colour of what the line touches
 */
export const captionShapes = (places, shown, palette, accent = palette.soft) =>
  captions(places, shown)
    .filter(({ text }) => text)
    .map((label) => ({
      ...shapeOf(
        label,
        /label-(reads|writes)/.test(label.kind) ? accent : palette.soft,
        12,
        palette,
      ),
      data: { "data-layer": label.layer, "data-shown": label.quantity },
    }));
