/** What the columns of an uploaded table are for, and the table in words. */
import { TEXT } from "../text/en.js";

/**
 * The features with one of them chosen or left out, in the order of the columns.
 * @param {TableHead["columns"]} columns @param {string} name @param {boolean} on
 */
export const featuresWith = (columns, name, on) =>
  columns
    .filter((column) => (column.name === name ? on : column.role === "feature"))
    .map((column) => column.name);

/** Numbers of columns that a table gives as targets. @param {TableAnswer} answer */
export const targetsOf = ({ columns }) => columns.filter(({ role }) => role === "target").length;

/** Number of classes; null: a regression. @param {TableAnswer} answer */
export const classCount = ({ task, classes }) =>
  task === "classification" ? classes.length : null;

/** A table in words. @param {TableAnswer} answer */
export function describeTable(answer) {
  const { rows, task, classes, points, left_out: left, columns } = answer;
  const features = columns.filter(({ role }) => role === "feature").length;
  const what =
    task === "classification" ? TEXT.table.classes(classes) : TEXT.table.numbers(targetsOf(answer));
  const where = points ? TEXT.table.inLink : TEXT.table.onServer;
  return TEXT.table.described(rows, what, features, TEXT.table.leftOut(left.length), where);
}

/**
 * Where a row of a text begins and ends, to be selected.
 * @param {string} text @param {number} row from 1
 */
export function lineRange(text, row) {
  let from = 0;
  for (let k = 1; k < row; k++) {
    const next = text.indexOf("\n", from);
    if (next < 0) break;
    from = next + 1;
  }
  const end = text.indexOf("\n", from);
  return [from, end < 0 ? text.length : end];
}
