/**
 * Edits of the training data: the edit that changes an entry of x or target in the working, and the
 * data as they are at a step. "x[3,1]" is feature 1 of training sample 3, "target[3]" its target: a
 * class index for a classification.
 */
import { TEXT } from "../text/en.js";
import { readEntry } from "./names.js";

/** @param {string} set of an edit */
export const isDataEdit = (set) => parseDataEdit(set) !== null;

/** @typedef {{of: "x" | "target", row: number, column: number | null}} DataEdit */

/** @param {string} set @returns {DataEdit | null} */
export function parseDataEdit(set) {
  const { id: of, index = [] } = readEntry(set) ?? {};
  if ((of !== "x" && of !== "target") || index.length > 2) return null;
  return { of, row: index[0], column: index[1] ?? null };
}

/**
 * The training sample that an entry belongs to: a row of the batch, or the one that is followed.
 * @param {Trace} trace @param {number[]} index
 */
export const sampleOf = (trace, index) =>
  trace.batch === null ? trace.rows[0] : trace.rows[index[0]];

/**
 * The edit that changes an entry of x or target. `to` makes the edit's value of what the entry
 * shall be; null: it cannot be that, and `rule` says why.
 * @param {string} variable @param {number[]} index @param {Trace} trace @param {Data} data
 * @returns {{set: string, unit: number, to: (wanted: number, now: number, typed: boolean) => number
 *   | null, rule: string} | null}
 */
export function dataTarget(variable, index, trace, data) {
  if (variable !== "x" && variable !== "target") return null;
  const row = sampleOf(trace, index);
  const k = index[index.length - 1];
  const number = { unit: 0.1, to: (/** @type {number} */ wanted) => wanted, rule: "" };
  if (variable === "x") return { set: `x[${row},${k}]`, ...number };
  if (data.task !== "classification")
    return { set: data.train.targets ? `target[${row},${k}]` : `target[${row}]`, ...number };
  const outputs = trace.givens.find(({ id }) => id === "target")?.shape.at(-1) ?? 1;
  return {
    set: `target[${row}]`,
    unit: 1,
    to: (wanted, _now, typed) => classOf(wanted, typed, k, outputs),
    rule: outputs > 2 ? TEXT.core.targetIsOneClass : TEXT.core.targetIsClass,
  };
}

/**
 * The class of which the k-th entry is `wanted`, of a target with so many entries.
 * @param {number} wanted @param {boolean} typed @param {number} k @param {number} outputs
 */
function classOf(wanted, typed, k, outputs) {
  if (typed && wanted !== 0 && wanted !== 1) return null;
  const on = wanted >= 0.5;
  if (outputs === 1) return Number(on);
  if (on) return k;
  // only with two outputs the other class is known
  return outputs === 2 ? 1 - k : null;
}

/** @type {{plain: Data | null, key: string, data: Data | null}} */
let last = { plain: null, key: "", data: null };

/**
 * The data with the edits up to a step; the same object as long as nothing changed.
 * @param {Data} plain as the server gave it, before any edit
 * @param {Edit[] | undefined} edits @param {number} step
 */
export function dataAt(plain, edits, step) {
  const applied = (edits ?? []).filter((edit) => edit.step <= step && isDataEdit(edit.set));
  if (!applied.length) return plain;
  const key = JSON.stringify(applied);
  if (last.data && last.plain === plain && last.key === key) return last.data;
  const train = { ...plain.train, x: [...plain.train.x], target: [...plain.train.target] };
  if (train.targets) train.targets = [...train.targets];
  for (const { set, to } of applied) {
    const { of, row, column } = /** @type {DataEdit} */ (parseDataEdit(set));
    if (of === "x") train.x[row] = train.x[row].with(Number(column), to);
    else if (column === null) train.target[row] = to;
    else if (train.targets) {
      train.targets[row] = train.targets[row].with(Number(column), to);
      train.target[row] = train.targets[row][0];
    }
  }
  const data = { ...plain, train };
  last = { plain, key, data };
  return data;
}
