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
    const answer = await api.get(`/sweeps/${kept.id}`, { arrays: "base64" }, signal);
    const cells = unpacked(answer, kept.shape);
    onCells(kept, cells);
    if (cells.reached === cells.target) return;
  }
}

/** @param {Schemas["SweepMapAnswer"]} packed @param {number[]} shape @returns {Cells} */
export function unpacked(packed, [rows, columns]) {
  const numbers = (/** @type {Nested} */ packed) => Float64Array.from(tensor(packed)?.data ?? []);
  return {
    rows,
    columns,
    values: numbers(packed.values),
    spread: packed.spread === null ? null : numbers(packed.spread),
    diverged: numbers(packed.diverged),
    reached: packed.reached,
    target: packed.target,
  };
}

/**
 * The experiment of a cell.
 * @param {Api} api @param {string} id @param {Cell} cell @param {AbortSignal} [signal]
 * @returns {Promise<Recipe>}
 */
export const recipeOfCell = async (api, id, { row, column }, signal) =>
  (await api.get(`/sweeps/${id}/cells/${row}/${column}`, {}, signal)).experiment;
