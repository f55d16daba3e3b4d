/**
 * The response of a unit over the plane of two features, as a small picture. Blue is
 * high and orange low, around the middle of what the activation can give.
 */
import { colourTable } from "./bitmap.js";
import { calm, signedScale } from "./colour.js";

const TABLE = 256;

/** @typedef {{middle: number, reach: number}} Span values from middle − reach to middle + reach */

/** @param {Palette} palette */
export const responseColours = (palette) => colourTable(signedScale(palette), TABLE);

/**
 * The values that get the full colours: all that a bounded activation can give, else as far as the
 * layer's largest.
 * @param {ArrayLike<number>} values of all units of the layer
 * @param {(number | null)[] | undefined} range of the activation, null: not bounded
 * @returns {Span}
 */
export function spanOf(values, range) {
  const [low, high] = range ?? [null, null];
  if (low !== null && high !== null) return { middle: (low + high) / 2, reach: (high - low) / 2 };
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]));
  return { middle: 0, reach: calm(largest) };
}

/**
 * Whether the response of a unit is the same in both.
 * @param {Tensor} a @param {Tensor} b @param {number} unit
 */
export function sameResponse(a, b, unit) {
  const size = a.shape[1] * a.shape[2];
  for (let k = unit * size; k < (unit + 1) * size; k++) if (a.data[k] !== b.data[k]) return false;
  return a.data.length === b.data.length;
}

/**
 * The pixels of one unit, the upper row first.
 * @param {Tensor} response (units, rows, columns), rows from low to high
 * @param {number} unit @param {Span} span
 * @param {[number, number, number][]} colours of `responseColours`
 * @returns {Uint8ClampedArray<ArrayBuffer>} red, green, blue, alpha
 */
export function unitPixels({ data, shape }, unit, { middle, reach }, colours) {
  const [, rows, columns] = shape;
  const out = new Uint8ClampedArray(4 * rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = (unit * rows + rows - 1 - row) * columns;
    for (let column = 0; column < columns; column++) {
      const fraction = (data[from + column] - middle) / reach;
      const at = Math.round(((Math.max(-1, Math.min(1, fraction)) + 1) / 2) * (TABLE - 1)) || 0;
      const colour = colours[at];
      const k = 4 * (row * columns + column);
      for (let channel = 0; channel < 3; channel++) out[k + channel] = colour[channel];
      out[k + 3] = 255;
    }
  }
  return out;
}

/**
 * The responses of the two inputs: the features themselves.
 * @param {ArrayLike<number>} x @param {ArrayLike<number>} y of the boundary's grid
 * @param {number} side
 * @returns {Tensor}
 */
export function inputResponses(x, y, side) {
  const data = new Array(2 * side * side);
  /** @param {ArrayLike<number>} axis @param {number} k */
  const at = (axis, k) => axis[0] + ((axis[axis.length - 1] - axis[0]) * k) / (side - 1);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      data[row * side + column] = at(x, column);
      data[(side + row) * side + column] = at(y, row);
    }
  return { data, shape: [2, side, side] };
}

/**
 * Where a sample is within a response, from the left and from the top.
 * @param {ArrayLike<number>} point @param {ArrayLike<number>} x @param {ArrayLike<number>} y
 * @returns {[number, number]} fractions of the side, or outside of 0 to 1
 */
export const placeIn = (point, x, y) => [
  (point[0] - x[0]) / (x[x.length - 1] - x[0]),
  1 - (point[1] - y[0]) / (y[y.length - 1] - y[0]),
];
