/** Texts of the reader's own numbers of a line. */
export const ownNumbers = {
  mine: "yours",
  ours: "the right one",
  difference: "yours − right",
  followsFromYours: "Follows from yours.",
  /** @param {string} ids */
  needsState: (ids) =>
    `${ids} cannot be marked: this optimizer's update also needs its state of the step ` +
    "before.",
  mark: "Mark",
  orPrinted: ", as you have it or as NumPy prints it",
  markMine: "Mark my own numbers",
  hidden: "The right numbers are hidden until yours are marked, or until this is closed.",
  typeFirst: "Type or paste your numbers of this line first.",
  /** @param {string} line */
  noArray: (line) => `There is no array in this that could be ${line}.`,
  /** @param {number} right @param {number} all */
  entriesRight: (right, all) => ` ${right} of ${all} entries are right.`,
  right: "Right.",
  wrong: "Wrong.",
  noMistakeKnown:
    "No mistake known here gives these numbers. Compare one entry with its sum written out.",
  yoursRight: " yours is right",
  /** @param {string} own */
  yoursWrong: (own) => ` yours is wrong${own}`,
  your: "Your ",
  /** @param {number} line @param {number} column @param {string} message of the server */
  unread: (line, column, message) => `Line ${line}, column ${column}: ${message}.`,
  likely: "likely ",
  or: "or ",
  /** @param {string} value */
  yours: (value) => `yours: ${value}`,
};
