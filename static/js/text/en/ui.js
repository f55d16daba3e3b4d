/** Texts that several pages use. */
export const ui = {
  /** @param {string} unknown @param {string} all */
  nothingToHide: (unknown, all) =>
    `This link hides “${unknown}”, which the page does not have. It can hide ${all}.`,
  /** @param {string} name */
  nextOf: (name) => `new ${name}`,
  /** @param {string} sum */
  together: (sum) => `, together ${sum}`,
  writeAllTerms: "Write all terms",
  /** @param {number} n @param {string} sum */
  smallerTerms: (n, sum) => ` + ${n} smaller terms${sum}`,
  bias: "bias",
  slope: "slope",
  scaled: "scaled",
  before: "before",
  move: "move",
  /** @param {number} n */
  unit: (n) => `unit ${n}`,
  /** @param {number} n */
  inputNumber: (n) => `input ${n}`,
  /** @param {number} n */
  sampleNumber: (n) => `sample ${n}`,
  copy: "Copy",
  requestBody: "Request body",
  example: "Example",
  value: "value",
  mediaType: "Media type",
  /** @param {string} which */
  responses: (which) => `Responses: ${which}`,
  /** @param {string} now @param {string} next */
  theme: (now, next) => `Theme: ${now}. Change to ${next}`,
  /** @type {Record<string, string>} */
  themes: { auto: "as the system", light: "light", dark: "dark" },
  /** @param {string} message */
  uncaught: (message) => `An error in this page: ${message} Reload it if something looks wrong.`,
  close: "Close",
  /** @param {number} n */
  showRow: (n) => `Show row ${n}`,
  /** @param {number} n */
  showColumn: (n) => `Show column ${n}`,
  transposed: "transposed: rows and columns changed round",
  factor: "factor",
  copyNotTransposed: "Copy as NumPy, not transposed",
  copyAsNumPy: "Copy as NumPy",
  /** @param {string} name */
  copyNamed: (name) => `Copy ${name} as NumPy`,
  copyShort: "copy",
  everyEntryTimes: "every entry times this",
  /** @param {string} sample @param {number} n */
  rowOf: (sample, n) => `${sample}row ${n}`,
  /** @param {number} n */
  sampleBefore: (n) => `sample ${n}, `,
  transposedAfter: " transposed",
  /** @param {string} index */
  slice: (index) => `slice ${index}`,
  /** @param {string} problems */
  linkCannotBeMade: (problems) => `The experiment of this link cannot be made here. ${problems}`,
  cancel: "Cancel",
  /** How the help writes keys, and what a pointer does. */
  keys: {
    " ": "space",
    Escape: "Esc",
    Enter: "Enter",
    Home: "Home",
    Backspace: "Backspace",
    Tab: "Tab",
    arrows: "arrows",
    drag: "drag",
    "dbl-click": "dbl-click",
  },
};
