/**
 * View state <-> the part of the address after "#".
 *
 * The whole recipe is written out, one readable `path=value` per leaf (`dataset.noise=0.2`), so
 * that a link opens the same view on any other server, and can be edited by hand. Values are JSON
 * where they look like JSON, plain text otherwise.
 */
import { flatten, unflatten } from "../core/leaves.js";
import { TABLE } from "./store.js";

const RECIPE = "recipe";
/** Values of `flow`, a name of `tab` in older links. @type {Record<string, string>} */
const FLOW = { flow: "gradient-flow", loss: "cost" };
const REFERENCE = "reference"; // written as its parts that differ from the recipe

/** @param {unknown} value @returns {string} */
function write(value) {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value); // text that would be read back as a number, e.g. "12"
  } catch {
    // an apostrophe stands for a quotation mark, and can only be written within JSON
    return value.includes("'") ? JSON.stringify(value) : value;
  }
}

/** @typedef {{recipe: RecipePart, step: number}} LinkedView of an address */
/** Fields of the page by name. @typedef {Record<string, any>} Fields any: the field decides */

/** @param {string} text @returns {Fields[string]} */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Spaces, and what is safe in a fragment, stay readable. */
const encode = (/** @type {string | number | boolean} */ text) =>
  encodeURIComponent(text)
    .replace(/%2C/g, ",")
    .replace(/%3A/g, ":")
    .replace(/%5B/g, "[")
    .replace(/%5D/g, "]")
    .replace(/%22/g, "'");
const decode = (/** @type {string} */ text) => decodeURIComponent(text.replace(/\+/g, " "));

/** @param {Recipe} other @param {Fields} recipe its parts, by name */
const changedParts = (other, recipe) =>
  Object.fromEntries(
    Object.entries(other).filter(
      ([part, value]) => JSON.stringify(value) !== JSON.stringify(recipe?.[part]),
    ),
  );

/** @param {Fields} state @returns {string} without the "#" */
export function toHash(state) {
  const parts = [];
  for (const [name, field] of Object.entries(TABLE)) {
    if (!field.valid || name === RECIPE) continue;
    if (JSON.stringify(state[name]) === JSON.stringify(field.initial)) continue;
    parts.push([name, name === REFERENCE ? changedParts(state[name], state.recipe) : state[name]]);
  }
  const recipe = state.recipe ? flatten(state.recipe) : [];
  return [...parts, ...recipe]
    .map(([path, value]) => `${path}=${encode(write(value).replace(/'/g, "\\u0027"))}`)
    .join("&");
}

/** The address of what the page shows. @param {Page} state */
export const hashOf = (state) => toHash({ ...state, recipe: state.experiment?.recipe });

/**
 * @param {string} hash with or without "#"
 * @returns {Fields} not checked yet, see `clean`; only those that are there; unknown ones go to the
 *   recipe if dotted, else are dropped
 */
export function fromHash(hash) {
  /** @type {Fields} */
  const state = {};
  /** @type {[string, unknown][]} */
  const leaves = [];
  for (const part of hash.replace(/^#/, "").split("&")) {
    const cut = part.indexOf("=");
    if (cut < 1) continue;
    let path, value;
    try {
      path = decode(part.slice(0, cut));
      value = read(decode(part.slice(cut + 1).replace(/'/g, "%22")));
    } catch {
      continue; // a mangled link: keep what can be read
    }
    if (path === "flow" || path === "middle") [path, value] = ["tab", FLOW[value] ?? value];
    if (TABLE[path]?.valid && path !== RECIPE) state[path] = value;
    else if (path.includes(".") || path === "edits") leaves.push([path, value]);
  }
  if (leaves.length) state.recipe = unflatten(leaves);
  if (state[REFERENCE] && typeof state[REFERENCE] === "object")
    state[REFERENCE] = { ...state.recipe, ...state[REFERENCE] };
  return state;
}

/** The fields of a hand-written address that have a valid value. @param {Fields} wanted */
export const clean = (wanted) =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => TABLE[name]?.valid?.(value)));
