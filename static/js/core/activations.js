/**
 * Activations with a parameter in their name: "leaky_relu(0.1)" is leaky ReLU with slope 0.1.
 * "leaky_relu" alone has the usual slope.
 */

import { TEXT } from "../text/en.js";
import { find } from "./recipe.js";

/** @typedef {{name: string, title: string, default: number, min: number, max: number}} Parameter */

const DECIMALS = 12; // that a name may have

/** @param {string} name @returns {string} the name without its parameter */
export const baseName = (name) => name.replace(/\(.*$/, "");

/**
 * @param {Entry[]} entries the catalog's activations
 * @param {string} name with or without a parameter
 * @returns {{parameter: Parameter, value: number} | null} null: this activation has no parameter
 */
export function parameterOf(entries, name) {
  const parameter = find(entries, baseName(name))?.parameters?.[0];
  if (!parameter) return null;
  const written = /\((.*)\)$/.exec(name)?.[1];
  return { parameter, value: written === undefined ? parameter.default : Number(written) };
}

/**
 * @param {Entry[]} entries @param {string} name with or without a parameter
 * @param {number} value
 * @returns {string} the activation with this value of its parameter
 */
export function withParameter(entries, name, value) {
  const base = baseName(name);
  const usual = parameterOf(entries, base)?.parameter.default;
  const rounded = Number(value.toFixed(DECIMALS));
  return rounded === usual ? base : `${base}(${rounded})`;
}

/** @param {Parameter} parameter @param {number} value @returns {string | null} what is wrong */
export const outOfBounds = ({ min, max }, value) =>
  value >= min && value <= max ? null : TEXT.core.mustBeWithin(min, max);
