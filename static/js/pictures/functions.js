/** A function of one number and its slope: the curve with the dots of all units. */
import { at } from "../core/entries.js";
import { compile } from "../core/expression.js";
import { digitsApart, number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { lineOf } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import {
  arrow,
  axes,
  column,
  curve,
  dot,
  entry,
  indicesOf,
  inputsOf,
  largest,
  numeral,
  overCurve,
  plate,
  rangeOf,
  readBy,
  rule,
  scale,
  sign,
  text,
} from "./shapes.js";

const LEAST = 2.2; // of the axis, to both sides
const FAR = 40;
const MOST_DOTS = 300;

/**
 * The entry of a line as a function of one of its inputs, the others as they are.
 * @param {Pick<Line, "signature" | "entry">} line
 * @param {number[]} others one number of each input @param {number} input
 * @returns {((x: number) => number) | null}
 */
export function functionOf(line, others, input) {
  const arithmetic = compile(line);
  if (!arithmetic) return null;
  return (x) => {
    others.forEach((value, k) => {
      arithmetic.data[k] = [k === input ? x : value];
    });
    return arithmetic.at([]);
  };
}

const nameOfOp = (/** @type {string} */ op) => {
  const name = op.replace(/^np_/, "");
  return TEXT.pictures.functions[name] ?? name.replaceAll("_", " ");
};

/** @param {number[]} values @returns {number[]} both sides of 0, unless there are none below */
export function domainOf(values) {
  const [low, high] = rangeOf(values, 0.12);
  return [Math.min(-LEAST, low), Math.max(LEAST, high)];
}

/** @param {(x: number) => number} f @param {number[]} range @param {number[]} [values] */
function heightsOf(f, [low, high], values = []) {
  const reached = Array.from({ length: 61 }, (_, k) => f(low + ((high - low) * k) / 60));
  // what it comes close to, if it does
  reached.push(...[-FAR, FAR].map(f).filter((value) => Math.abs(value) < LEAST));
  const finite = reached.filter((value) => Math.abs(value) < 1e3 * (1 + largest(values)));
  return rangeOf([0, ...finite, ...values], 0.1);
}

/** Entries to be drawn: of a large array those beside the chosen one. @param {View} view */
function dotsOf({ line, index }) {
  const size = line.shape.reduce((all, each) => all * each, 1);
  const shape = size <= MOST_DOTS ? line.shape : line.shape.slice(-1);
  return indicesOf(shape).map((each) => [...index.slice(0, index.length - each.length), ...each]);
}

/** @param {View} view @returns {Drawing | null} */
export function curves(view) {
  const { line, index, width, height } = view;
  const inputs = inputsOf(view);
  const read = readBy(view);
  const arrays = inputs.flatMap(({ shape }, k) => (shape.join() === line.shape.join() ? [k] : []));
  if (arrays.length !== 1 || /Σ|max\{|min\{/.test(line.entry)) return null;
  const [input] = arrays;
  const f = functionOf(
    line,
    read.map(({ value }) => value),
    input,
  );
  const [z, a] = [read[input].value, at(line.value, index)];
  if (!f || !(Math.abs(f(z) - a) <= 1e-6 * (1e-9 + Math.abs(a)))) return null;
  const dots = dotsOf(view)
    .map((each) => ({ index: each, x: at(inputs[input].value, each) }))
    .filter((each) => {
      const value = Number(at(line.value, each.index));
      const hidden = line.mask && at(line.mask, each.index) === 1;
      return !hidden && Math.abs(f(each.x) - value) <= 1e-6 * (1e-9 + Math.abs(value));
    });
  const bottom = height - 22;
  const domain = domainOf(dots.map(({ x }) => x));
  const x = scale(domain, 34, width - 26);
  const y = scale(
    heightsOf(
      f,
      domain,
      dots.map((each) => f(each.x)),
    ),
    bottom,
    6,
  );
  const [left] = x.range.map(x);
  const same = Math.abs(f(0)) < 1e-12 && Math.abs(f(0.01) / 0.01 - 1) < 0.1;
  const ofOne = /^[a-z]\w*\(\{0\}\)$/.test(line.entry) || TEXT.pictures.ofFunctions[line.op];
  const few = dots.length <= 8;
  const digits = digitsApart(z, a);
  // units whose dots are close together have one label
  /** @type {{name: string, at: number}[]} */
  const labelled = [];
  const varies = index.map((at, axis) => dots.some(({ index: dotIndex }) => dotIndex[axis] !== at));
  for (const { index: dotIndex, x: at } of dots.toSorted((p, q) => p.x - q.x)) {
    const [before, name] = [labelled.at(-1), dotIndex.filter((_, axis) => varies[axis]).join("")];
    if (dotIndex.join() === index.join()) continue;
    if (before && x(at) - x(before.at) < 14)
      Object.assign(before, { name: `${before.name}, ${name}`, at });
    else labelled.push({ name, at });
  }
  // beside the axis where the curve is not; at the foot over the numbers
  const below = a >= 0;
  const axis = below ? Math.min(y(0) + 14, bottom + 11) : y(0) - 14;
  const above = below || y(a) - y(0) > 34;
  const name = entryName(line, index);
  return {
    family: "curve",
    title: ofOne
      ? TEXT.pictures.curve(nameOfOp(line.op), name)
      : TEXT.pictures.changes(name, entryName(inputs[input], read[input].index)),
    said: `${TEXT.pictures.upAndLeft} ${TEXT.pictures.ofFunctions[line.op] ?? ""}`,
    shapes: [
      axes(x, y, { over: axis > bottom - 8 ? x(z) : NaN }),
      same ? curve((value) => value, x, y, "dotted") : null,
      same ? text(width - 6, 12, `${nameOf(line)} = ${nameOf(inputs[input])}`, "small.end") : null,
      curve(f, x, y, "ink"),
      rule(x(z), y(0), x(z), y(a), "phase"),
      arrow(x(z), y(a), left, y(a), "phase"),
      dots.map(({ index: dotIndex, x: at }) =>
        dotIndex.join() === index.join() ? null : entry(line.id, dotIndex, dot(x(at), y(f(at)))),
      ),
      few ? labelled.map(({ name, at }) => text(x(at) - 3, y(f(at)) - 9, name, "end.small")) : null,
      entry(
        read[input].id,
        read[input].index,
        plate(x(z) - (below ? 0 : 7), axis, z, {
          ...{ style: "read", before: `${entryName(inputs[input], index)} = `, most: width },
          ...{ end: below ? 0 : -1, digits },
        }),
      ),
      entry(
        line.id,
        index,
        dot(x(z), y(a), "chosen"),
        plate(left + 6, above ? overCurve(f, x, y, left, y(a)) : y(a) + 17, a, {
          ...{ before: `${name} = `, end: 1, digits },
        }),
      ),
    ],
  };
}

/**
 * The function that a line of the backward pass has the slope of, and its slopes: both of what the
 * function reads.
 */
function slopeOf(/** @type {View} */ view) {
  const { line, trace } = view;
  const inputs = inputsOf(view);
  const wide = inputs.some(({ shape }) => shape.join() !== line.shape.join());
  if (inputs.length !== 2 || wide || line.entry.includes("Σ")) return null;
  // of each entry alone
  const ofEach = (/** @type {Line} */ { entry }) => !/Σ|max\{|min\{/.test(entry);
  const forward = trace.lines.find(
    (each) => each.phase === "forward" && each.inputs.join() === line.of && ofEach(each),
  );
  const from = lineOf(trace, line.of ?? "");
  const f = forward && functionOf(forward, [0], 0);
  const g = functionOf(line, [1, 0], 1); // with 1 in place of the gradient
  if (!f || !g || !from) return null;
  const ofOutput = line.inputs[1] === forward.id; // tanh′ from a
  if (!ofOutput && line.inputs[1] !== line.of) return null;
  return { f, slope: (/** @type {number} */ z) => g(ofOutput ? f(z) : z), from, forward };
}

/** @param {View} view @returns {Drawing | null} */
export function slopes(view) {
  const { line, index, width, height } = view;
  const parts = slopeOf(view);
  if (!parts) return null;
  const { f, slope, from, forward } = parts;
  const [z, gradient, result] = [
    at(from.value, index),
    readBy(view)[0].value,
    at(line.value, index),
  ];
  if (!(Math.abs(slope(z) * gradient - result) <= 1e-6 * (1e-12 + Math.abs(result)))) return null;
  const dots = dotsOf(view).map((each) => ({ index: each, x: at(from.value, each) }));
  const domain = domainOf(dots.map((each) => each.x));
  const right = Math.max(0.52 * width, width - 168);
  const x = scale(domain, 34, right);
  const middle = 0.54 * height;
  const upper = scale(heightsOf(f, domain), middle - 8, 6);
  const lower = scale([0, Math.max(1.4, heightsOf(slope, domain)[1])], height - 20, middle + 8);
  const rise = slope(z);
  // 1 to the right, or as far as the axis goes
  const run = Math.min(1, domain[1] - z);
  const tangent = (/** @type {number} */ at) => f(z) + rise * (at - z);
  const length = Math.max(0.6, (domain[1] - domain[0]) / 7);
  const columns = [right + 34, width - 44];
  const most = largest([gradient, result]);
  const up = gradient < 0 ? 24 : height - 52;
  const tall = scale([0, most], up, gradient < 0 ? height - 52 : 24);
  const high = (/** @type {number} */ value) => tall(Math.abs(value));
  const [g0, g1] = columns;
  const wide = 30;
  const name = entryName(line, index);
  // the number stands where fewer dots of other units are
  const beside = (/** @type {number} */ side) =>
    dots.filter((each) => side * (x(each.x) - x(z)) > 0 && side * (x(each.x) - x(z)) < 60).length;
  const toLeft = beside(-1) === beside(1) ? z < 0 : beside(-1) < beside(1);
  return {
    family: "slope",
    title: TEXT.pictures.slope(nameOfOp(forward.op), entryName(from, index)),
    said: TEXT.pictures.slopeSaid(number(rise)),
    shapes: [
      axes(x, upper, { bare: true, up: 3 }),
      axes(x, lower, { up: 2 }),
      curve(f, x, upper, "ink"),
      curve(slope, x, lower, "phase"),
      rule(x(z), upper(f(z)), x(z), lower(rise), "link.phase"),
      rule(
        x(z - length),
        upper(tangent(z - length)),
        x(z + length),
        upper(tangent(z + length)),
        "tangent",
      ),
      run > 0.3
        ? [
            rule(x(z), upper(f(z)), x(z + run), upper(f(z)), "link.phase"),
            rule(x(z + run), upper(f(z)), x(z + run), upper(tangent(z + run)), "link.phase"),
            run < 1
              ? null
              : [
                  text(x(z + 0.5), upper(f(z)) + (rise < 0 ? -5 : 13), "1", "middle.small.phase"),
                  numeral(x(z + 1) + 4, upper(f(z) + 0.5 * rise) + 4, rise, {
                    ...{ style: "small.phase", digits: 2 },
                  }),
                ],
          ]
        : null,
      dots.map((each) =>
        each.index.join() === index.join()
          ? null
          : entry(
              line.id,
              each.index,
              dot(x(each.x), upper(f(each.x))),
              dot(x(each.x), lower(slope(each.x))),
            ),
      ),
      dot(x(z), upper(f(z)), "chosen"),
      dot(x(z), lower(rise), "chosen"),
      text(40, 16, TEXT.pictures.functionOf(nameOfOp(forward.op)), "math"),
      text(40, middle + 19, TEXT.pictures.slopeOf(nameOfOp(forward.op)), "math.phase"),
      numeral(x(z) + (toLeft ? -10 : 10), lower(rise) - (x(z) < 160 ? -14 : 4), rise, {
        style: toLeft ? "phase.end" : "phase",
      }),
      rule(g0 - 8, up, g1 + 26, up, "axis"),
      column(g0, up, high(gradient), wide, `${sign(gradient)}.pale`),
      column(g1 - wide / 2, up, high(gradient), wide, "rest"),
      column(g1 - wide / 2, up, high(result), wide, sign(result)),
      arrow(
        g0 + wide + 4,
        (up + high(gradient)) / 2,
        g1 - wide / 2 - 4,
        (up + high(gradient)) / 2,
        "phase",
      ),
      text(g0 + wide / 2, 14, entryName(inputsOf(view)[0], index), "middle.math.small"),
      text(g1, 14, name, "middle.math.small"),
      numeral(g0 + wide / 2, height - 34, gradient, { style: "middle" }),
      entry(line.id, index, plate(g1, height - 39, result, { most: width })),
      numeral((g0 + g1 + wide / 2) / 2, height - 8, rise, { style: "middle.phase", before: "× " }),
    ],
  };
}
