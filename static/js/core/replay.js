/** A working at other numbers of a parameter: the lines that depend on it are computed again. */
import { compile } from "./expression.js";
import { flat } from "./lines.js";
import { variable } from "./trace.js";

/** @typedef {Record<string, ArrayLike<number>>} Numbers entries of givens, row by row */

const sizeOf = (/** @type {number[]} */ shape) => shape.reduce((all, size) => all * size, 1);

/**
 * @param {Trace} trace @param {Line[]} lines of it, in order
 * @param {string[]} ids of givens that will have other numbers
 * @param {number} most terms that are computed at once; more are too slow
 * @returns {((changed: Numbers) => Map<string, ArrayLike<number>>) | null} entries of what changes;
 *   null: too many terms, numbers that have not come, or a line that is more than arithmetic of
 *   entries
 */
function again(trace, lines, ids, most) {
  const changing = new Set(ids);
  /** @type {Map<string, ArrayLike<number>>} */
  const values = new Map();
  let terms = 0;
  /** @type {{line: Line, arithmetic: import("./expression.js").Arithmetic, out: Float64Array}[]} */
  const parts = [];
  for (const line of lines) {
    if (!line.inputs.some((id) => changing.has(id))) continue;
    changing.add(line.id);
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
    const now = new Map(Object.entries(changed));
    for (const { line, arithmetic, out } of parts) {
      line.inputs.forEach((id, k) => {
        arithmetic.data[k] = now.get(id) ?? values.get(id) ?? [];
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
    return now;
  };
}

/**
 * The cost at other numbers of givens.
 * @param {Trace} trace @param {string[]} ids @param {number} most
 * @returns {((changed: Numbers) => number) | null} null: as for `again`
 */
export function replay(trace, ids, most) {
  const steps = trace.lines.filter(({ phase }) => phase === "forward" || phase === "cost");
  const cost = steps.findLast(({ phase, shape }) => phase === "cost" && !shape.length);
  if (!cost) return null;
  const run = again(trace, steps.slice(0, steps.indexOf(cost) + 1), ids, most);
  return run && ((changed) => (run(changed).get(cost.id) ?? [NaN])[0]);
}

/**
 * @param {ArrayLike<number>} data @param {number[]} shape @param {number} from
 * @returns {Nested} nested lists, or a number
 */
const nested = (data, [size, ...inner], from = 0) =>
  size === undefined
    ? data[from]
    : Array.from({ length: size }, (_, k) => nested(data, inner, from + k * sizeOf(inner)));

/**
 * The whole working at other numbers of givens, without a proof.
 * @param {Trace} trace @param {string[]} ids @param {number} most
 * @returns {((changed: Numbers) => Trace) | null} null: as for `again`
 */
export function reworked(trace, ids, most) {
  const run = again(trace, trace.lines, ids, most);
  if (!run) return null;
  return (changed) => {
    const now = run(changed);
    /** @template {Given} T @param {T} each @returns {T} */
    const filled = (each) => {
      const data = now.get(each.id);
      return data ? { ...each, value: nested(data, each.shape) } : each;
    };
    const [lines, givens] = [trace.lines.map(filled), trace.givens.map(filled)];
    return { ...trace, lines, givens, verification: null };
  };
}
