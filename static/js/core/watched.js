/** Which weights Watch can follow an error back to, and how they are named: "W1[0,2]". */
import { endsOf } from "./elements.js";
import { entryId, named, readEntry } from "./names.js";
import { quantityIn } from "./trace.js";

const MOST_LAYERS = 4;
const MOST_UNITS = 8;

/** @param {number[]} sizes units of each layer, input first */
export const isWatchable = (sizes) =>
  sizes.length <= MOST_LAYERS + 1 && Math.max(...sizes) <= MOST_UNITS;

/**
 * @param {string | null} name
 * @returns {{layer: number, from: number, to: number} | null} null: not the name of a weight
 */
export function weightNamed(name) {
  const entry = readEntry(name ?? "");
  const { quantity, layer } = named(entry?.id ?? "");
  if (quantity !== "W" || !layer || entry?.index.length !== 2) return null;
  const [from, to] = entry.index;
  return { layer, from, to };
}

/** The first-layer weight with the largest gradient. @param {Trace} trace */
export function steepest(trace) {
  const line = quantityIn(trace, "dC_dW", 1);
  let [best, name] = [-1, entryId("W1", 0, 0)];
  if (!line?.value) return name;
  for (let p = 0; p < line.shape[0]; p++)
    for (let q = 0; q < line.shape[1]; q++) {
      const size = Math.abs(line.value[p][q] ?? 0);
      const { from, to } = endsOf(line, [p, q]);
      if (size > best) [best, name] = [size, entryId("W1", from, to)];
    }
  return name;
}
