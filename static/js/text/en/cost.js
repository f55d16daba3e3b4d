/** Texts about the cost around a step. A summary is one line, a sentence its tooltip. */
export const cost = {
  notFinite: "The cost is not finite in this plane.",
  flat: "Flat: the cost does not depend on these two.",
  noGradient: "The gradient is zero here: there is no direction to go.",
  fallsSummary: " · still falls at the end",
  fallsSentence: " The training set's cost still falls at the end of this line.",
  /** @param {string} t */
  leastSummary: (t) => ` · ▽ at t = ${t}`,
  /** @param {string} t @param {string} least */
  leastSentence: (t, least) =>
    ` Along this line the training set's cost is least at t = ${t}, where it is ${least}.`,
  /** @param {string} least */
  noPlaceSummary: (least) => `The update has no place here${least}`,
  /** @param {string} least */
  noPlaceSentence: (least) => `The update has no place on this line.${least}`,
  /**
   * @param {string} t
   * @param {string} off share of the way beside the line, or empty
   * @param {string} before
   * @param {string} after
   * @param {string} least
   */
  updateSummary: (t, off, before, after, least) =>
    `◆ t = ${t}${off && ` (${off} beside)`}: ${before} → ${after}${least}`,
  /**
   * @param {string} t
   * @param {string} off share of the way beside the line, or empty
   * @param {string} before
   * @param {string} after
   * @param {string} least
   */
  updateSentence: (t, off, before, after, least) =>
    `The update goes to t = ${t}${off && `, ${off} of its way beside the line`}: ` +
    `the training set's cost goes from ${before} to ${after}.${least}`,
  /** @param {number} steps */
  path: (steps) => `The line is the training so far, ${steps} steps of it, the square its start.`,
  noPath: "The network is too large for its path to be kept.",
  /** @param {number} samples @param {number} all */
  rows: (samples, all) => (samples < all ? `the first ${samples} of ${all}` : `all ${samples}`),
  /**
   * @param {{now: string, next: string, least: string, samples: number, all: number,
   *   path: boolean}} about
   */
  planeSummary: ({ now, next, least, samples, all, path }) =>
    `○ now ${now}${samples < all ? ` of ${samples} rows` : ""} · ◆ update ${next} · ` +
    `least here ${least}${path ? " · ■ start" : ""}`,
  /**
   * @param {{now: string, next: string, least: string, rows: string, across: string, up: string,
   *   path: string}} about
   */
  planeSentence: ({ now, next, least, rows, across, up, path }) =>
    `The cost is ${now}, after the update (◆) ${next}; the least in this plane is ` +
    `${least}, of ${rows} rows. Across: ${across}; up: ${up}. ${path}`,
  chosen: "chosen",
};
