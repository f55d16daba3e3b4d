/** Texts about a table that was uploaded. */
const counted = (/** @type {number} */ n) => n.toLocaleString("en-US");

export const table = {
  /** @param {string[]} classes */
  classes: (classes) =>
    `${classes.length} classes (${classes.slice(0, 6).join(", ")}` +
    `${classes.length > 6 ? ", …" : ""})`,
  /** @param {number} targets */
  numbers: (targets) => (targets > 1 ? `${targets} numbers` : "a number"),
  /** @param {number} rows that are incomplete */
  leftOut: (rows) => {
    if (!rows) return "";
    return rows === 1
      ? " 1 incomplete row is left out."
      : ` ${counted(rows)} incomplete rows are left out.`;
  },
  inLink: "The link will hold them.",
  onServer: "Too many for a link: they stay on this server, and a link opens where they are.",
  /**
   * @param {number} rows
   * @param {string} what is learned
   * @param {number} features
   * @param {string} leftOut
   * @param {string} where they are kept
   */
  described: (rows, what, features, leftOut, where) =>
    `${counted(rows)} rows: ${what} from ${features} ` +
    `${features === 1 ? "feature" : "features"}.${leftOut} ${where}`,
};
