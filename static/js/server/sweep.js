/** Asks for the cells of a sweep until all are there, or the request is cancelled. */
import { tensor } from "../core/decode.js";

/** @typedef {Schemas["SweepAnswer"]} SweepAnswer */
/** @typedef {SweepAnswer & {sweep: Sweep}} Kept */

/**
 * @param {Api} api @param {Sweep} body @param {(kept: Kept, cells: Cells) => void} onCells
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

/** @param {Schemas["SweepMapAnswer"]} found @param {number[]} shape @returns {Cells} */
export function unpacked(found, [rows, columns]) {
  const numbers = (/** @type {Nested} */ packed) => Float64Array.from(tensor(packed)?.data ?? []);
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
 * @param {Api} api @param {string} id @param {Cell} cell @param {AbortSignal} [signal]
 * @returns {Promise<Recipe>}
 */
export const recipeOfCell = async (api, id, { row, column }, signal) =>
  (await api.get(`/sweeps/${id}/cells/${row}/${column}`, {}, signal)).experiment;
