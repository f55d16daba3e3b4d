/**
 * How the product with the three-dimensional ∂z/∂W collapses to an outer product, for one weight,
 * in numbers.
 */
import { TEXT } from "../text/en.js";
import { at } from "./entries.js";
import { factor, number } from "./format.js";
import { label } from "./lines.js";
import { variable } from "./trace.js";

/**
 * @param {import("./wire.js").Trace} trace with Jacobians, of one sample
 * @param {import("./wire.js").Line} line ∂C/∂W
 * @param {number[]} index
 * @returns {string | null}
 */
export function collapse(trace, line, index) {
  const layer = line.layer ?? 0;
  const jacobian = variable(trace, `dz${layer}_dW${layer}`);
  if (!jacobian || trace.batch !== null || !line.id.startsWith("dC_dW")) return null;
  const below = layer === 1 ? "x" : `a${layer - 1}`;
  const delta = variable(trace, `dC_dz${layer}`)?.value;
  const input = variable(trace, below)?.value;
  const [to, from] = trace.convention === "column" ? index : [index[1], index[0]];
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
  const letter = layer === 1 ? "𝑥" : label(`a${layer - 1}`);
  return TEXT.core.throughJacobian(
    shown.join(" + "),
    number(at(line.value, index)),
    all,
    left,
    letter,
  );
}
