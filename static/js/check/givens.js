/**
 * From the arrays of the first text field to the givens of a working: which is W of which layer, and which convention
 * its shape tells.
 */
import { typedNumber } from "../core/format.js";

const X = /^(x|X|inputs?|features)$/;
const TARGET = /^(target|targets|t|y|Y|label|labels)$/;
const PARAMETER = /^(?:dC_d)?([Wb])_?(\d*)$/;

/** @typedef {{name: string | null, as: string | null, guessed?: boolean, shape: number[], value: any, at_line: number}} Piece */

/**
 * @param {Piece[]} arrays
 * @returns {{layers: {W: Piece | null, b: Piece | null}[], x: Piece | null, target: Piece | null, other: Piece[], missing: string[]}}
 */
export function roles(arrays) {
  const found = { layers: [], x: null, target: null, other: [], missing: [] };
  const layer = (number) => (found.layers[number - 1] ??= { W: null, b: null });
  for (const piece of arrays) {
    const name = piece.as ?? piece.name ?? "";
    // arrays without a name are taken for W, b, W, b, …; a named gradient is no given
    const gradient = name.startsWith("dC_d") && !piece.guessed;
    const parameter = gradient ? null : PARAMETER.exec(name);
    const number = Number(parameter?.[2] || 1);
    if (parameter && number >= 1 && number <= 256) layer(number)[parameter[1]] = piece;
    else if (X.test(name)) found.x = piece;
    else if (TARGET.test(name)) found.target = piece;
    else found.other.push(piece);
  }
  found.layers = Array.from(found.layers, (each) => each ?? { W: null, b: null });
  // a b that is left out is 0, or a row of W
  found.layers.forEach(({ W }, k) => {
    if (!W) found.missing.push(`W${k + 1}`);
  });
  if (!found.layers.length) found.missing.push("layers");
  if (!found.x) found.missing.push("x");
  if (!found.target) found.missing.push("target");
  return found;
}

/** Does W's shape fit a layer of this convention? @param {string} convention @param {any} layer @param {number} inputs */
const fits = (convention, { W, b }, inputs) => {
  const [units, into] = sides(convention, W);
  return W.shape.length === 2 && (!b || units === size(b)) && into === inputs;
};

/** Units and inputs of a layer. */
const sides = (convention, { shape }) => (convention === "column" ? shape : [...shape].reverse());

/** How many numbers an array has: b may be (n,), (1, n) or (n, 1). */
const size = ({ shape }) => shape.reduce((product, length) => product * length, 1);

/**
 * The convention in which all shapes fit, if the chosen one does not.
 * @param {ReturnType<typeof roles>} found @param {string} chosen @returns {string}
 */
export function conventionOf(found, chosen) {
  if (found.missing.length) return chosen;
  const all = (convention) => {
    let inputs = found.x.shape.at(-1) ?? 1;
    return found.layers.every((layer) => {
      const good = fits(convention, layer, inputs);
      inputs = sides(convention, layer.W)[0] ?? 1;
      return good;
    });
  };
  if (all(chosen)) return chosen;
  return ["column", "row"].find(all) ?? chosen;
}

/** One number given as 0.5 is a vector with one entry. */
const vector = ({ value, shape }) => (shape.length ? value : [value]);

/** The learning rate as typed; null if there is none, NaN if it is no number. @param {any} work settings */
export const rateOf = (work) => (work.rate.trim() ? typedNumber(work.rate) : null);

/** @param {ReturnType<typeof roles>} found @param {any} work settings, with no learning rate or one that is a number */
export function request(found, work) {
  const rate = rateOf(work);
  return {
    layers: found.layers.map(({ W, b }, k) => ({
      W: W.value,
      b: b ? vector(b) : null,
      activation: work.activations[k] ?? "sigmoid",
    })),
    x: vector(found.x),
    target: vector(found.target),
    cost: work.cost,
    reduction: work.reduction,
    convention: work.convention,
    ...(work.penalty ? { penalty: work.penalty } : {}),
    ...(rate !== null ? { optimizer: { name: "sgd", learning_rate: rate } } : {}),
  };
}

/** Names by which notebooks call what the catalog has. @param {string} word @param {{name: string}[]} entries */
export function nameOf(word, entries) {
  const plain = (text) => text.toLowerCase().replace(/[^a-z]/g, "");
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
