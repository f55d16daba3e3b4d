/** Texts of the list of lessons. */
export const lessonList = {
  /** @param {number} n */
  minutes: (n) => `${n} min`,
  done: "done",
  /** @param {number} n @param {number} all */
  doneOf: (n, all) => `${n} of ${all}`,
  /** @param {number} n */
  andShown: (n) => `, ${n} shown`,
  /** @param {string} link */
  linkCopied: (link) => `${link} is copied: everyone who opens it has these numbers.`,
  /** @param {string} link */
  theLinkIs: (link) => `The link is ${link}`,
  downloaded: "Your progress is downloaded as backprop-lessons.json.",
  noProgress: "This file holds no progress in these lessons.",
  /** @param {number} n lessons */
  progressAdded: (n) =>
    n === 1
      ? "Progress in 1 lesson is added to yours."
      : `Progress in ${n} lessons is added to yours.`,
  forgotten: "Your progress is forgotten.",
  /** @param {string} problem */
  loadAgain: (problem) => `${problem} Load the page again when it is back.`,
};
