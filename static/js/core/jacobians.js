/**
 * How the product with the three-dimensional ∂z/∂W collapses to an outer product, for one weight,
 * in numbers.
 */
import { TEXT } from "../text/en.js";
import { endsOf } from "./elements.js";
import { at } from "./entries.js";
import { factor, number } from "./format.js";
import { nameOf } from "./names.js";
import { quantityIn, variable } from "./trace.js";

/**
 * @param {Trace} trace with Jacobians, of one sample
 * @param {Line} line ∂C/∂W
 * @param {number[]} index
 * @returns {string | null}
 */
export function collapse(trace, line, index) {
  if (line.quantity !== "dC_dW" || trace.batch !== null) return null;
  if (!quantityIn(trace, "dz_dW", line.layer)) return null;
  const [below, { value: delta }] = line.inputs.flatMap((id) => variable(trace, id) ?? []);
  const input = below.value;
  const { from, to } = endsOf(line, index);
  const units = delta.length;
  const terms = delta.map(
    (/** @type {number | null} */ value, /** @type {number} */ j) =>
      `${factor(value, 3)}·${j === to ? factor(input[from], 3) : 0}`,
  );
  const shown =
    units > 5
      ? [`${factor(delta[to], 3)}·${factor(input[from], 3)}`, TEXT.core.timesZero(units - 1)]
      : terms;
  const all = units * units * input.length;
  const left = all - units * input.length;
  return TEXT.core.throughJacobian(
    shown.join(" + "),
    number(at(line.value, index)),
    all,
    left,
    nameOf(below),
  );
}
