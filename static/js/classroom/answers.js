/** Answers of students as the page shows them, whatever a question's kind is. */
import { off, shapeOf } from "../core/differences.js";
import { isObject } from "../core/leaves.js";
import { flat } from "../core/lines.js";
import { readPrinted } from "../lessons/printed.js";

/**
 * The numbers of an answer in row-major order; null where it has none, or they cannot be read here.
 * @param {unknown} answer @returns {number[] | null}
 */
export function numbersOf(answer) {
  if (typeof answer === "number") return [answer];
  if (typeof answer === "string") return readPrinted(answer)?.numerals.map(Number) ?? null;
  if (!Array.isArray(answer)) return null;
  const values = flat(answer);
  return values.every((value) => typeof value === "number") ? values : null;
}

/**
 * The part of an answer that is about a line: a whole working has several.
 * @param {unknown} answer @param {string | null | undefined} line
 */
export const partOf = (answer, line) =>
  isObject(answer) && line ? (answer[line] ?? answer) : answer;

/**
 * An answer beside the value of its line.
 * @param {number[]} answered in row-major order @param {Nested} value
 * @returns {{shape: number[], right: number[], wrong: boolean[]} | null} null if they have not the
 *   same number of entries
 */
export function compared(answered, value) {
  const right = flat(value);
  if (right.length !== answered.length) return null;
  return { shape: shapeOf(value), right, wrong: off(answered, right) ?? answered.map(() => true) };
}

/** The letter of an option. @param {number} k */
export const letter = (k) => String.fromCharCode(65 + k);

/** An answer in one line. @param {unknown} answer */
export const written = (answer) =>
  typeof answer === "string" ? answer : JSON.stringify(answer).replace(/,/g, ", ");
