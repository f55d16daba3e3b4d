/** Texts that this browser keeps; none where it forbids that or has no more room. */

/** @typedef {"localStorage" | "sessionStorage"} Where the second: as long as the tab */

/** @param {string} key @param {Where} [where] @returns {string | null} */
export function kept(key, where = "localStorage") {
  try {
    return globalThis[where].getItem(key);
  } catch {
    return null;
  }
}

/** What was kept as JSON; null if it is none. @param {string} key @param {Where} [where] */
export function keptJson(key, where) {
  try {
    return JSON.parse(kept(key, where) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} key @param {string | null} text null: forget it
 * @param {Where} [where]
 * @returns {boolean} whether the browser does it
 */
export function keep(key, text, where = "localStorage") {
  try {
    if (text === null) globalThis[where].removeItem(key);
    else globalThis[where].setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
