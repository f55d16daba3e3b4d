/** Texts of a lesson as a sheet to print. */
export const sheet = {
  name: "Name:",
  shape: "( ________________ )",
  /** @param {number} n */
  line: (n) => `line ${n}: `,
  /** @param {string} title @param {string} seed */
  answersOf: (title, seed) => `${title}: answers, seed ${seed}`,
  answersBelow: "The answers are below, and are printed on pages of their own.",
  /** @param {string} problem */
  refused: (problem) => `There are no answers here: ${problem}. A server of your own has them.`,
};
