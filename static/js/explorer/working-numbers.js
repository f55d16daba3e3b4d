/** Other numbers in the working of a line that looks the same otherwise, while the run plays. */
import { slopesOf } from "../core/slopes.js";
import { variable } from "../core/trace.js";
import { formOf, renumber } from "../ui/matrix.js";

/**
 * What the working of a line looks like, apart from its numbers.
 * @param {State} state @param {Line} line
 * @returns {string | null} null where a lesson hides numbers
 */
export function formOfLine({ trace, veil }, line) {
  if (veil) return null;
  const variables = [line, ...line.inputs.flatMap((id) => variable(trace, id) ?? [])];
  const { batch, convention, verification } = trace;
  const { id, formula } = line;
  return JSON.stringify([
    ...[id, formula.latex, batch, convention, verification === null],
    ...variables.map(formOf),
  ]);
}

/**
 * @param {Element} box of the matrices
 * @param {Trace} trace @param {Line} line
 */
export function renumberMatrices(box, trace, line) {
  for (const matrix of box.querySelectorAll(".matrix")) {
    const id = matrix.getAttribute("data-variable") ?? "";
    const own = variable(trace, id) ?? slopesOf(line, variable(trace, line.inputs[1]));
    if (own) renumber(matrix, own);
  }
}
