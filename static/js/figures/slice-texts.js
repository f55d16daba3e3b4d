/** What a cut through the cost says, in short for below the figure, and in sentences. */
import { number } from "../core/format.js";
import { argmin } from "../core/slice.js";
import { TEXT } from "../text/en.js";
import { axisName, directionOf, finiteOf } from "./slices.js";

/** @typedef {{summary: string, sentence: string}} Texts */

/** @param {string} text @returns {Texts} */
const both = (text) => ({ summary: text, sentence: text });

/** Does the cost of the training set still fall where its line ends? @param {SliceAnswer} answer */
export const stillFalls = (answer) =>
  answer.kind === "gradient" &&
  answer.directions.every(({ t, cost_train }) => argmin(cost_train) === t.length - 1);

/**
 * Where the training set's cost is least along the line.
 * @param {Direction} direction
 * @returns {Texts}
 */
function leastOn({ t, cost_train: train }) {
  const k = argmin(train);
  if (k < 0) return both("");
  if (k === t.length - 1)
    return { summary: TEXT.cost.fallsSummary, sentence: TEXT.cost.fallsSentence };
  const at = number(t[k], 2);
  return {
    summary: TEXT.cost.leastSummary(at),
    sentence: TEXT.cost.leastSentence(at, number(train[k], 3)),
  };
}

/**
 * @param {GradientSlice} answer @param {"batch" | "train"} of whose gradient
 * @returns {Texts}
 */
export function lineTexts(answer, of) {
  const direction = directionOf(answer, of);
  const { update, gradient_norm: norm } = direction;
  if (!norm) return both(TEXT.cost.noGradient);
  const least = leastOn(direction);
  if (update.t === null)
    return {
      summary: TEXT.cost.noPlaceSummary(least.summary),
      sentence: TEXT.cost.noPlaceSentence(least.sentence),
    };
  const fraction = update.off ?? 0;
  const off = fraction > 0.005 ? `${Math.round(100 * fraction)} %` : "";
  const [before, after] = [number(answer.cost.train, 3), number(update.cost_train, 3)];
  const [short, long] = [number(update.t, 2), number(update.t, 3)];
  return {
    summary: TEXT.cost.updateSummary(short, off, before, after, least.summary),
    sentence: TEXT.cost.updateSentence(long, off, before, after, least.sentence),
  };
}

/**
 * @param {PlaneSlice} answer
 * @param {number} all samples of the training set; of a large one the answer is about the first
 * @returns {Texts}
 */
export function planeTexts(answer, all) {
  const { here, update, path, cost, samples } = answer;
  const known = finiteOf(cost.flat());
  if (!known.length) return both(TEXT.cost.notFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (high - low <= 1e-9 * Math.abs(high)) return both(TEXT.cost.flat);
  const [across, up] = answer.axes.map((axis) => axisName(axis, answer));
  const numbers = {
    now: number(here.cost, 3),
    next: number(update.cost, 3),
    least: number(low, 3),
  };
  return {
    summary: TEXT.cost.planeSummary({ ...numbers, samples, all, path: path !== null }),
    sentence: TEXT.cost.planeSentence({
      ...numbers,
      rows: TEXT.cost.rows(samples, all),
      across,
      up,
      path: path ? TEXT.cost.path(path.step.length) : TEXT.cost.noPath,
    }),
  };
}
