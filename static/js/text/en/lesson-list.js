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
  /** @param {string} link */
  classLinkCopied: (link) => `${link} is copied: each student who opens it has other numbers.`,
  needsClass: "Type the name of the class first, for example the course and the week.",
  needsBoth: "Type the class and the student's text.",
  /** @param {string} seed */
  seedOfStudent: (seed) => `These are the numbers of seed ${seed}.`,
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
