/** Asks for the cells of a sweep until all are there, or the request is cancelled. */
import { tensor } from "../core/decode.js";

/** @typedef {import("../core/wire.js").Schemas["SweepAnswer"]} SweepAnswer */
/** @typedef {SweepAnswer & {sweep: import("../core/sweep.js").Sweep}} Kept */

/**
 * @param {import("./api.js").Api} api
 * @param {import("../core/sweep.js").Sweep} body
 * @param {(kept: Kept, cells: import("../core/sweep.js").Cells) => void} onCells
 * @param {AbortSignal} signal who aborts stops the sweep
 */
export async function readSweep(api, body, onCells, signal) {
  /** @type {Kept} */
  const kept = await api.post("/sweeps", body, signal);
  for (;;) {
    const found = await api.get(`/sweeps/${kept.id}`, { arrays: "base64" }, signal);
    const cells = unpacked(found, kept.shape);
    onCells(kept, cells);
    if (cells.reached === cells.target) return;
  }
}

/**
 * @param {import("../core/wire.js").Schemas["SweepMapAnswer"]} found
 * @param {number[]} shape
 * @returns {import("../core/sweep.js").Cells}
 */
export function unpacked(found, [rows, columns]) {
  /** @param {import("../core/wire.js").Nested} packed */
  const numbers = (packed) => Float64Array.from(tensor(packed)?.data ?? []);
  return {
    rows,
    columns,
    values: numbers(found.values),
    spread: found.spread === null ? null : numbers(found.spread),
    diverged: numbers(found.diverged),
    reached: found.reached,
    target: found.target,
  };
}

/**
 * The experiment of a cell.
 * @param {import("./api.js").Api} api
 * @param {string} id
 * @param {import("../core/sweep.js").Cell} cell
 * @param {AbortSignal} [signal]
 * @returns {Promise<import("../core/wire.js").Recipe>}
 */
export const recipeOfCell = async (api, id, { row, column }, signal) =>
  (await api.get(`/sweeps/${id}/cells/${row}/${column}`, {}, signal)).experiment;
