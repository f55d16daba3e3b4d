/** What the columns of a table are for, before the server has read it and after. */
import { TEXT } from "../text/en.js";

/** @typedef {"feature" | "target" | "left out"} Role */
/**
 * @typedef {{name: string, kind: "number" | "text", role?: Role, suggested?: string | null}} Column
 *   role: as the server read it; suggested: by a file that this program exported
 */

/**
 * @param {Column[]} columns @param {TableChoices} choices
 * @returns {Role[]} as the server will read it: by choice, else the last column is the target
 */
export function rolesOf(columns, { target, features }) {
  return columns.map((column, k) => {
    if (column.role) return column.role;
    if (column.suggested && !target && !features) return /** @type {Role} */ (column.suggested);
    if (target ? target === column.name : k === columns.length - 1) return "target";
    return (features ? features.includes(column.name) : column.kind === "number")
      ? "feature"
      : "left out";
  });
}

/**
 * The features with one of them chosen or left out, in the order of the columns.
 * @param {Column[]} columns @param {Role[]} roles @param {string} name @param {boolean} on
 */
export const featuresWith = (columns, roles, name, on) =>
  columns
    .filter((column, k) => (column.name === name ? on : roles[k] === "feature"))
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
