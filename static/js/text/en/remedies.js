/** Texts of what to change when training goes wrong. */
export const remedies = {
  useReLU: "Use ReLU",
  useTanh: "Use tanh",
  xavier: "Xavier weights",
  smallerRate: "Smaller learning rate",
  useLeakyReLU: "Use leaky ReLU",
  /** @param {number} rate */
  tryRate: (rate) => `Try learning rate ${rate}`,
  /** @param {number} step */
  atStep: (step) => `step ${step}`,
  /** @param {string} change @param {string} where */
  from: (change, where) => `${change} from ${where}`,
  hereOn: "here on",
  /** @param {string} change @param {number} step */
  againFrom: (change, step) => `${change}, again from step ${step}`,
};
