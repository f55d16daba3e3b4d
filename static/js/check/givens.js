/**
 * The givens of a working, from the arrays of the first text field: which one is W of which layer,
 * and which convention the shapes tell.
 */
import { typedNumber } from "../core/format.js";
import { idOf } from "../core/names.js";

const X = /^(x|X|inputs?|features)$/;
const TARGET = /^(target|targets|t|y|Y|label|labels)$/;
const PARAMETER = /^(?:dC_d)?([Wb])_?(\d*)$/;

/** @typedef {import("../core/wire.js").Nested} Nested */
/** @typedef {import("./keep.js").Work} Work */
/** @typedef {import("../core/wire.js").ParsedArray} Piece */
/** @typedef {{W: Piece | null, b: Piece | null}} Layer */
/**
 * @typedef {{layers: Layer[], x: Piece | null, target: Piece | null, other: Piece[],
 *   missing: string[]}} Roles
 */
/**
 * What is sent to be checked.
 * @typedef {{layers: {W: Nested, b: Nested | null, activation: string}[], x: Nested,
 *   target: Nested, cost: string, reduction: string, convention: string,
 *   penalty?: import("./penalty.js").Penalty,
 *   optimizer?: {name: string, learning_rate: number}}} Request
 */

/** @param {Piece[]} arrays @returns {Roles} */
export function roles(arrays) {
  /** @type {Roles} */
  const found = { layers: [], x: null, target: null, other: [], missing: [] };
  /** @param {number} number */
  const layer = (number) => (found.layers[number - 1] ??= { W: null, b: null });
  for (const piece of arrays) {
    const name = piece.as ?? piece.name ?? "";
    // arrays without a name are taken for W, b, W, b, …; a named gradient is no given
    const gradient = name.startsWith("dC_d") && !piece.guessed;
    const parameter = gradient ? null : PARAMETER.exec(name);
    const number = Number(parameter?.[2] || 1);
    if (parameter && number >= 1 && number <= 256)
      layer(number)[parameter[1] === "W" ? "W" : "b"] = piece;
    else if (X.test(name)) found.x = piece;
    else if (TARGET.test(name)) found.target = piece;
    else found.other.push(piece);
  }
  found.layers = Array.from(found.layers, (each) => each ?? { W: null, b: null });
  // a b that is left out is 0, or a row of W
  found.layers.forEach(({ W }, k) => {
    if (!W) found.missing.push(idOf("W", k + 1));
  });
  if (!found.layers.length) found.missing.push("layers");
  if (!found.x) found.missing.push("x");
  if (!found.target) found.missing.push("target");
  return found;
}

/**
 * Whether W's shape fits a layer of this convention.
 * @param {string} convention @param {Layer} layer @param {number} inputs
 */
const fits = (convention, { W, b }, inputs) => {
  if (!W) return false;
  const [units, into] = sides(convention, W);
  return W.shape.length === 2 && (!b || units === size(b)) && into === inputs;
};

/** Units and inputs of a layer. @param {string} convention @param {Piece} W */
const sides = (convention, { shape }) => (convention === "column" ? shape : [...shape].reverse());

/** How many numbers an array has: b may be (n,), (1, n) or (n, 1). @param {Piece} array */
const size = ({ shape }) => shape.reduce((product, length) => product * length, 1);

/**
 * The convention in which all shapes fit, if the chosen one does not.
 * @param {Roles} found @param {string} chosen @returns {string}
 */
export function conventionOf(found, chosen) {
  if (found.missing.length) return chosen;
  /** @param {string} convention */
  const all = (convention) => {
    let inputs = found.x?.shape.at(-1) ?? 1;
    return found.layers.every((layer) => {
      const good = fits(convention, layer, inputs);
      inputs = (layer.W && sides(convention, layer.W)[0]) ?? 1;
      return good;
    });
  };
  if (all(chosen)) return chosen;
  return ["column", "row"].find(all) ?? chosen;
}

/** One number given as 0.5 is a vector with one entry. @param {Piece} array */
const vector = ({ value, shape }) => (shape.length ? value : [value]);

/**
 * The typed learning rate; null if there is none, NaN if it is no number.
 * @param {Pick<Work, "rate">} work
 */
export const rateOf = (work) => (work.rate.trim() ? typedNumber(work.rate) : null);

/**
 * @param {Roles} found with nothing missing
 * @param {Work} work with no learning rate or one that is a number
 * @returns {Request}
 */
export function request({ layers, x, target }, work) {
  const rate = rateOf(work);
  if (!x || !target) throw new Error("x and target are needed");
  return {
    layers: layers.map(({ W, b }, k) => ({
      W: W?.value,
      b: b ? vector(b) : null,
      activation: work.activations[k] ?? "sigmoid",
    })),
    x: vector(x),
    target: vector(target),
    cost: work.cost,
    reduction: work.reduction,
    convention: work.convention,
    ...(work.penalty ? { penalty: work.penalty } : {}),
    ...(rate !== null ? { optimizer: { name: "sgd", learning_rate: rate } } : {}),
  };
}

/**
 * The catalog's name of what a notebook calls `word`; null if there is none.
 * @param {string} word @param {{name: string}[]} entries
 */
export function nameOf(word, entries) {
  /** @param {string} text */
  const plain = (text) => text.toLowerCase().replace(/[^a-z]/g, "");
  /** @type {Record<string, string>} */
  const alias = {
    linear: "identity",
    mean: "mse",
    logistic: "sigmoid",
    bce: "binarycrossentropy",
    leakyrelu: "leakyrelu",
  };
  const wanted = alias[plain(word)] ?? plain(word);
  return entries.find(({ name }) => plain(name) === wanted)?.name ?? null;
}
