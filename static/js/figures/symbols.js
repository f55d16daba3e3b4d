/** The symbols of the classes as SVG paths around (0, 0), as large as Plotly's of these names. */

/**
 * @param {number} corners @param {number} turn in degrees; 0: a corner at the top
 * @param {(k: number) => number} [radius] of the k-th corner
 */
const polygon = (corners, turn, radius = () => 1) =>
  Array.from({ length: corners }, (_, k) => [
    radius(k),
    ((turn - 90 + (360 * k) / corners) * Math.PI) / 180,
  ]).map(([r, angle]) => [r * Math.cos(angle), r * Math.sin(angle)]);
const CROSS = [
  [-1, -0.35],
  [-0.35, -0.35],
  [-0.35, -1],
  [0.35, -1],
  [0.35, -0.35],
  [1, -0.35],
  [1, 0.35],
  [0.35, 0.35],
  [0.35, 1],
  [-0.35, 1],
  [-0.35, 0.35],
  [-1, 0.35],
];
/** @param {number[][]} points */
const turned = (points) => points.map(([x, y]) => [0.75 * (x - y), 0.75 * (x + y)]);

/** Corners by Plotly's name, in the order of the classes. @type {Record<string, number[][]>} */
const CORNERS = {
  circle: polygon(24, 0),
  square: polygon(4, 45, () => 1.25),
  diamond: polygon(4, 0, () => 1.3),
  "triangle-up": polygon(3, 0, () => 1.3),
  cross: CROSS,
  star: polygon(10, 0, (k) => (k % 2 ? 0.55 : 1.35)),
  "triangle-down": polygon(3, 180, () => 1.3),
  pentagon: polygon(5, 0, () => 1.1),
  x: turned(CROSS),
  hexagon: polygon(6, 0, () => 1.1),
};

export const SYMBOLS = Object.keys(CORNERS);

/** @param {number} k class @param {number} size radius @returns {string} the attribute `d` */
export function symbolPath(k, size) {
  const corners = CORNERS[SYMBOLS[k % SYMBOLS.length]].map((corner) =>
    corner.map((at) => (at * size).toFixed(2)).join(),
  );
  return `M${corners.join("L")}Z`;
}
