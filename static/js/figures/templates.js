/**
 * A network over pictures: the weights of each unit of the first layer as a picture,
 * its number below it, and a bar for each unit of the later layers, which read no pixels. Where
 * that is, in pixels of the network figure.
 */
import { edge, neuron, parseElement } from "../core/elements.js";

const MOST = 64;
const FEWER = 32; // of more units those with the largest outputs
const DEEPEST = 5; // layers; of deeper ones all units are drawn alike
const [TOP, BOTTOM] = [62, 22];
const SWITCH = 104; // pixels of what is below the input of a deep network
const HEAD = 110; // pixels of a layer's name with its activation, in one row

/**
 * @typedef {import("./geometry.js").Places} Places
 * @typedef {Places & {mode: "pictures", image: number[], input: Box, units: (Box & {unit:
 *   number})[], later: Box[][], numbers: boolean, below: number}} PictureGeometry numbers: whether
 *   there is room for them; later: of the units of the second layer and those after it; below:
 *   pixels of a bar and a number below a picture
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/** @param {Box} box */
const rectOf = ({ x, y, width: w, height: h }) =>
  /** @type {import("./shapes.js").Outlined} */ ({ kind: "rect", x, y, w, h });

/**
 * The units that have a picture; null: this network is drawn otherwise.
 * @param {Pick<State, "data" | "frame">} state
 * @param {ArrayLike<number> | null} outputs of the first layer
 */
export function picturedUnits({ data, frame }, outputs) {
  const { image_shape: image, features } = data;
  const { length: depth } = frame.layers;
  if (!image || image[0] * image[1] !== features.length || depth < 2 || depth > DEEPEST)
    return null;
  const all = Array.from({ length: frame.layers[0].units }, (_, k) => k);
  if (all.length <= MOST) return all;
  const size = (/** @type {number} */ k) => Math.abs(outputs?.[k] ?? 0);
  return all
    .sort((p, q) => size(q) - size(p))
    .slice(0, FEWER)
    .sort((p, q) => p - q);
}

/**
 * @param {number[]} sizes units of each layer, input first @param {number[]} image rows and columns
 * @param {number[]} units that have a picture
 * @param {number} width @param {number} height
 * @returns {PictureGeometry}
 */
export function pictureGeometry(sizes, image, units, width, height) {
  const narrow = width < 560;
  const below = narrow ? 10 : 30;
  const deep = sizes.length > 3;
  const side = Math.min((narrow ? 0.17 : deep ? 0.15 : 0.2) * width, height * 0.4);
  const input = { x: 10, y: TOP + (height - TOP - BOTTOM - side) / 2, width: side, height: side };
  const right = Math.max(96, Math.min((deep ? 0.2 : 0.27) * width, 230));
  const aside = deep ? Math.max(side, SWITCH) : side;
  const [left, room] = [input.x + aside + 0.03 * width, height - TOP - BOTTOM];
  const gap = narrow ? 18 : (deep ? 0.04 : 0.07) * width;
  const between = narrow ? 24 : Math.min(70, 0.08 * width); // bars of one layer between
  const area = width - left - right - gap - (sizes.length - 3) * (between + gap);
  const fit = (/** @type {number} */ across) =>
    Math.min(area / across - 6, room / Math.ceil(units.length / across) - below - 4);
  const across = units
    .map((_, k) => k + 1)
    .reduce((best, each) => (fit(each) > fit(best) ? each : best), 1);
  const long = Math.max(8, Math.min(fit(across), 120));
  const rows = Math.ceil(units.length / across);
  const [pitchX, pitchY] = [Math.min(area / across, long * 1.3), Math.min(room / rows, long + 56)];
  const top = TOP + (room - pitchY * rows) / 2;
  const places = units.map((unit, k) => ({
    ...{ unit, width: long, height: long },
    x: left + pitchX * (k % across),
    y: top + pitchY * Math.floor(k / across) + (pitchY - long - below) / 2,
  }));
  const later = sizes.slice(2).map((count, k) => {
    const bar = Math.min(36, room / count);
    const first = TOP + (room - bar * count) / 2;
    const last = k === sizes.length - 3;
    const x = width - right - (sizes.length - 3 - k) * (between + gap);
    const across = last ? right - 8 : between;
    return Array.from({ length: count }, (_, i) => ({
      ...{ x, y: first + i * bar, width: across, height: bar },
    }));
  });
  /** @param {Box} box @param {number} k @returns {Box} */
  const pixel = ({ x, y, width: w, height: h }, k) => ({
    ...{ width: w / image[1], height: h / image[0] },
    x: x + (w * (k % image[1])) / image[1],
    y: y + (h * Math.floor(k / image[1])) / image[0],
  });
  const columns = [
    ...[input.x + side / 2, left + Math.min(110, 0.25 * area)],
    ...later.map(([{ x, width: w }]) => x + w / 2),
  ];
  const pictureOf = (/** @type {number} */ unit) => places.find((each) => each.unit === unit);
  const boxOf = (/** @type {number} */ layer, /** @type {number} */ unit) =>
    layer === 0 ? pixel(input, unit) : layer === 1 ? pictureOf(unit) : later[layer - 2][unit];
  const inside = (/** @type {Box} */ box, /** @type {number} */ px, /** @type {number} */ py) =>
    px >= box.x && px < box.x + box.width && py >= box.y && py < box.y + box.height;
  return {
    ...{ mode: "pictures", width, height, sizes, radius: long / 2, image, input, later, below },
    numbers: !narrow && pitchX > 40,
    ...{ units: places, tiles: false, top: TOP, bottom: BOTTOM, columns },
    heads: columns.some((x, k) => k && x - columns[k - 1] < HEAD) ? "column" : "row",
    center(layer, unit) {
      const { x, y, width: w, height: h } = boxOf(layer, unit) ?? places[0];
      return { x: x + w / 2, y: y + h / 2 };
    },
    shapeOf(element) {
      const e = parseElement(element);
      if (e?.kind === "neuron") {
        const box = boxOf(e.layer, e.unit);
        return box ? rectOf(box) : null;
      }
      const from = e && boxOf(e.layer === 1 ? 1 : e.layer - 1, e.layer === 1 ? e.to : e.from);
      if (!e || !from) return null;
      if (e.layer === 1) return rectOf(pixel(from, e.from));
      const bar = later[e.layer - 2][e.to];
      const [x1, y1] =
        e.layer === 2
          ? [from.x + long / 2, from.y - 4]
          : [from.x + from.width, from.y + from.height / 2];
      return { kind: "line", x1, y1, x2: bar.x - 4, y2: bar.y + bar.height / 2 };
    },
    hit(px, py) {
      const at = (/** @type {Box} */ { x, y, width: w, height: h }) =>
        Math.floor(((py - y) / h) * image[0]) * image[1] + Math.floor(((px - x) / w) * image[1]);
      if (inside(input, px, py)) return neuron(0, at(input));
      const place = places.find((each) => inside({ ...each, height: each.height + below }, px, py));
      if (place)
        return inside(place, px, py) ? edge(1, at(place), place.unit) : neuron(1, place.unit);
      for (const [layer, bars] of later.entries()) {
        const k = bars.findIndex((each) => inside(each, px, py));
        if (k >= 0) return neuron(layer + 2, k);
      }
      return null;
    },
  };
}

/** The way of an edge of a unit: up into the gap above its row, to the side, to its bar.
 * @param {PictureGeometry} places @param {number} unit @param {number} k of the second layer */
export function edgePath({ units, later: [bars], width }, unit, k) {
  const from = units.find((each) => each.unit === unit);
  if (!from) return null;
  const bar = bars[k];
  const [x, y] = [from.x + from.width / 2, from.y - 5];
  const end = Math.max(...units.map((each) => each.x + each.width)) + 4;
  const [to, level] = [bar.x - 3, bar.y + bar.height / 2];
  const middle = (end + to) / 2;
  return {
    x,
    y,
    end,
    d: `M${end} ${y}C${middle} ${y} ${middle} ${level} ${Math.min(to, width)} ${level}`,
  };
}
