/** Which entries of a wrong line differ from the right ones, by the digits that were handed in. */
import { flat } from "./lines.js";

/** Digits after the point of a number as JavaScript writes it. @param {Nested} value */
const decimals = (value) => {
  const [mantissa, power = "0"] = String(value).split("e");
  return Math.max(0, (mantissa.split(".")[1]?.length ?? 0) - Number(power));
};

/**
 * @param {Nested} numbers nested lists
 * @param {Nested} right nested lists of the same shape
 * @returns {boolean[] | null} for each entry in order whether it is off; null if the shapes do not
 *   allow that
 */
export function off(numbers, right) {
  const [a, b] = [flat(numbers), flat(right)];
  if (a.length !== b.length) return null;
  const largest = Math.max(...b.map((v) => Math.abs(v ?? 0)), 0);
  const unit = 0.5 * 10 ** -Math.min(8, Math.max(...a.map(decimals), 0) || 8);
  const slack = 1.01 * unit + 1e-6 * largest;
  return a.map((v, k) => v === null || b[k] === null || Math.abs(v - b[k]) > slack);
}

/** @param {Nested} value nested lists @returns {number[]} */
export const shapeOf = (value) =>
  Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];

/** The index of the k-th entry. @param {number} k @param {number[]} shape */
export function indexOf(k, shape) {
  const index = [];
  for (const size of [...shape].reverse()) {
    index.unshift(k % size);
    k = Math.floor(k / size);
  }
  return index;
}
