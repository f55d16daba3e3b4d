/**
 * Numbers as Python reads them.
 */

export const IMPORT = "import numpy as np";

/** @param {Nested} value null is not finite @returns {string} */
const literal = (value) =>
  Array.isArray(value)
    ? `[${value.map(literal).join(", ")}]`
    : value === null
      ? "np.nan"
      : String(value);

/** "W1 = np.array([[…], […]])", one row a line. @param {string} id @param {Nested} value */
export function asNumpy(id, value) {
  if (!Array.isArray(value)) return `${id} = ${literal(value)}`;
  const indent = " ".repeat(id.length + " = np.array([".length);
  if (!Array.isArray(value[0])) return `${id} = np.array(${literal(value)})`;
  return `${id} = np.array([${value.map(literal).join(`,\n${indent}`)}])`;
}

/**
 * A line of the working with what it is made of.
 * @param {Line} line @param {(id: string) => Given | undefined} variable
 */
export const lineAsNumpy = (line, variable) =>
  [
    IMPORT,
    "",
    ...[...new Set(line.inputs)].map((id) => asNumpy(id, variable(id)?.value ?? null)),
    asNumpy(line.id, line.value),
    "",
  ].join("\n");
