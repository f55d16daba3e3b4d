/**
 * The dense network of a frame at many points: what the responses, the border and the cost of all
 * samples are at other parameters. Activations and cost are those that the working writes.
 */
import { compile } from "./expression.js";
import { flat } from "./lines.js";
import { isOf, variable } from "./trace.js";

/**
 * @typedef {{units: number, W: {data: ArrayLike<number>}, b: {data: ArrayLike<number>}}} Dense a
 *   layer: W (n_in, n_out), row by row
 * @typedef {{z: Float64Array, a: Float64Array}} Computed of a layer: (points, units), row by row
 * @typedef {(z: Float64Array, a: Float64Array, units: number, unit: number | null) => void}
 *   Activation writes the outputs of one unit, or of all
 */

/** Of those that are computed most often, as the working writes them. */
const USUAL = new Map([
  ["tanh({0})", Math.tanh],
  ["1 / (1 + exp(−{0}))", (x) => 1 / (1 + Math.exp(-x))],
  ["max(0, {0})", (x) => Math.max(0, x)],
]);

/**
 * @param {Line | undefined} line of the outputs of a layer
 * @returns {Activation | null} null: it is more than arithmetic of the sums
 */
function activationOf(line) {
  if (line?.inputs.length !== 1) return null;
  const { entry, shape, signature } = line;
  const whole = /\{\d+:/.test(entry); // it reads the sums of other units too
  const index = whole ? shape.map(() => 0) : [0];
  const last = index.length - 1;
  const formula = whole ? { signature, entry } : { signature: "j->j", entry };
  const arithmetic = compile(formula, [
    index.map((_, axis) => (whole && axis === last ? shape[axis] : 1)),
  ]);
  if (!arithmetic) return null;
  const usual = USUAL.get(entry);
  return (z, a, units, unit) => {
    if (whole)
      for (let from = 0; from < z.length; from += units) {
        arithmetic.data[0] = z.subarray(from, from + units);
        for (index[last] = 0; index[last] < units; index[last]++)
          a[from + index[last]] = arithmetic.at(index);
      }
    else {
      const by = unit === null ? 1 : units;
      arithmetic.data[0] = z;
      for (let k = unit ?? 0; k < z.length; k += by) {
        index[0] = k;
        a[k] = usual ? usual(z[k]) : arithmetic.at(index);
      }
    }
  };
}

/** @param {Trace} trace @param {number} depth @returns {Activation[] | null} of each layer */
export function activationsOf(trace, depth) {
  const all = Array.from({ length: depth }, (_, k) =>
    activationOf(trace.lines.find(isOf("a", k + 1))),
  );
  return all.every((each) => each !== null) ? all : null;
}

/**
 * @param {Activation[]} activations @param {Dense[]} layers
 * @param {Float64Array} points (points, inputs), row by row
 * @param {{layer: number, unit: number, before: Computed[]}} [only] layer, from 0, and unit of the
 *   parameter that has changed, and what was computed before
 * @returns {Computed[]} of each layer
 */
export function computed(activations, layers, points, only) {
  const count = points.length / (layers[0].W.data.length / layers[0].units);
  const out = only ? only.before.slice(0, only.layer) : [];
  let input = only?.layer ? out[only.layer - 1].a : points;
  for (let l = out.length; l < layers.length; l++) {
    const { units, W, b } = layers[l];
    const inputs = W.data.length / units;
    const single = only?.layer === l ? only : null;
    const z = single ? single.before[l].z.slice() : new Float64Array(count * units);
    const [first, end] = single ? [single.unit, single.unit + 1] : [0, units];
    for (let p = 0; p < count; p++)
      for (let j = first; j < end; j++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += input[p * inputs + i] * W.data[i * units + j];
        z[p * units + j] = sum + b.data[j];
      }
    const a = single ? single.before[l].a.slice() : new Float64Array(z.length);
    activations[l](z, a, units, single?.unit ?? null);
    out.push({ z, a });
    input = a;
  }
  return out;
}

/**
 * What the network of a frame says of samples.
 * @param {Trace} trace @param {Dense[]} layers @param {number[][]} rows
 * @returns {number[] | null} the class of each
 */
export function classesSaid(trace, layers, rows) {
  const activations = activationsOf(trace, layers.length);
  const last = activations && computed(activations, layers, joined(rows)).at(-1);
  if (!last) return null;
  const { units } = layers[layers.length - 1];
  return rows.map((_, n) => {
    const output = last.a.subarray(n * units, (n + 1) * units);
    return units === 1 ? Number(output[0] >= 0.5) : output.indexOf(Math.max(...output));
  });
}

export const joined = (/** @type {number[][]} */ rows) => Float64Array.from(rows.flat());

/**
 * The sum of the samples' costs, as the working's line writes the cost of one, up to a factor.
 * @param {Trace} trace @param {Data} data @param {number} depth
 * @returns {((last: Computed) => number) | null} of the last layer for all training samples
 */
export function costsOf(trace, { task, train }, depth) {
  const line = trace.lines.find(
    ({ phase, inputs }) => phase === "cost" && inputs.includes("target"),
  );
  const target = trace.givens.find(({ id }) => id === "target");
  if (!line || !target) return null;
  const inputs = line.inputs.flatMap((id) => variable(trace, id) ?? []);
  const shapes = inputs.map(({ shape }) => (shape.length > 1 ? [1, ...shape.slice(1)] : shape));
  const arithmetic = compile(line, shapes);
  const outputs = target.shape[target.shape.length - 1] ?? 1;
  const output = inputs.findIndex(
    ({ layer, quantity }) => layer === depth && ["z", "a"].includes(quantity),
  );
  if (!arithmetic || output < 0) return null;
  const rows =
    train.targets ??
    train.target.map((value) =>
      task === "classification" && outputs > 1
        ? Array.from({ length: outputs }, (_, k) => Number(k === value))
        : [value],
    );
  const targets = joined(rows);
  inputs.forEach(({ value }, k) => {
    arithmetic.data[k] = flat(value);
  });
  const at = line.inputs.indexOf("target");
  const quantity = inputs[output].quantity === "z" ? "z" : "a";
  return (last) => {
    let sum = 0;
    for (let n = 0; n < targets.length; n += outputs) {
      arithmetic.data[output] = last[quantity].subarray(n, n + outputs);
      arithmetic.data[at] = targets.subarray(n, n + outputs);
      sum += arithmetic.at([]);
    }
    return sum;
  };
}
