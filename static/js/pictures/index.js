/**
 * The picture of a line, by its operation; operations that have no entry here are drawn by what
 * their arithmetic is like. A picture knows the line and what it reads, no layers: lines of any
 * program have theirs.
 */

import { nameOf } from "../core/names.js";
import { TEXT } from "../text/en.js";
import { costSlopes, costs, differences, penalties } from "./costs.js";
import { curves, slopes } from "./functions.js";
import { motionOf } from "./motion.js";
import { bands, grid, jacobian, softmax, softmaxSlopes } from "./products.js";
import { inputsOf, numbersOf } from "./shapes.js";
import { sums } from "./sums.js";
import { templates } from "./templates.js";
import { adaptive, momentum, plain, schedules, updates } from "./updates.js";

/** @typedef {(view: View) => Drawing | null} Family null: another one has to draw the line */

/** @type {Record<string, Family>} */
const BY_OP = {
  ...{ input_gradient: bands, matmul_left: bands },
  ...{ weight_gradient: grid, bias_gradient: grid },
  ...{ softmax, softmax_backward: softmaxSlopes },
  ...{ mse: costs, mae: costs, huber: costs, binary_cross_entropy: costs, cross_entropy: costs },
  ...{ sigmoid_binary_cross_entropy: costs, softmax_cross_entropy: costs, penalty: penalties },
  ...{ mse_gradient: costSlopes, mae_gradient: costSlopes, huber_gradient: costSlopes },
  ...{ binary_cross_entropy_gradient: costSlopes, cross_entropy_gradient: costSlopes },
  sigmoid_binary_cross_entropy_gradient: differences,
  softmax_cross_entropy_gradient: differences,
  ...{ descend: updates, move: updates, look_ahead: updates, velocity: momentum },
  ...{ average: adaptive, average_of_squares: adaptive, sum_of_squares: adaptive },
  ...{ correct: adaptive, scaled_descend: adaptive },
  ...{ step_schedule: schedules, cosine_schedule: schedules },
};

/** In this order, where `BY_OP` has none. @type {Family[]} */
const BY_FORM = [
  templates,
  (view) => (/_jacobian$/.test(view.line.op) ? jacobian(view) : null),
  slopes,
  sums,
  (view) => (view.line.phase === "backward" ? null : curves(view)),
];

/** What moves when a line is opened, of a drawing: the animations. */
export const motions = motionOf;

/** @param {View} view @returns {Drawing} */
export function pictureOf(view) {
  const { line } = view;
  const numbers = [line, ...inputsOf(view)].flatMap(numbersOf);
  if (!numbers.every(Number.isFinite))
    return { family: "none", title: nameOf(line), said: TEXT.pictures.notFinite, shapes: [] };
  for (const family of [BY_OP[view.line.op], ...BY_FORM]) {
    const drawing = family?.(view);
    if (drawing) return drawing;
  }
  return plain(view);
}
