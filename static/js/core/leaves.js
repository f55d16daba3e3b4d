/** Nested objects as a list of paths and values, and back. */

/**
 * Leaves of nested objects and lists of objects; lists of numbers stay one leaf.
 * @param {any} value any: a recipe, or a part of one
 * @param {string} path
 * @param {[string, any][]} out any: a leaf is of any type
 */
export function flatten(value, path = "", out = []) {
  const list = Array.isArray(value);
  const nested = list
    ? value.length > 0 && value.every((v) => v && typeof v === "object" && !Array.isArray(v))
    : value && typeof value === "object";
  if (!nested) {
    out.push([path, value]);
    return out;
  }
  for (const [key, inner] of Object.entries(value))
    flatten(inner, path ? `${path}.${key}` : key, out);
  return out;
}

/** @param {[string, any][]} leaves @returns {any} any: of a link */
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
 * @param {any} value any: of a link
 * @returns {any} any: the same
 */
function tidy(value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (keys.length && keys.every((key, index) => key === String(index)))
    return keys.map((key) => tidy(value[key]));
  return Object.fromEntries(keys.map((key) => [key, tidy(value[key])]));
}
