/** Names of the quantities that the network figure shows. */

/** @type {Record<string, string>} */
const SYMBOLS = {
  x: "𝑥",
  a: "𝑎",
  z: "𝑧",
  dC_da: "∂𝐶/∂𝑎",
  dC_dz: "∂𝐶/∂𝑧",
  W: "𝑊",
  dC_dW: "∂𝐶/∂𝑊",
};
/** @type {Record<string, string>} */
const SPOKEN = {
  x: "inputs",
  a: "activations",
  z: "weighted sums",
  dC_da: "gradients of a",
  dC_dz: "gradients of z",
  W: "weights",
  dC_dW: "gradients of the weights",
};

/** As in a formula. @param {string} quantity */
export const symbolOf = (quantity) => SYMBOLS[quantity] ?? quantity;

/** In words, for all layers; undefined for a quantity of one line alone. @param {string} quantity */
export const spokenQuantity = (quantity) => SPOKEN[quantity];
