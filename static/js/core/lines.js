/** Lines of a working: their phases, and what is read out of them. */
import { TEXT } from "../text/en.js";
import { number } from "./format.js";

/**
 * What stands for a line in the ribbon; `symbol`: in place of the name; `box`: before
 * the cells that have the same one.
 * @typedef {{id: string, phase: string, name: string, title: string, symbol?: Formula,
 *   box?: string}} RibbonCell
 */

export const PHASES = ["forward", "cost", "backward", "update"];

/** What a screen reader says on entering a line: "layer 2, dC/dz, 4 values, largest −0.49". */
export function spoken(/** @type {Line} */ { spoken: name, left_out, shape, value }) {
  if (left_out)
    return TEXT.core.lineSize(
      name,
      shape.reduce((all, n) => all * n, 1),
    );
  const values = flat(value);
  if (values.length === 1) return `${name}, ${number(values[0], 2)}`;
  const largest = values.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
  return TEXT.core.lineRead(name, values.length, number(largest, 2));
}

/** @param {Nested} value nested lists or a number @returns {number[]} */
export function flat(value) {
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}
