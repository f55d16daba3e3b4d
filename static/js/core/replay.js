/** The cost at other numbers of a parameter: the lines that depend on it are computed again. */
import { compile } from "./expression.js";
import { flat } from "./lines.js";
import { variable } from "./trace.js";

/** @param {number[]} shape */
const sizeOf = (shape) => shape.reduce((all, size) => all * size, 1);

/**
 * @param {Trace} trace @param {string[]} ids of givens that will have other numbers
 * @param {number} most terms that are computed for one cost; more are too slow
 * @returns {((changed: Record<string, ArrayLike<number>>) => number) | null} the cost; null: too
 *   many terms, numbers that have not come, or a line that is more than arithmetic of entries
 */
export function replay(trace, ids, most) {
  const steps = trace.lines.filter(({ phase }) => phase === "forward" || phase === "cost");
  const cost = steps.findLast(({ phase, shape }) => phase === "cost" && !shape.length);
  if (!cost) return null;
  const changing = new Set(ids);
  /** @type {Line[]} */
  const again = [];
  for (const line of steps.slice(0, steps.indexOf(cost) + 1))
    if (line.inputs.some((id) => changing.has(id))) {
      changing.add(line.id);
      again.push(line);
    }
  /** @type {Map<string, ArrayLike<number>>} */
  const values = new Map();
  let terms = 0;
  /** @type {{line: Line, arithmetic: import("./expression.js").Arithmetic, out: Float64Array}[]} */
  const parts = [];
  for (const line of again) {
    const inputs = line.inputs.flatMap((id) => variable(trace, id) ?? []);
    const arithmetic = compile(
      line,
      inputs.map(({ shape }) => shape),
    );
    if (!arithmetic || inputs.some(({ left_out }) => left_out)) return null;
    for (const { id, value } of inputs)
      if (!values.has(id))
        values.set(
          id,
          Float64Array.from(flat(value), (each) => each ?? NaN),
        );
    const size = sizeOf(line.shape);
    terms += Math.max(size, ...inputs.map(({ shape }) => sizeOf(shape))) * (line.shape.at(-1) ?? 1);
    parts.push({ line, arithmetic, out: new Float64Array(size) });
  }
  if (terms > most || !parts.length) return null;
  return (changed) => {
    const now = new Map([...values, ...Object.entries(changed)]);
    for (const { line, arithmetic, out } of parts) {
      line.inputs.forEach((id, k) => {
        arithmetic.data[k] = now.get(id) ?? [];
      });
      const index = line.shape.map(() => 0);
      for (let k = 0; k < out.length; k++) {
        out[k] = arithmetic.at(index);
        for (let axis = index.length - 1; axis >= 0; axis--) {
          index[axis] += 1;
          if (index[axis] < line.shape[axis]) break;
          index[axis] = 0;
        }
      }
      now.set(line.id, out);
    }
    return (now.get(cost.id) ?? [NaN])[0];
  };
}
