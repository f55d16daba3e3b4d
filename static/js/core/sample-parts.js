/** What each sample of the batch adds to one entry of a gradient: names, order, sums. */

import { endsOf } from "./elements.js";
import { entryId, letterOf } from "./names.js";

/** @typedef {"samples" | "size"} Order */

/**
 * The index of an entry of a gradient in the wire's order: rows of W are inputs.
 * @param {Line} line
 * @param {number[]} index in the working's convention; a bias may have a leading index of its row
 */
export function wireIndex(line, index) {
  if (line.quantity === "dC_db") return index.slice(-1);
  const { from, to } = endsOf(line, index);
  return [from, to];
}

/**
 * What the route calls an entry: "W[0,2]".
 * @param {Line} line ∂C/∂W or ∂C/∂b
 * @param {number[]} index
 */
export const wireEntry = (line, index) =>
  entryId(letterOf(line.of ?? ""), ...wireIndex(line, index));

/** Position of the largest part, −1 where all are 0. @param {(number | null)[]} parts */
export const hardestOf = (parts) =>
  parts.reduce(
    (/** @type {number} */ best, part, k) =>
      Math.abs(part ?? 0) > Math.abs(parts[best] ?? 0) ? k : best,
    -1,
  );

/**
 * Samples as the batch has them, or from the largest part to the smallest.
 * @param {(number | null)[]} parts @param {Order} order
 */
export function orderOf(parts, order) {
  const samples = parts.map((_, k) => k);
  if (order === "samples") return samples;
  return samples.sort((p, q) => Math.abs(parts[q] ?? 0) - Math.abs(parts[p] ?? 0) || p - q);
}

/**
 * The penalty's part of an entry; 0 where it is within rounding.
 * @param {number} whole the entry of the gradient
 * @param {number} sum of all samples' parts
 */
export function penaltyOf(whole, sum) {
  const penalty = whole - sum;
  return Math.abs(penalty) > 1e-12 * Math.max(Math.abs(whole), Math.abs(sum)) ? penalty : 0;
}

/**
 * The target of a sample as text: its class, or its number; null where there are several targets.
 * @param {Data} data @param {number} row @param {(value: number) => string} written
 */
export function targetText({ task, classes, train }, row, written) {
  if (train.targets) return null;
  const target = train.target[row];
  if (target === undefined) return null;
  return task === "classification" ? (classes[target] ?? String(target)) : written(target);
}
