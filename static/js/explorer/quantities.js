/** Names of the quantities that the network figure shows. */
import { TEXT } from "../text/en.js";

/** @type {Record<string, string>} */
const SYMBOLS = { x: "𝑥", a: "𝑎", z: "𝑧", dC_da: "∂𝐶/∂𝑎", dC_dz: "∂𝐶/∂𝑧", W: "𝑊", dC_dW: "∂𝐶/∂𝑊" };
/** @type {Record<string, string>} */
const SPOKEN = {
  x: TEXT.stage.inputs,
  a: TEXT.stage.activations,
  z: TEXT.stage.weightedSums,
  dC_da: TEXT.stage.gradientsOfA,
  dC_dz: TEXT.stage.gradientsOfZ,
  W: TEXT.stage.weights,
  dC_dW: TEXT.stage.gradientsOfW,
};

/** As in a formula. @param {string} quantity */
export const symbolOf = (quantity) => SYMBOLS[quantity] ?? quantity;

/** In words, for all layers; undefined for a quantity of one line alone. */
export const spokenQuantity = (/** @type {string} */ quantity) => SPOKEN[quantity];
