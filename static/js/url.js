/**
 * View state <-> the part of the address after "#".
 *
 * The whole recipe is written out, one readable `path=value` per leaf (`dataset.noise=0.2`), so that a link
 * opens the same view on any other server, and can be edited by hand. Values are JSON where they look like
 * JSON, plain text otherwise.
 */
import { TABLE } from "./store.js";

const RECIPE = "recipe";
const REFERENCE = "reference"; // written as its parts that differ from the recipe

/** @param {any} value @returns {string} */
function write(value) {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value); // text that would be read back as a number, e.g. "12"
  } catch {
    return value;
  }
}

/** @param {string} text @returns {any} */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Leaves of nested objects and lists of objects; lists of numbers stay one leaf.
 * @param {any} value @param {string} path @param {[string, any][]} out
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

/** @param {[string, any][]} leaves @returns {any} */
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

/** Objects whose keys are 0, 1, 2 … become lists. */
function tidy(value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (keys.length && keys.every((key, index) => key === String(index)))
    return keys.map((key) => tidy(value[key]));
  return Object.fromEntries(keys.map((key) => [key, tidy(value[key])]));
}

/** Spaces, and what is safe in a fragment, stay readable. */
const escape = (text) =>
  encodeURIComponent(text)
    .replace(/%2C/g, ",")
    .replace(/%3A/g, ":")
    .replace(/%5B/g, "[")
    .replace(/%5D/g, "]")
    .replace(/%22/g, "'");
const unescape = (text) => decodeURIComponent(text.replace(/\+/g, " "));

/** @param {any} other @param {any} recipe */
const changedParts = (other, recipe) =>
  Object.fromEntries(
    Object.entries(other).filter(
      ([part, value]) => JSON.stringify(value) !== JSON.stringify(recipe?.[part]),
    ),
  );

/** @param {Record<string, any>} state @returns {string} without the "#" */
export function toHash(state) {
  const parts = [];
  for (const [name, field] of Object.entries(TABLE)) {
    if (!field.url || name === RECIPE) continue;
    if (JSON.stringify(state[name]) === JSON.stringify(field.initial)) continue;
    parts.push([name, name === REFERENCE ? changedParts(state[name], state.recipe) : state[name]]);
  }
  const recipe = state.recipe ? flatten(state.recipe) : [];
  return [...parts, ...recipe]
    .map(([path, value]) => `${path}=${escape(write(value).replace(/'/g, "\\u0027"))}`)
    .join("&");
}

/**
 * @param {string} hash with or without "#"
 * @returns {Record<string, any>} only fields that are there; unknown ones go to the recipe if dotted, else are dropped
 */
export function fromHash(hash) {
  /** @type {Record<string, any>} */
  const state = {};
  /** @type {[string, any][]} */
  const leaves = [];
  for (const part of hash.replace(/^#/, "").split("&")) {
    const cut = part.indexOf("=");
    if (cut < 1) continue;
    let path, value;
    try {
      path = unescape(part.slice(0, cut));
      value = read(unescape(part.slice(cut + 1).replace(/'/g, "%22")));
    } catch {
      continue; // a mangled link: keep what can be read
    }
    if (TABLE[path]?.url && path !== RECIPE) state[path] = value;
    else if (path.includes(".") || path === "edits") leaves.push([path, value]);
  }
  if (leaves.length) state.recipe = unflatten(leaves);
  if (state[REFERENCE] && typeof state[REFERENCE] === "object")
    state[REFERENCE] = { ...state.recipe, ...state[REFERENCE] };
  return state;
}
