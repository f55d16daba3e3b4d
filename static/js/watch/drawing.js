/** A picture of Watch as shapes: the network with what comes back along its edges. */

import { number, subscript, superscript } from "../core/format.js";
import { entryId, idOf, italic } from "../core/names.js";
import { layerTitle } from "../figures/network-labels.js";
import { words } from "../figures/shapes.js";

/** @typedef {import("./story.js").Picture} Picture */
/** @typedef {import("./story.js").Numbers} Numbers */
/** @typedef {{x: number, y: number}} Point */

const SAMPLES = 40; // of a curve
const CHARACTER = 0.56; // width of a digit, of the height of the letters

/**
 * Where units are.
 * @param {number[]} sizes input first @param {number} width @param {number} height
 */
export function placesOf(sizes, width, height) {
  const most = Math.max(...sizes);
  const narrow = width < 560; // the cost then stands below the output
  const letter = Math.max(narrow ? 12 : 13.5, Math.min(34, width / 75, height / 19));
  const head = 1.9 * letter;
  const cost = narrow ? 0 : 6 * letter; // room for the box of the cost
  const left = Math.max(26, 2.6 * letter + 12);
  const across = (width - left - cost - 30) / (sizes.length - (narrow ? 1 : 0.4));
  const down = Math.min((height - head - letter) / most, 9 * letter);
  const side = Math.max(14, Math.min(0.68 * down, 0.46 * across, 4.4 * letter));
  const middle = head + (height - head - 0.4 * letter) / 2;
  return {
    ...{ letter, side, width, height, head },
    big: Math.min(1.9 * side, 0.62 * across, 0.5 * height),
    /** @param {number} layer @param {number} unit @returns {Point} */
    at: (layer, unit) => ({
      x: left + across * layer,
      y: middle + (unit - (sizes[layer] - 1) / 2) * down,
    }),
    cost: narrow
      ? {
          x: width - 2.8 * letter,
          y: Math.min(
            height - 1.7 * letter,
            middle + (down * sizes[sizes.length - 1]) / 2 + 3.4 * letter,
          ),
        }
      : { x: width - cost / 2 - 6, y: middle },
    narrow,
    widest: Math.min(0.75 * letter, 0.24 * side),
  };
}

/**
 * @param {Point} middle @param {number} w @param {number} h @param {number} rx
 * @returns {Shape}
 */
const boxAt = ({ x, y }, w, h, rx) => ({ kind: "rect", x: x - w / 2, y: y - h / 2, w, h, rx });

/**
 * @param {string} style @param {string} d @param {number} [width]
 * @param {Record<string, string>} [data]
 * @returns {Shape}
 */
const path = (style, d, width, data) => ({ kind: "path", d, fill: "none", style, width, data });

/**
 * @param {string} style @param {Shape[]} shapes @param {Record<string, string>} [data]
 * @returns {Shape}
 */
const group = (style, shapes, data) => ({ kind: "group", shapes, style, data });

export const signOf = (/** @type {number} */ value) => (value < 0 ? "negative" : "positive");

/**
 * A text on a ground.
 * @param {Point} at its middle @param {string} text @param {number} letter
 * @param {string} [tone] @param {Record<string, string>} [data]
 */
const pill = (at, text, letter, tone = "", data = {}) =>
  group(
    `watch-pill ${tone}`,
    [
      boxAt(at, (text.length + 1.6) * CHARACTER * letter, 1.55 * letter, 5),
      words(text, at.x, at.y, "", letter),
    ],
    data,
  );

/**
 * @param {Picture} picture @param {Numbers} numbers @param {ReturnType<typeof placesOf>} places
 * @returns {Shape[]}
 */
export function drawingOf(picture, numbers, places) {
  const { sizes } = numbers;
  const { letter, side } = places;
  const depth = sizes.length - 1;
  const followed = /** @type {import("./story.js").Lit} */ (
    picture.edges.find((edge) => edge.followed)
  );
  const largest = Math.max(1e-300, ...picture.edges.map(({ flow }) => Math.abs(flow)));
  const shown = new Map(picture.units.map((unit) => [`${unit.layer}.${unit.unit}`, unit]));
  /** @param {number} layer @param {number} unit */
  const isBig = (layer, unit) => Boolean(shown.get(`${layer}.${unit}`)?.big);
  /** @param {number} layer @param {number} unit */
  const halfOf = (layer, unit) => (isBig(layer, unit) ? places.big : side) / 2;
  /** A large unit stays inside. @param {number} layer @param {number} unit @returns {Point} */
  const at = (layer, unit) => {
    const { x, y } = places.at(layer, unit);
    const half = places.big / 2;
    if (!isBig(layer, unit)) return { x, y };
    return {
      x,
      y: Math.max(places.head + half + 0.5 * letter, Math.min(places.height - half - letter, y)),
    };
  };
  /**
   * @param {{layer: number, from: number, to: number}} edge
   * @returns {{d: string, ends: Point[]}}
   */
  function wayOf({ layer, from, to }) {
    const [p, q] = [at(layer - 1, from), at(layer, to)];
    const ends = [
      { x: p.x + halfOf(layer - 1, from), y: p.y },
      { x: q.x - halfOf(layer, to), y: q.y },
    ];
    const bend = (ends[1].x - ends[0].x) / 2;
    const [a, b] = ends;
    return { ends, d: `M${a.x} ${a.y}C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}` };
  }
  /** @type {Shape[]} */
  const asleep = [];
  for (let layer = 1; layer <= depth; layer++)
    for (let from = 0; from < sizes[layer - 1]; from++)
      for (let to = 0; to < sizes[layer]; to++)
        asleep.push(
          path("watch-edge-asleep", wayOf({ layer, from, to }).d, undefined, {
            "data-weight": entryId(idOf("W", layer), from, to),
          }),
        );
  const lit = picture.edges.map((edge) => {
    const stroke = edge.followed
      ? 2.5
      : 1.2 + places.widest * Math.sqrt(Math.abs(edge.flow) / largest);
    const tone = edge.followed ? "followed" : signOf(edge.flow);
    return path(`watch-edge-lit ${tone}`, wayOf(edge).d, stroke);
  });
  const labels = picture.edges.flatMap((edge) => {
    if (!edge.label) return [];
    const [a, b] = wayOf(edge).ends;
    // several fan out from one unit: they have room near their other ends
    const t = picture.edges.filter((e) => e.label && e.layer === edge.layer)[1] ? 0.66 : 0.5;
    const ease = t * t * (3 - 2 * t);
    const place = { x: a.x + t * (b.x - a.x), y: a.y + ease * (b.y - a.y) };
    return [pill(place, edge.label, letter, signOf(edge.flow), { "data-factor": "edge" })];
  });
  const heads = sizes.map((_, layer) =>
    words(layerTitle(sizes, layer), at(layer, 0).x, 0.8 * letter, "watch-head", 0.9 * letter),
  );
  const units = sizes.flatMap((n, layer) =>
    Array.from({ length: n }, (_, unit) => ({ layer, unit, lit: shown.get(`${layer}.${unit}`) })),
  );
  // what is large lies over its neighbours
  units.sort((p, q) => Number(Boolean(p.lit?.big)) - Number(Boolean(q.lit?.big)));
  /**
   * Below the unit, of a large one on the side that its edges leave free; left of a small one.
   * @param {import("./story.js").Shown} lit @param {Point} middle @param {number} half
   */
  function labelOf({ layer, label = "", big }, { x, y }, half) {
    const below = big || side > 2.4 * letter || (layer === depth && sizes[depth] < 4);
    const left = x - half - ((label.length + 1.6) * CHARACTER * letter) / 2 - 3;
    const edge = big && y < places.height / 2 ? 0.1 * letter - half : half - 0.1 * letter;
    const place = big
      ? { x, y: y + edge }
      : below
        ? { x, y: y + half + 0.25 * letter }
        : { x: left, y };
    return pill(place, label, letter, "", big ? { "data-factor": "slope" } : {});
  }
  const squares = units.map(({ layer, unit, lit }) => {
    const { x, y } = at(layer, unit);
    const half = halfOf(layer, unit);
    const touched =
      layer === followed.layer - 1
        ? unit === followed.from
        : layer === followed.layer && unit === followed.to;
    const tone = lit ? "lit" : touched ? "touched" : "asleep";
    const name =
      layer === 0
        ? `${italic("x")}${subscript(unit)}`
        : layer === depth
          ? `${italic("z")}⁽${superscript(depth)}⁾${n(unit, sizes[depth])}`
          : null;
    return group(
      `watch-unit ${tone}`,
      [
        boxAt({ x, y }, 2 * half, 2 * half, 0.24 * half),
        ...(name
          ? [words(name, x, y, "", Math.min(letter, 0.9 * half))]
          : curveShapes(numbers, layer, unit, { x, y }, half, Boolean(lit?.tangent))),
        ...(lit?.label ? [labelOf(lit, { x, y }, half)] : []),
      ],
      { "data-unit": `${layer}.${unit}` },
    );
  });
  const { x: right, y: down } = places.cost;
  const atStart = ["question", "cost", "error"].includes(picture.kind);
  const cost =
    places.narrow && (!atStart || sizes[depth] > 1) // below several outputs there is no room
      ? []
      : [
          ...Array.from({ length: sizes[depth] }, (_, unit) => {
            const from = at(depth, unit);
            return path("watch-to-cost", `M${from.x} ${from.y}L${right} ${down}`);
          }),
          group(`watch-cost ${picture.kind === "cost" ? "lit" : ""}`, [
            boxAt(places.cost, 5.4 * letter, 3.2 * letter, 6),
            words(italic("C"), right, down - 0.65 * letter, "", letter),
            words(number(numbers.cost), right, down + 0.75 * letter, "", letter),
          ]),
        ];
  return [group("", asleep), group("", lit), ...heads, ...cost, ...squares, ...labels];
}

/** The number of a unit, where there are several. @param {number} unit @param {number} of */
const n = (unit, of) => (of > 1 ? subscript(unit) : "");

/**
 * A unit's activation, where it stands on it, and the tangent there.
 * @param {Numbers} numbers @param {number} layer @param {number} unit
 * @param {Point} middle @param {number} half side of the square @param {boolean} tangent
 * @returns {Shape[]}
 */
function curveShapes(numbers, layer, unit, middle, half, tangent) {
  const curve = numbers.curve(layer);
  const z = numbers.z(layer, unit);
  if (!curve || !Number.isFinite(z)) return [];
  const reach = Math.max(2.4, 1.25 * Math.abs(z));
  const places = Array.from({ length: SAMPLES + 1 }, (_, k) => reach * ((2 * k) / SAMPLES - 1));
  const values = places.map(curve);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const inner = 0.8 * half;
  const x = (/** @type {number} */ place) => middle.x + (inner * place) / reach;
  const y = (/** @type {number} */ value) =>
    middle.y + inner - (2 * inner * (value - low)) / (high - low || 1);
  const curved = places.map((place, k) => `${x(place).toFixed(1)} ${y(values[k]).toFixed(1)}`);
  const slope = numbers.slope(layer, unit);
  const at = { x: x(z), y: y(curve(z)) };
  // of a length that does not depend on how steep it is
  const [dx, dy] = [inner / reach, (-2 * inner * slope) / (high - low || 1)];
  const size = (0.62 * half) / Math.hypot(dx, dy);
  return [
    path("watch-curve", `M${curved.join("L")}`),
    ...(tangent && Number.isFinite(slope)
      ? [
          path(
            "watch-tangent",
            `M${at.x - size * dx} ${at.y - size * dy}L${at.x + size * dx} ${at.y + size * dy}`,
          ),
        ]
      : []),
    { kind: "circle", ...at, r: Math.max(2, 0.07 * half + 1), style: "watch-dot" },
  ];
}
