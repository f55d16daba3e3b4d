/** Texts of a line of the working. */
export const working = {
  /** @param {number} n @param {number} all */
  lineOf: (n, all) => `line ${n} of ${all}`,
  /** @param {string} what */
  thisLineIs: (what) => `This line is ${what}.`,
  /** @param {string} name */
  newValueOf: (name) => `New value of ${name}`,
  /** @param {string} text */
  noNumberHere: (text) => `${text} is no number that can stand here.`,
  /** @param {string} name @param {string} value */
  setTo: (name, value) => `${name} set to ${value}`,
  /** @param {number} layer */
  ofLayer: (layer) => ` · layer ${layer}`,
  shapes: "shapes",
  from: "from",
  gestures: "click: where from · drag: what if",
};
