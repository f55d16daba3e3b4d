/** Nested objects as a list of paths and values, and back. */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * Leaves of nested objects and lists of objects; lists of numbers stay one leaf.
 * @param {unknown} value a recipe, or a part of one
 * @param {string} path @param {[string, unknown][]} out
 * @returns {typeof out}
 */
export function flatten(value, path = "", out = []) {
  const nested = Array.isArray(value) ? value.length > 0 && value.every(isObject) : isObject(value);
  if (!nested) {
    out.push([path, value]);
    return out;
  }
  for (const [key, inner] of Object.entries(/** @type {object} */ (value)))
    flatten(inner, path ? `${path}.${key}` : key, out);
  return out;
}

/** @param {[string, unknown][]} leaves @returns {unknown} of a link */
export function unflatten(leaves) {
  const root = Object.create(null);
  for (const [path, value] of leaves) {
    const keys = path.split(".");
    let at = root;
    keys.slice(0, -1).forEach((key) => {
      at[key] ??= Object.create(null);
      at = at[key];
    });
    if (at && typeof at === "object") at[keys[keys.length - 1]] = value;
  }
  return tidy(root);
}

/**
 * Objects whose keys are 0, 1, 2 … become lists.
 * @param {unknown} value of a link
 * @returns {unknown}
 */
function tidy(value) {
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  if (keys.length && keys.every((key, index) => key === String(index)))
    return keys.map((key) => tidy(value[key]));
  return Object.fromEntries(keys.map((key) => [key, tidy(value[key])]));
}
