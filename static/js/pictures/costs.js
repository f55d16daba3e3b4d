/** The cost over what it reads, its slope there, and penalties of weights. */
import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import { functionOf } from "./functions.js";
import {
  arrow,
  axes,
  bar,
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

/** @typedef {(x: number) => number} Real */
/** @typedef {{x: number, of: {id: string, index: number[]}, target: number}} Point */

const OF_ERROR = ["mse", "mae", "huber"]; // they depend on a − y alone

/**
 * What a cost adds for one number that it reads, before its factor.
 * @param {View} view
 * @returns {{curves: {f: Real, target: number | null}[], points: Point[], name: string,
 *   domain: number[]} | null}
 */
function costOf(view) {
  const { line, trace } = view;
  const [read, target] = inputsOf(view);
  const places = indicesOf(read.shape);
  const f = (/** @type {number} */ y) => functionOf(line, [0, y, 1], 0);
  const probabilities = line.op.startsWith("softmax")
    ? trace.lines.find((each) => each.op === "softmax" && each.inputs[0] === read.id)
    : line.op === "cross_entropy"
      ? read
      : null;
  const of = probabilities ?? read;
  /** @type {Point[]} */
  const points = places.map((index) => ({
    x: Number(at(of.value, index)),
    of: { id: of.id, index },
    target: Number(at(target.value, index)),
  }));
  if (probabilities) {
    const right = points.filter((point) => point.target > 0.5);
    const f = (/** @type {number} */ x) => -Math.log(x);
    const name = TEXT.pictures.ofRightClass;
    return { curves: [{ f, target: null }], points: right, name, domain: [0, 1] };
  }
  if (OF_ERROR.includes(line.op)) {
    const errors = points.map((point) => ({ ...point, x: point.x - point.target }));
    const ofError = f(0);
    const most = 1.15 * largest([1, ...errors.map(({ x }) => x)]);
    const name = TEXT.pictures.error;
    return (
      ofError && {
        curves: [{ f: ofError, target: null }],
        points: errors,
        name,
        domain: [-most, most],
      }
    );
  }
  const [none, all] = [f(0), f(1)];
  if (!none || !all) return null;
  const most = 1.1 * largest([4, ...points.map(({ x }) => x)]);
  const ofOutput = line.op === "binary_cross_entropy";
  const curves = [
    { f: none, target: 0 },
    { f: all, target: 1 },
  ];
  return { curves, points, name: ofOutput ? "a" : "z", domain: ofOutput ? [0, 1] : [-most, most] };
}

/** @param {View} view @returns {Drawing | null} */
export function costs(view) {
  const { line, width, height } = view;
  const cost = costOf(view);
  if (!cost?.points.length) return null;
  const { curves, points, name, domain } = cost;
  const one = points.length === 1;
  const valued = points.map((point) => {
    const ofTarget =
      curves.find(({ target }) => target === null || target === point.target) ?? curves[0];
    return { ...point, value: ofTarget.f(point.x), curve: ofTarget };
  });
  // outputs beyond (0, 1), which the server cuts
  if (!valued.every(({ value }) => Number.isFinite(value))) return null;
  const [chosen] = [...valued].sort((p, q) => q.value - p.value);
  const factor = Number(at(inputsOf(view)[2].value, []));
  const total = Number(line.value);
  const top = Math.max(one ? 2.4 : 0, 1.2 * chosen.value, 0.3);
  const [x, y] = [scale(domain, 34, width - 24), scale([0, top], height - 22, 8)];
  const spot = [x(chosen.x), y(chosen.value)];
  const far = spot[0] > 170; // from the axis
  const inside = OF_ERROR.includes(line.op); // between the branches of the curve
  const falling = chosen.curve.f(chosen.x + 1e-6) < chosen.value;
  const beside = inside || (falling && !far); // the point
  const square = line.op === "mse" ? Math.abs(x(chosen.x) - x(0)) : 0;
  return {
    family: "cost",
    title: TEXT.pictures.cost(TEXT.pictures.costs[line.op] ?? TEXT.core.cost),
    said: one
      ? TEXT.pictures.costSaid(number(total), factor === 1 ? "" : number(factor))
      : TEXT.pictures.costsSaid(valued.length, number(factor), number(total)),
    shapes: [
      axes(x, y, { over: spot[0] }),
      text(width - 24, name.length > 4 ? 18 : height - 28, name, "end.math"),
      curves.map(({ f, target }, k) => [
        curve(
          f,
          x,
          y,
          one && target !== null && target !== chosen.target ? "dotted" : k ? "cost.other" : "cost",
        ),
        target === null
          ? null
          : text(
              target ? 44 : width - 34,
              26,
              TEXT.pictures.target(target),
              `${target ? "" : "end."}small${target === chosen.target ? ".strong" : ""}`,
            ),
      ]),
      // on the error a square: what it adds, where both axes have one scale
      square ? column(Math.min(spot[0], x(0)), y(0), spot[1], square, "cost") : null,
      valued.map((each) =>
        each === chosen ? null : entry(each.of.id, each.of.index, dot(x(each.x), y(each.value))),
      ),
      rule(spot[0], y(0), spot[0], spot[1], "cost"),
      one ? arrow(spot[0], spot[1], 34, spot[1], "cost") : null,
      entry(chosen.of.id, chosen.of.index, dot(spot[0], spot[1], "chosen")),
      plate(spot[0], y(0) + 11, chosen.x, {
        style: "read",
        before: `${name.length > 2 ? "" : `${name} = `}`,
        most: width,
      }),
      one && factor === 1
        ? entry(
            line.id,
            [],
            plate(
              beside ? spot[0] + (falling ? 12 : -12) : 40,
              beside
                ? Math.max(12, spot[1] - 22)
                : falling
                  ? Math.min(y(0) - 12, spot[1] + 17)
                  : overCurve(chosen.curve.f, x, y, 40, spot[1]),
              total,
              { before: "C = ", end: inside && !falling ? -1 : 1 },
            ),
          )
        : plate(Math.min(spot[0], width - 40), Math.max(12, spot[1] - 18), chosen.value, {
            ...{ style: "read", most: width },
          }),
    ],
  };
}

/** Where the slope of the cost starts the way back: its tangent. @param {View} view
 * @returns {Drawing | null} */
export function costSlopes(view) {
  const { line, trace, index, width, height } = view;
  const cost = trace.lines.find(
    (each) =>
      each.phase === "cost" && each.inputs.slice(0, 3).join() === line.inputs.slice(0, 3).join(),
  );
  const [a, target, factor] = readBy(view).map(({ value }) => value);
  const f = cost && functionOf(cost, [0, target, factor], 0);
  // an output beyond (0, 1), which the server cuts
  if (!f || !Number.isFinite(f(a))) return null;
  const value = Number(at(line.value, index));
  const within = /cross_entropy/.test(cost.op);
  const reach = Math.max(1, 1.3 * Math.abs(a - target));
  const domain = within ? [0, 1] : [target - reach, target + reach];
  const x = scale(domain, 40, width - 24);
  const heights = rangeOf(
    [0, f(a), within ? 2.5 * Math.max(f(a), factor) : f(domain[0]), within ? 0 : f(domain[1])],
    0.06,
  );
  const y = scale(heights, height - 22, 8);
  const reachOf = (domain[1] - domain[0]) / 5;
  const tangent = (/** @type {number} */ at) => f(a) + value * (at - a);
  const [from, to] = [Math.max(domain[0], a - reachOf), Math.min(domain[1], a + reachOf)];
  const name = entryName(line, index);
  return {
    family: "cost-slope",
    title: TEXT.pictures.costSlope,
    said: TEXT.pictures.costSlopeSaid(number(value)),
    shapes: [
      axes(x, y, { over: x(a) }),
      text(width - 10, height - 28, "a", "end.math"),
      curve(f, x, y, "cost"),
      curve(tangent, scale([from, to], x(from), x(to)), y, "tangent", 2),
      rule(x(target), y.range.map(y)[0], x(target), y.range.map(y)[1], "link"),
      x(target) > width - 80
        ? text(x(target) - 5, 18, TEXT.pictures.target(number(target)), "end.small")
        : text(x(target) + 5, 18, TEXT.pictures.target(number(target)), "small"),
      entry(line.id, index, dot(x(a), y(f(a)), "chosen")),
      plate(x(a), y.range.map(y)[0] + 11, a, { style: "read", before: "a = ", most: width }),
      plate(width - 24, 40, value, { before: `${name} = `, end: -1 }),
    ],
  };
}

/**
 * Prediction and target of each output beside each other, their difference as an arrow.
 * @param {View} view @returns {Drawing | null}
 */
export function differences(view) {
  const { line, index, width, height } = view;
  const [output, target, factor] = inputsOf(view);
  const all = indicesOf(line.shape.slice(-1)).map((each) => [...index.slice(0, -1), ...each]);
  const room = Math.floor((height - 30) / 24);
  const first = Math.max(0, Math.min((index.at(-1) ?? 0) - 2, all.length - room));
  const rows = all.slice(first, first + room);
  const x = scale([-0.04, 1.04], 66, width - 84);
  const pitch = Math.min(110, (height - 30) / rows.length);
  const c = Number(factor.value);
  return {
    family: "difference",
    title: TEXT.pictures.difference,
    said: TEXT.pictures.differenceSaid(c === 1 ? "" : number(c)),
    shapes: [
      [0, 0.25, 0.5, 0.75, 1].map((tick) => [
        rule(x(tick), 4, x(tick), height - 24, tick ? "grid" : "zero"),
        text(x(tick), height - 8, String(tick), "middle.small"),
      ]),
      rows.map((each, k) => {
        const y = 6 + (k + 0.5) * pitch;
        const [a, wanted] = [output, target].map(({ value }) => Number(at(value, each)));
        const isChosen = each.join() === index.join();
        return entry(
          line.id,
          each,
          text(2, y + 4, TEXT.pictures.outputNumber(each.at(-1) ?? 0), isChosen ? "strong" : ""),
          bar(x(0), x(a), y - 0.12 * pitch, 0.24 * pitch, "above.pale"),
          rule(x(wanted), y - 0.2 * pitch, x(wanted), y + 0.2 * pitch, "target"),
          arrow(x(wanted), y, x(a), y, sign(a - wanted)),
          isChosen && pitch > 40
            ? [
                numeral(x(a), y - 0.12 * pitch - 6, a, { style: "middle", before: "a = " }),
                numeral(x(wanted), y + 0.2 * pitch + 16, wanted, {
                  style: "middle",
                  before: "y = ",
                }),
              ]
            : null,
          isChosen
            ? plate(width - 38, y, Number(at(line.value, each)), { most: width })
            : numeral(width - 70, y + 5, Number(at(line.value, each))),
        );
      }),
    ],
  };
}

/** What each weight costs by its size. @param {View} view @returns {Drawing | null} */
export function penalties(view) {
  const { line, width, height } = view;
  const inputs = inputsOf(view);
  const [weights, ...rates] = inputs;
  const f = functionOf(line, [0, ...rates.map(({ value }) => Number(value))], 0);
  if (!f) return null;
  const points = indicesOf(weights.shape).map((index) => ({
    index,
    w: Number(at(weights.value, index)),
  }));
  const [most] = [...points].sort((p, q) => f(q.w) - f(p.w));
  const reach = 1.15 * Math.abs(most.w) || 1;
  const x = scale([-reach, reach], 52, width - 24);
  const y = scale([0, 1.1 * f(reach) || 1], height - 22, 8);
  return {
    family: "penalty",
    title: TEXT.pictures.penalty,
    said: TEXT.pictures.penaltySaid(points.length, number(Number(line.value))),
    shapes: [
      axes(x, y),
      text(width - 10, height - 28, "w", "end.math"),
      curve(f, x, y, "cost"),
      points.map(({ index, w }) =>
        entry(weights.id, index, dot(x(w), y(f(w)), index === most.index ? "chosen" : "")),
      ),
      plate(x(most.w), y(0) - 14, most.w, {
        style: "read",
        before: `${entryName(weights, most.index)} = `,
        most: width,
      }),
      plate(Math.min(width - 90, Math.max(90, x(0))), 16, Number(line.value), {
        before: `${entryName(line, [])} = `,
      }),
    ],
  };
}
