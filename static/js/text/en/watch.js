/** Texts of the first visit and of Watch. */

/** Texts of the first visit. */
export const first = {
  /** @param {number} n */
  question: (n) =>
    `Which way should each of these ${n} weights and biases change to make this prediction better?`,
  itSays: "it says",
  itShouldSay: "it should say",
  more: "▲ more",
  or: "or",
  less: "▼ less",
  asked: "?",
  thisPoint: "this point",
  watch: "Watch",
  watchWhat: "Follow one error back to one weight",
  watchMore: "12 pictures, about 3 minutes.",
  watchGo: "Start watching",
  learn: "Learn",
  learnWhat: "Do it yourself, one number at a time",
  /** @param {number} n @param {string} title @param {number} minutes */
  learnMore: (n, title, minutes) => `${n} lessons. The first: ${title}, ${minutes} min.`,
  learnGo: "Begin lesson 1",
  check: "Check my NumPy",
  checkWhat: "Paste what your program printed",
  checkMore: "It finds the first wrong line and names the mistake.",
  checkGo: "Paste numbers",
  exampleMistake: "derivative left out",
  orLetItLearn: "or let it learn",
  /** @param {number} n */
  lines: (n) => `One update is ${n} lines`,
  allControls: "All controls",
  everything: "Every line, setting, curve and map:",
};

/** Texts of Watch. */
export const watch = {
  watchThis: "Watch this weight",
};
