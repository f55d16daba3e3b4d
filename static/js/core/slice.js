/**
 * Which cut through the cost is shown, as one word of the address: "gradient" (along the batch's
 * gradient), "gradient:train", "plane:random:3", "plane:start", "weights:W1[0,2]:b2[1]".
 */
import { entryId, idOf } from "./names.js";

/**
 * @typedef {{kind: "gradient", of: "batch" | "train"} | {kind: "plane", second: "random" | "start",
 *   seed: number} | {kind: "weights", a: string, b: string}} Slice
 */

/** @param {unknown} text @returns {Slice | null} */
export function parseSlice(text) {
  if (typeof text !== "string") return null;
  const [kind, first, second, ...more] = text.split(":");
  if (more.length) return null;
  if (kind === "gradient" && second === undefined && (first === undefined || first === "train"))
    return { kind, of: first ?? "batch" };
  if (kind === "plane" && first === "start" && second === undefined)
    return { kind, second: first, seed: 0 };
  if (kind === "plane" && first === "random" && /^\d{1,9}$/.test(second ?? "0"))
    return { kind, second: first, seed: Number(second ?? 0) };
  if (kind === "weights" && first && second && first.length <= 32 && second.length <= 32)
    return { kind, a: first, b: second };
  return null;
}

export function formatSlice(/** @type {Slice} */ slice) {
  if (slice.kind === "gradient") return slice.of === "train" ? "gradient:train" : "gradient";
  if (slice.kind === "plane")
    return slice.second === "start" ? "plane:start" : `plane:random:${slice.seed}`;
  return `weights:${slice.a}:${slice.b}`;
}

/** What the route wants to know. @param {Slice} slice */
export const queryOf = ({ kind, ...more }) => ({ kind, ...(kind === "gradient" ? {} : more) });

/**
 * The parameters of a network by name, at most so many.
 * @param {number[]} sizes units, inputs first
 * @param {number} most
 */
export function parameterNames(sizes, most) {
  const names = [];
  for (let layer = 1; layer < sizes.length; layer++) {
    for (let i = 0; i < sizes[layer - 1]; i++)
      for (let j = 0; j < sizes[layer] && names.length < most; j++)
        names.push(entryId(idOf("W", layer), i, j));
    for (let j = 0; j < sizes[layer] && names.length < most; j++)
      names.push(entryId(idOf("b", layer), j));
  }
  return names;
}

/** Position of the least of finite numbers, or −1. @param {(number | null)[]} values */
export function argmin(values) {
  let best = -1;
  values.forEach((value, k) => {
    if (value !== null && Number.isFinite(value) && (best < 0 || value < Number(values[best])))
      best = k;
  });
  return best;
}
