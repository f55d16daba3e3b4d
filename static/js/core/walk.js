/** Walking through one step: which lines a pass has, and where a walk begins. */

/** Milliseconds that each line is shown, from slow to quick. */
export const PACES = [4000, 2000, 1000, 500];
export const USUAL_PACE = 2;

/** @typedef {"forward" | "backward"} Pass */

/** The error ends where it changes the weights. @type {Record<Pass, string[]>} */
const PHASES_OF = { forward: ["forward", "cost"], backward: ["backward", "update"] };

/** @typedef {{lines: {id: string, phase: string}[]} | null} Lines a trace, or some lines of it */

/** The lines of a pass in order. @param {Lines} trace @param {Pass} pass */
export const linesOf = (trace, pass) =>
  (trace?.lines ?? []).filter(({ phase }) => PHASES_OF[pass].includes(phase)).map(({ id }) => id);

/**
 * The line that a walk shows first: after a pause the one after the current line, if there is one
 * in the pass; else the first.
 * @param {Lines} trace @param {Pass} pass @param {string} line the current one
 * @param {boolean} paused a walk of this pass was paused
 * @returns {string | undefined}
 */
export function firstOf(trace, pass, line, paused) {
  const ids = linesOf(trace, pass);
  return (paused ? ids[ids.indexOf(line) + 1] : undefined) ?? ids[0];
}

/** How long the pulses of a line are on their way. @param {number} pace ms a line */
export const carryTime = (pace) => Math.min(600, 0.6 * pace);
