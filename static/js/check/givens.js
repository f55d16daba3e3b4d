/** What is sent to be checked: the text, and the settings that were chosen or that a course has. */

import { typedNumber } from "../core/format.js";

/**
 * The typed learning rate; null if there is none, NaN if it is no number.
 * @param {Pick<Work, "rate">} work
 */
export const rateOf = (work) => (work.rate.trim() ? typedNumber(work.rate) : null);

/**
 * @param {Work} work with no learning rate or one that is a number
 * @param {import("../core/course.js").Course | null} course
 */
export function request(work, course) {
  const rate = rateOf(work);
  const { step, ...conventions } = course ?? {};
  return {
    ...conventions,
    submitted: work.text,
    read_as: work.readAs,
    ...(work.activations.length
      ? { activations: work.activations.map((name) => name || null) }
      : {}),
    ...(work.cost ? { cost: work.cost } : {}),
    ...(work.reduction ? { reduction: work.reduction } : {}),
    ...(work.convention ? { convention: work.convention } : {}),
    ...(work.penalty ? { penalty: work.penalty } : {}),
    ...(rate !== null ? { optimizer: { name: "sgd", learning_rate: rate } } : {}),
    ...(step ? { step } : {}),
  };
}
