/** Looking things up in a trace. */

/** @param {any} trace @param {string} id */
export const lineOf = (trace, id) => trace?.lines.find((line) => line.id === id);

/** A line or a given: whatever an input refers to. @param {any} trace @param {string} id */
export const variable = (trace, id) => lineOf(trace, id) ?? trace?.givens.find((given) => given.id === id);

/** @param {any} trace @param {string} id @returns {number[]} */
export const shapeOfInput = (trace, id) => variable(trace, id)?.shape ?? [];

/** The line before or after; stays at the ends. @param {any} trace @param {string} id @param {number} by */
export function neighbour(trace, id, by) {
  if (!trace) return id;
  const k = trace.lines.findIndex((line) => line.id === id);
  return trace.lines[Math.max(0, Math.min(trace.lines.length - 1, k + by))].id;
}
