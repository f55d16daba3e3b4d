/** The slopes that a line of the way back multiplies gradients by, as numbers. */
import { compile } from "./expression.js";

/**
 * Of "{0}·(1 − tanh²({1}))" the second factor.
 * @param {Pick<Line, "op" | "entry" | "signature" | "inputs">} line
 * @returns {{entry: string, at: (x: number) => number} | null} at: of what the line reads beside
 *   the gradient; null: the line is no such product
 */
export function slopeOf({ op, entry, signature, inputs }) {
  const rest = /_backward$/.test(op) && inputs.length === 2 && /^\{0\}·(.+)$/.exec(entry)?.[1];
  const arithmetic = rest ? compile({ signature, entry: rest }) : null;
  if (!rest || !arithmetic) return null;
  return {
    entry: rest,
    at(x) {
      arithmetic.data[1] = [x];
      return arithmetic.at([]);
    },
  };
}

const PRIME = "′";

/**
 * All slopes of a line, as a variable beside its inputs.
 * @param {Line} line @param {Given | undefined} read beside the gradient
 */
export function slopesOf(line, read) {
  const slope = slopeOf(line);
  if (!slope || !read || read.shape.join() !== line.shape.join()) return null;
  /** @param {Nested} value @returns {Nested} */
  const each = (value) => (Array.isArray(value) ? value.map(each) : slope.at(value ?? NaN));
  const name = line.op.replace(/^np_|_backward$/g, "").replaceAll("_", " ") + PRIME;
  const mathml = `<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext>${name}</mtext></math>`;
  const symbol = { latex: name, mathml };
  return { ...line, id: `${line.id}_slopes`, label: name, symbol, value: each(read.value) };
}
