/**
 * Where neurons and edges are, in pixels of the network figure. The figure, the shapes over it and
 * the pointer use the same geometry. Small networks are drawn as graphs, large ones as heat
 * maps.
 */
import { edge, neuron, parseElement } from "../core/elements.js";

const GRAPH_UNITS = 16;
const GRAPH_EDGES = 700;
const STRIP = 16;
const LEAST = 12; // pixels of a number, two more in a network that is
const LARGE = 1150; // pixels wide
/** Pixels of half a large neuron and the space around it. */
export const RIM = 42;

/**
 * @typedef {{layer: number, x: number, y: number, w: number, h: number, rows: number,
 *   columns: number}} HeatBox a heat map: of a layer's neurons (one column) or of its weights
 * @typedef {"row" | "column" | "number"} HeadMode how the names over the layers are set, see
 *   `network-labels.js`
 */
/**
 * `tiles`: a neuron is a square with room for a response, `radius` is half its side. `center` is
 * the middle of a neuron; `columns` are the x of the layers; `hit` gives the element at
 * a place.
 * @typedef {{width: number, height: number, sizes: number[], radius: number, columns: number[],
 *   heads: HeadMode, top: number, bottom: number, tiles: boolean,
 *   center: (layer: number, unit: number) => {x: number, y: number},
 *   shapeOf: (element: string) => import("./shapes.js").Outlined | null,
 *   hit: (x: number, y: number) => string | null}} Places
 * @typedef {Places & {mode: "graph"}} GraphGeometry
 * @typedef {Places & {mode: "heat", strips: HeatBox[], matrices: HeatBox[]}} HeatGeometry
 * @typedef {GraphGeometry | HeatGeometry | import("./templates.js").PictureGeometry} Geometry
 */
/**
 * @typedef {{left?: number, right?: number}} SideRoom pixels for the names of inputs and outputs
 * @typedef {(across: number) => {mode: HeadMode, height: number}} HeadsOf from the distance of two
 *   layers
 */

/**
 * Pixels of the number in a neuron, or at the edge of its response: six characters fit across it,
 * and it can be read in a small one too.
 */
export function numberSize(/** @type {Geometry} */ { tiles, radius, width }) {
  const least = width < LARGE ? LEAST : LEAST + 2;
  return tiles ? Math.min(24, Math.max(least, radius * 0.4)) : Math.max(least, radius * 0.49);
}

/** @param {number[]} sizes units per layer, input first */
export function modeOf(sizes) {
  const edges = sizes.slice(1).reduce((total, n, i) => total + n * sizes[i], 0);
  return Math.max(...sizes) <= GRAPH_UNITS && edges <= GRAPH_EDGES ? "graph" : "heat";
}

/**
 * @param {number[]} sizes @param {number} width @param {number} height @param {SideRoom} [names]
 * @param {HeadsOf} [headsOf] @param {boolean} [tiles]
 * @returns {Geometry}
 */
export function geometry(
  sizes,
  width,
  height,
  names = {},
  headsOf = () => ({ mode: "row", height: 46 }),
  tiles = false,
) {
  return modeOf(sizes) === "graph"
    ? graph(sizes, width, height, names, headsOf, tiles)
    : heat(sizes, width, height);
}

/**
 * @param {number[]} sizes @param {number} width @param {number} height @param {SideRoom} names
 * @param {HeadsOf} headsOf @param {boolean} tiles
 * @returns {GraphGeometry}
 */
function graph(sizes, width, height, names, headsOf, tiles) {
  const bottom = 16;
  const most = Math.max(42, height / 8); // half the side of a tile
  const beside = tiles ? Math.min(most, width * 0.12) : 0;
  const half = Math.max(RIM, beside);
  const left = Math.max(Math.min(width * 0.24, half + (names.left ?? 20)), beside + 34);
  const right = Math.max(Math.min(width * 0.24, half + (names.right ?? 20)), beside + 26);
  const tallest = Math.max(...sizes);
  const across = (width - left - right) / (sizes.length - 1);
  const { mode: heads, height: top } = headsOf(across);
  const down = Math.min(
    tiles ? Math.max(110, height / 3.4) : Math.max(92, height / 6.5),
    (height - top - bottom) / tallest,
  );
  const radius = tiles
    ? Math.max(8, Math.min(most, down * 0.405, across * 0.24))
    : Math.max(5, Math.min(Math.max(24, height / 22), down * 0.36, across * 0.3));
  const middle = top + (height - top - bottom) / 2;
  const columns = sizes.map((_, layer) => left + across * layer);
  const kind = /** @type {"tile" | "circle"} */ (tiles ? "tile" : "circle");
  /** @param {number} layer @param {number} unit */
  const center = (layer, unit) => ({
    x: columns[layer],
    y: middle + (unit - (sizes[layer] - 1) / 2) * down,
  });
  const shapeOf = (/** @type {string} */ element) => {
    const e = parseElement(element);
    if (!e) return null;
    return e.kind === "neuron"
      ? { kind, ...center(e.layer, e.unit), r: radius }
      : between(center(e.layer - 1, e.from), center(e.layer, e.to), radius + 2);
  };
  return {
    mode: "graph",
    width,
    height,
    sizes,
    radius,
    columns,
    heads,
    tiles,
    center,
    shapeOf,
    top,
    bottom,
    hit: (px, py) => hitGraph(sizes, columns, center, radius, px, py),
  };
}

/**
 * The visible part of an edge: from rim to rim.
 * @param {{x: number, y: number}} from center of a neuron
 * @param {{x: number, y: number}} to @param {number} rim
 */
function between({ x: x1, y: y1 }, { x: x2, y: y2 }, rim) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [((x2 - x1) * rim) / length, ((y2 - y1) * rim) / length];
  const kind = /** @type {const} */ ("line");
  return { kind, x1: x1 + dx, y1: y1 + dy, x2: x2 - dx, y2: y2 - dy };
}

/**
 * Nearest neuron under the pointer, else nearest edge within a few pixels.
 * @param {number[]} sizes @param {number[]} columns @param {Places["center"]} center
 * @param {number} radius @param {number} px @param {number} py
 */
function hitGraph(sizes, columns, center, radius, px, py) {
  /** @param {number} layer @param {number} unit */
  const y = (layer, unit) => center(layer, unit).y;
  for (let layer = 0; layer < sizes.length; layer++) {
    if (Math.abs(px - columns[layer]) > radius + 4) continue;
    for (let unit = 0; unit < sizes[layer]; unit++) {
      if (Math.hypot(px - columns[layer], py - y(layer, unit)) <= radius + 3)
        return neuron(layer, unit);
    }
  }
  let best = null;
  let nearest = 7;
  for (let layer = 1; layer < sizes.length; layer++) {
    const [x1, x2] = [columns[layer - 1], columns[layer]];
    if (px < x1 || px > x2) continue;
    const t = (px - x1) / (x2 - x1);
    for (let from = 0; from < sizes[layer - 1]; from++) {
      for (let to = 0; to < sizes[layer]; to++) {
        const [y1, y2] = [y(layer - 1, from), y(layer, to)];
        // perpendicular distance, so that steep edges are not easier to hit
        const distance =
          (Math.abs(y1 + t * (y2 - y1) - py) * (x2 - x1)) / Math.hypot(x2 - x1, y2 - y1);
        if (distance < nearest) [nearest, best] = [distance, edge(layer, from, to)];
      }
    }
  }
  return best;
}

/**
 * Left to right: input strip, W1, strip of layer 1, W2, … A row of a matrix belongs to one neuron
 * of the layer before.
 * @param {number[]} sizes @param {number} width @param {number} height
 * @returns {HeatGeometry}
 */
function heat(sizes, width, height) {
  const [left, right, top, bottom] = [16, 16, 46, 26];
  const depth = sizes.length - 1;
  const gap = Math.max(3, Math.min(14, 90 / depth));
  const strip = depth > 10 ? 6 : STRIP;
  const room = width - left - right - (depth + 1) * strip - 2 * depth * gap;
  const each = Math.max(4, room / depth);
  const inner = height - top - bottom;
  /** @type {HeatBox[]} */
  const strips = [];
  /** @type {HeatBox[]} */
  const boxes = [];
  let x = left;
  for (let layer = 0; layer <= depth; layer++) {
    if (layer > 0) {
      boxes.push({
        layer,
        x: x + gap,
        y: top,
        w: each,
        h: inner,
        rows: sizes[layer - 1],
        columns: sizes[layer],
      });
      x += each + 2 * gap;
    }
    strips.push({ layer, x, y: top, w: strip, h: inner, rows: sizes[layer], columns: 1 });
    x += strip;
  }
  /** @param {HeatBox} box @param {number} row @param {number} column */
  const cellOf = (box, row, column) => ({
    kind: /** @type {const} */ ("rect"),
    x: box.x + (column * box.w) / box.columns,
    y: box.y + (row * box.h) / box.rows,
    w: box.w / box.columns,
    h: box.h / box.rows,
  });
  /** @param {number} layer @param {number} unit */
  const center = (layer, unit) => {
    const cell = cellOf(strips[layer], unit, 0);
    return { x: cell.x + cell.w / 2, y: cell.y + cell.h / 2 };
  };
  const shapeOf = (/** @type {string} */ element) => {
    const e = parseElement(element);
    if (!e) return null;
    return e.kind === "neuron"
      ? cellOf(strips[e.layer], e.unit, 0)
      : cellOf(boxes[e.layer - 1], e.from, e.to);
  };
  /** @param {HeatBox} box @param {number} px @param {number} py */
  const inside = (box, px, py) =>
    px >= box.x && px < box.x + box.w && py >= box.y && py < box.y + box.h;
  /** @param {number} px @param {number} py */
  const hit = (px, py) => {
    for (const box of strips)
      if (inside(box, px, py))
        return neuron(box.layer, Math.floor(((py - box.y) / box.h) * box.rows));
    for (const box of boxes) {
      if (inside(box, px, py))
        return edge(
          box.layer,
          Math.floor(((py - box.y) / box.h) * box.rows),
          Math.floor(((px - box.x) / box.w) * box.columns),
        );
    }
    return null;
  };
  return {
    mode: "heat",
    width,
    height,
    sizes,
    radius: strip / 2,
    columns: strips.map((s) => s.x + s.w / 2),
    strips,
    matrices: boxes,
    heads: "row",
    tiles: false,
    center,
    shapeOf,
    hit,
    top,
    bottom,
  };
}
