/** Data and prediction as shapes, for pictures to take along. */
import { drawn } from "./data.js";
import { region } from "./prediction.js";

/** @typedef {{x: number, y: number, side: number}} Box */

/**
 * @param {Data} data @param {Boundary} boundary @param {Palette} palette @param {Box} box
 * @returns {{source: string | null, shapes: Shape[]}} source: the picture that fills the box
 */
export function planeShapes(data, boundary, palette, box) {
  const curve = boundary.kind === "curve";
  const [i, j] = curve ? [0, 0] : boundary.axes;
  const { train } = data;
  const heightOf = (/** @type {number} */ row) => (curve ? train.target[row] : train.x[row][j]);
  const rows = drawn(train.x.length);
  const across = Array.from(boundary.x.data);
  const up = curve ? rows.map(heightOf) : Array.from(boundary.y.data);
  const place = scaled(Math.min(...across), Math.max(...across), Math.min(...up), Math.max(...up));
  /** @param {number} x @param {number} y */
  const at = (x, y) => {
    const [u, v] = place(x, y);
    return { x: box.x + u * box.side, y: box.y + (1 - v) * box.side };
  };
  /** @type {Shape[]} */
  const shapes = [];
  if (boundary.kind === "curve") {
    const values = Array.from(boundary.z.data);
    for (let k = 1; k < across.length; k++) {
      const [from, to] = [at(across[k - 1], values[k - 1]), at(across[k], values[k])];
      if ([from, to].every(({ y }) => y >= box.y && y <= box.y + box.side))
        shapes.push({
          ...{ kind: "line", x1: from.x, y1: from.y, x2: to.x, y2: to.y },
          ...{ stroke: palette.phases.forward, width: 2.4 },
        });
    }
  }
  for (const row of rows) {
    const classed = data.task === "classification";
    const colour = classed ? palette.classes[train.target[row] % 10] : palette.ink;
    shapes.push({
      ...{ kind: "circle", ...at(train.x[row][i], heightOf(row)), r: 2.6 },
      ...{ fill: colour, stroke: palette.paper, width: 0.6 },
    });
  }
  return {
    source: boundary.kind === "curve" ? null : region(boundary, palette, data).source,
    shapes,
  };
}

/**
 * From the data to 0…1, upwards and to the right.
 * @param {number} left @param {number} right @param {number} bottom @param {number} top
 * @returns {(x: number, y: number) => [number, number]}
 */
const scaled = (left, right, bottom, top) => (x, y) => [
  (x - left) / (right - left || 1),
  (y - bottom) / (top - bottom || 1),
];
