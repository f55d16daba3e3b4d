/**
 * Numbers submitted on the check page: they are those of this working if its givens are the same.
 * A line that differs shows the submitted array, the right one, and the difference.
 */

import { flat } from "../core/lines.js";
import { MINE } from "../core/mine.js";
import { keptJson } from "../core/storage.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { matrixView } from "../ui/matrix.js";
import { givensOf } from "./submitted-givens.js";

const ROWS = 8;
const COLUMNS = 6;

/** The numbers of the network and the sample. @param {any} givens any: of two routes */
const numbersOf = ({ layers, x, target }) =>
  JSON.stringify(
    [...layers.flatMap((/** @type {{W: Nested, b: Nested}} */ { W, b }) => [W, b]), x, target].map(
      (value) => flat(value),
    ),
  );

/**
 * @param {State} state
 * @returns {{values: Record<string, Nested>, result: Check} | null} null: nothing was handed over,
 *   or the numbers of another working
 */
export function handedOver(state) {
  const kept = keptJson(MINE, "sessionStorage");
  try {
    if (!kept || numbersOf(kept.givens) !== numbersOf(givensOf(state))) return null;
    return { values: kept.submitted, result: kept.result };
  } catch {
    return null; // mangled
  }
}

/**
 * Yours, the right one, and yours − right.
 * @param {Line} line @param {Nested | undefined} submitted
 * @returns {HTMLElement | null} null where the shapes differ
 */
export function comparison(line, submitted) {
  if (submitted === undefined || typeof submitted === "string") return null;
  const [mine, right] = [flat(submitted), flat(line.value)];
  if (mine.length !== right.length || !mine.every(Number.isFinite)) return null;
  const off = mine.map((value, k) => Number(value) - Number(right[k]));
  /** The numbers in the line's shape. @param {(number | null)[]} numbers @returns {Nested} */
  const shaped = (numbers) => {
    let next = 0;
    /** @param {number[]} shape @returns {Nested} */
    const nested = (shape) =>
      shape.length
        ? Array.from({ length: shape[0] }, () => nested(shape.slice(1)))
        : numbers[next++];
    return nested(line.shape);
  };
  /** @param {string} title @param {Nested} value @param {string} of */
  const view = (title, value, of) =>
    h(
      "div.compared",
      { "data-compared": of },
      h("span.tag", title),
      matrixView(
        { id: `${of}-${line.id}`, symbol: null, shape: line.shape, value },
        {
          role: "input",
          rows: ROWS,
          columns: line.shape.length > 1 ? COLUMNS : 1,
          name: `${title} ${line.id}`,
        },
      ),
    );
  return h(
    "div.comparison.side-by-side[data-readout=mine-and-ours]",
    view(TEXT.submitted.mine, shaped(mine), "mine"),
    view(TEXT.submitted.ours, line.value, "ours"),
    view(TEXT.submitted.difference, shaped(off), "difference"),
  );
}
