/**
 * The small drawings of the list, by a lesson's `picture`, 132 by 84. They are signs of what a
 * lesson is about, drawn in the colour of its group; the numbers are of no experiment.
 */
import { s } from "../ui/dom.js";

/** @typedef {SVGElement[]} Shapes */

/** @param {string} d @param {string} [kind] of stroke: "soft", "ink" or "second" */
const path = (d, kind = "") => s("path", { d, class: `stroke ${kind}` });
/** @param {number} x @param {number} y @param {number} r @param {string} [kind] */
const dot = (x, y, r, kind = "hollow") => s("circle", { cx: x, cy: y, r, class: kind });
/** @param {string} places "x y x y …" @param {number} r @param {string} [kind] */
const dots = (places, r, kind) =>
  [...places.matchAll(/(\d+) (\d+)/g)].map(([, x, y]) => dot(Number(x), Number(y), r, kind));
/** @param {number} x @param {number} y @param {number} width @param {number} height */
const box = (x, y, width, height, kind = "solid") =>
  s("rect", { x, y, width, height, rx: 3, class: kind });
/** @param {number} x @param {number} y @param {string} text */
const word = (x, y, text, kind = "ink") => s("text", { x, y, class: kind }, text);

/** @param {number[]} heights from the left, 0 to 1 @param {string} [kind] */
const bars = (heights, kind) => {
  const width = 92 / heights.length;
  return heights.map((fraction, k) =>
    box(20 + k * width, 68 - 54 * fraction, width - 3, Math.max(1, 54 * fraction), kind),
  );
};
/** Signed cells. @param {number[]} values −1 to 1, in rows @param {number} columns */
const cells = (values, columns) =>
  values.map((value, k) =>
    s("rect", {
      x: 66 + 15 * ((k % columns) - columns / 2),
      y: 12 + 15 * Math.floor(k / columns),
      width: 13,
      height: 13,
      rx: 2,
      class: value < 0 ? "negative" : "positive",
      opacity: Math.max(0.12, Math.abs(value)).toFixed(2),
    }),
  );
/** Units of each layer and the lines between. @param {number[]} sizes */
function net(sizes) {
  const x = (/** @type {number} */ k) => 24 + (84 * k) / (sizes.length - 1);
  const y = (/** @type {number} */ n, /** @type {number} */ of) => 42 + 21 * (n - (of - 1) / 2);
  const units = sizes.map((of, k) => Array.from({ length: of }, (_, n) => [x(k), y(n, of)]));
  const lines = units
    .slice(1)
    .flatMap((layer, k) =>
      units[k].flatMap(([a, b]) => layer.map(([c, d]) => path(`M${a} ${b}L${c} ${d}`, "soft"))),
    );
  return [...lines, ...units.flat().map(([a, b]) => dot(a, b, 6))];
}
/** @param {number} from @param {number} to @param {number} y @param {string} [kind] */
const arrow = (from, to, y, kind) => {
  const back = to < from ? 6 : -6;
  return path(`M${from} ${y}H${to}M${to + back} ${y - 4}L${to} ${y}L${to + back} ${y + 4}`, kind);
};
const SIGMOID = "M14 68C58 66 66 20 118 17";
const FALL = "M16 14C26 52 40 58 116 66";
const MIXED = [0.3, -0.2, 0.7, -0.9, 0.5, 0.2, -0.4, 0.8, 0.1, -0.6, 0.9, -0.1, 0.4, -0.8, 0.6];

/** @type {Record<string, () => Shapes>} */
const PICTURES = {
  matrix: () => [...cells(MIXED.slice(0, 6), 3), word(52, 66, "z = ?", "phase")],
  network: () => net([2, 3, 2]),
  layers: () => [
    ...[0, 1, 2, 3].map((k) => box(20 + 25 * k, 18 + 4 * (k % 2), 16, 34 - 8 * (k % 2), "pale")),
    arrow(20, 112, 68),
  ],
  corner: () => [path("M14 66H60L112 16"), path(SIGMOID, "ink")],
  grid: () => cells(MIXED, 5),
  points: () => [
    ...dots("30 56 38 62 44 54 34 48", 3.5, "negative"),
    ...dots("64 26 74 22 70 32 80 28", 3.5, "positive"),
    ...dots("92 52 100 58 96 44 106 50", 3.5, "solid"),
  ],
  descent: () => [path(FALL)],
  descents: () => [path(FALL), path("M16 14C24 30 40 36 60 40S96 42 116 30", "second")],
  slope: () => [path(SIGMOID, "ink"), path("M40 62L92 24"), dot(66, 43, 4.5, "solid")],
  secant: () => [path(SIGMOID, "ink"), path("M34 66L100 14"), ...dots("46 56 86 26", 4, "solid")],
  chain: () => [path("M30 42H102", "soft"), ...dots("30 42 66 42 102 42", 10), arrow(102, 30, 66)],
  product: () => [...bars([0.6, 0.36, 0.2]), word(22, 22, "0.41 ×"), box(70, 9, 36, 17, "pale")],
  back: () => [...net([2, 3, 2]), arrow(110, 22, 8)],
  sum: () => [
    ...cells(MIXED.slice(0, 10), 5),
    path("M26 50H106", "ink"),
    word(50, 68, "Σ / N", "phase"),
  ],
  code: () =>
    ["16 60", "26 80", "26 62", "36 50", "16 44"].map((row, k) => {
      const [x, width] = row.split(" ").map(Number);
      return box(x, 10 + 14 * k, width, 6, k === 2 ? "solid" : "soft");
    }),
  shares: () => [box(20, 12, 18, 14, "pale"), box(20, 34, 84, 14), box(20, 56, 42, 14, "pale")],
  growing: () => bars([0.04, 0.09, 0.16, 0.3, 0.55, 1]),
  shrinking: () => bars([1, 0.62, 0.38, 0.2, 0.1, 0.05]),
  histogram: () => bars([0.1, 0.26, 0.55, 0.9, 1, 0.72, 0.4, 0.2, 0.08]),
  valley: () => [path("M16 10Q66 124 116 10", "ink"), path("M24 28L102 36L40 54L82 60")],
  ellipse: () => [
    s("ellipse.stroke.ink", { cx: 40, cy: 42, rx: 12, ry: 32 }),
    s("ellipse.stroke", { cx: 96, cy: 42, rx: 22, ry: 22 }),
    arrow(54, 70, 42, "soft"),
  ],
  arrows: () => [arrow(18, 52, 20, "soft"), arrow(18, 84, 42), arrow(18, 112, 64, "ink")],
  confusion: () => cells([0.9, 0.15, 0.1, 0.12, 0.8, -0.4, 0.1, -0.3, 0.85], 3),
};

/** @param {string} name @returns {SVGElement} of the code if there is no drawing of the name */
export const pictureOf = (name) =>
  s(
    "svg.lesson-picture[aria-hidden=true]",
    { viewBox: "0 0 132 84" },
    ...(PICTURES[name] ?? PICTURES.code)(),
  );
