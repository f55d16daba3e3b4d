/** An update: the cost along one weight; momentum and Adam in pieces; rates over the updates. */
import { at } from "../core/entries.js";
import { digitsApart, number } from "../core/format.js";
import { replay } from "../core/replay.js";
import { variable } from "../core/trace.js";
import { tickText } from "../figures/scales.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import { functionOf } from "./functions.js";
import {
  arrow,
  axes,
  bar,
  curve,
  dot,
  entriesRead,
  entry,
  fitted,
  inputsOf,
  largest,
  numbersOf,
  numeral,
  plate,
  rangeOf,
  readBy,
  rule,
  scale,
  sign,
  text,
} from "./shapes.js";
import { sums } from "./sums.js";

/** @typedef {{w: number[], cost: number[], now: number, alone: number, together: number}} Cut */

const [POINTS, PLAYED] = [33, 7]; // of a curve; while the run plays fewer
const MOST_TERMS = 40000; // of one cost; above, the curve would take more than a tenth of a second
const REACH = 0.9; // of the axis, to both sides of the weight
const FURTHER = [3, 10, 30, 100, 300, 1000]; // times the rate, as far as they are apart

/** The parameter that a line changes, and its place in it. @param {Given} of
 * @param {number[]} index */
const offsetOf = (of, index) => of.shape.reduce((place, size, k) => place * size + index[k], 0);

/**
 * Costs along one entry of a parameter, the others as they are; after the update of this one alone,
 * and of all.
 * @param {View} view @param {number[]} range
 * @returns {Cut | null}
 */
function cutOf({ line, trace, index, known, playing }, [low, high]) {
  const of = line.of ? variable(trace, line.of) : undefined;
  if (!of) return null;
  const along = replay(trace, [of.id], MOST_TERMS);
  if (!along) return null;
  const place = offsetOf(of, index);
  const weights = Float64Array.from(numbersOf(of));
  const cost = (/** @type {number} */ w) => along({ [of.id]: weights.with(place, w) });
  const count = playing ? PLAYED : POINTS;
  const w = Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));
  // the last line of each parameter's update is its new value
  const next = new Map(
    trace.lines.flatMap((each) => (each.phase === "update" && each.of ? [[each.of, each]] : [])),
  );
  const lines = [...next.values()];
  const all = lines.every((each) => known(each.id) && !each.left_out)
    ? replay(trace, [...next.keys()], MOST_TERMS)
    : null;
  const values = Object.fromEntries(lines.map((each) => [each.of, numbersOf(each)]));
  return {
    ...{ w, cost: w.map(cost), now: cost(weights[place]) },
    ...{ alone: cost(Number(at(line.value, index))), together: all ? all(values) : NaN },
  };
}

/** The same one is drawn again where only the size is another. @param {View} view
 * @param {number[]} range @returns {Cut | null} */
function keptCut(view, range) {
  const { line, index, playing, trace, kept } = view;
  const key = [line.id, index.join(), playing, ...range].join("|");
  if (kept.trace !== trace || kept.key !== key)
    Object.assign(kept, { trace, key, value: cutOf(view, range) });
  return /** @type {Cut | null} */ (kept.value);
}

/** Of the parameter that an update changes. @param {View} view */
const gradientOf = ({ line, trace }) =>
  trace.lines.find(
    (each) =>
      each.phase === "backward" && each.of === line.of && each.shape.join() === line.shape.join(),
  );

/** @param {View} view @returns {Drawing | null} */
export function updates(view) {
  const { line, index, width, height } = view;
  const inputs = inputsOf(view);
  const [old, now] = [Number(at(inputs[0].value, index)), Number(at(line.value, index))];
  const gradient = gradientOf(view);
  const move = now - old;
  const reach = Math.max(REACH, 2 * Math.abs(move));
  const range = [old - reach, old + reach];
  const cut = gradient && Number.isFinite(move) ? keptCut(view, range) : null;
  if (!cut || !gradient || !Number.isFinite(cut.now)) return sums(view);
  const slope = Number(at(gradient.value, index));
  const x = scale(range, 46, width - 18);
  const y = scale(rangeOf([...cut.cost, cut.now], 0.12), height - 22, 26);
  const f = (/** @type {number} */ w) => {
    const place = ((w - range[0]) / (range[1] - range[0])) * (cut.w.length - 1);
    const k = Math.min(cut.w.length - 2, Math.max(0, Math.floor(place)));
    return cut.cost[k] + (place - k) * (cut.cost[k + 1] - cut.cost[k]);
  };
  const rate =
    readBy(view)[inputs.findIndex(({ quantity }) => quantity === "learning_rate")]?.value;
  /** @type {{rate: number, w: number}[]} */
  const further = [];
  for (const times of line.op === "descend" && rate ? FURTHER : []) {
    const w = old + times * move;
    const apart = Math.abs(x(w) - x(further.at(-1)?.w ?? now));
    const inside = w > range[0] && w < range[1];
    if (inside && apart > 48 && further.length < 2) further.push({ rate: times * Number(rate), w });
  }
  const tangent = (/** @type {number} */ w) => cut.now + slope * (w - old);
  const [from, to] = [old - 0.45 * reach, old + 0.45 * reach];
  // the enlarged move stands where there is least of the curve
  const spots = [
    ...cut.w.map((w) => [x(w), y(f(w))]),
    ...[old, now].map((w) => [x(w), y(tangent(w))]),
  ];
  const size = { w: 176, h: 54 };
  const [box] = [x(range[0]) + 6, width - 24 - size.w]
    .flatMap((left) => [30, height - 26 - size.h].map((top) => ({ x: left, y: top, ...size })))
    .map((each) => ({
      ...each,
      covered: spots.filter(
        ([px, py]) =>
          px > each.x - 8 &&
          px < each.x + each.w + 8 &&
          py > each.y - 8 &&
          py < each.y + each.h + 8,
      ).length,
    }))
    .sort((p, q) => p.covered - q.covered);
  const left = move < 0 ? [box.x + box.w - 34, box.x + 34] : [box.x + 34, box.x + box.w - 34];
  const digits = digitsApart(cut.now, cut.alone);
  const together = Number.isFinite(cut.together)
    ? TEXT.pictures.together(number(cut.together, digits))
    : "";
  return {
    family: "update",
    title: line.quantity.startsWith("b") ? TEXT.pictures.updateOfBias : TEXT.pictures.update,
    said:
      TEXT.pictures.alone(number(cut.now, digits), number(cut.alone, digits)) +
      `${together} ${further.length ? TEXT.pictures.furtherSaid : ""}`,
    shapes: [
      axes(x, y),
      text(46, 14, TEXT.pictures.costHere, "small"),
      curve(f, x, y, "cost"),
      curve(tangent, scale([from, to], x(from), x(to)), y, "tangent"),
      numeral(width - 18, 14, slope, { style: "tangent.end", before: TEXT.pictures.slopeIs }),
      further.map(({ w, rate: larger }) => {
        // at the side to which the curve falls
        const end = f(w + 0.02 * reach) > f(w) || x(w) > width - 80;
        return [
          rule(x(w), y(f(w)), x(w), y.range.map(y)[0], "link"),
          dot(x(w), y(f(w)), "faint"),
          text(
            end ? Math.max(112, x(w) - 6) : x(w) + 6,
            y(f(w)) - 8,
            `η = ${number(larger, 3)}`,
            end ? "end.small" : "small",
          ),
        ];
      }),
      dot(x(old), y(cut.now), "before"),
      entry(line.id, index, dot(x(now), y(cut.alone), "chosen")),
      bar(box.x, box.x + box.w, box.y, box.h, "inset"),
      rule(box.x + 10, box.y + 34, box.x + box.w - 10, box.y + 34, "axis"),
      arrow(left[0], box.y + 22, left[1], box.y + 22, "phase"),
      dot(left[0], box.y + 34, "before"),
      dot(left[1], box.y + 34, "chosen"),
      numeral(left[0], box.y + 50, old, { style: "middle", digits: digitsApart(old, now) }),
      numeral(left[1], box.y + 16, now, {
        ...{ style: "middle.phase.strong", digits: digitsApart(old, now) },
      }),
    ],
  };
}

/** What momentum keeps of the last move, and what is new. @param {View} view @returns {Drawing} */
export function momentum(view) {
  const { line, trace, index, width, height } = view;
  const read = readBy(view);
  const [kept, added] = [read[2].value * read[0].value, read[3].value * read[1].value];
  const velocity = Number(at(line.value, index));
  const parameter = variable(trace, line.of ?? "");
  const weight = Number(at(parameter?.value, index));
  const left = 104;
  const x = scale(rangeOf([0, kept, velocity], 0.06), left, width - 78);
  const pitch = Math.min(36, (height - 84) / 3);
  const w = scale(rangeOf([weight, weight - velocity, weight - added], 0.3), 20, width - 20);
  const axis = height - 30;
  const row = (
    /** @type {number} */ k,
    /** @type {string} */ label,
    /** @type {number[]} */ [from, to],
    /** @type {number} */ value,
    /** @type {string} */ style,
  ) => {
    const y = 16 + k * pitch;
    return [
      text(0, y + 4, label, k === 2 ? "strong" : ""),
      arrow(x(from), y, x(to), y, `thick.${style}`),
      numeral(Math.max(x(from), x(to)) + 8, y + 5, value),
    ];
  };
  return {
    family: "momentum",
    title: TEXT.pictures.momentum,
    said: TEXT.pictures.momentumSaid,
    shapes: [
      rule(x(0), 2, x(0), 16 + 2.6 * pitch, "zero"),
      row(0, TEXT.pictures.kept(tickText(read[2].value)), [0, kept], kept, "faint"),
      row(1, TEXT.pictures.added(tickText(read[3].value)), [kept, velocity], added, "tangent"),
      entry(line.id, index, row(2, TEXT.pictures.move, [0, velocity], velocity, "phase")),
      rule(20, axis, width - 20, axis, "axis"),
      text(width - 12, axis + 16, "w", "end.math"),
      arrow(w(weight), axis - 14, w(weight - velocity), axis - 14, "thick.phase"),
      dot(w(weight - added), axis, "faint"),
      text(w(weight - added), axis - 22, TEXT.pictures.without, "middle.small"),
      dot(w(weight), axis, "before"),
      dot(w(weight - velocity), axis, "chosen"),
      numeral(w(weight), axis + 18, weight, { style: "middle" }),
      Math.abs(w(weight) - w(weight - velocity)) > 60
        ? numeral(w(weight - velocity), axis + 18, weight - velocity, { style: "middle.phase" })
        : null,
    ],
  };
}

/**
 * How far an optimizer with means goes: the gradient, its mean, its usual size, their ratio. The
 * lines of one parameter's update share this picture; the line shown has the strong colour.
 * @param {View} view @returns {Drawing | null}
 */
export function adaptive(view) {
  const { line, trace, index, width, height } = view;
  const last = trace.lines.findLast((each) => each.phase === "update" && each.of === line.of);
  if (last?.op !== "scaled_descend") return sums(view);
  const [, top, size, rate, epsilon] = readBy({ ...view, line: last });
  const gradient = gradientOf(view);
  const root = Math.sqrt(size.value);
  const ratio = top.value / (root + epsilon.value);
  const [mean, spread] = [variable(trace, top.id), variable(trace, size.id)];
  if (!gradient || !mean || !spread) return null;
  const isMean = top.id !== gradient.id;
  // an earlier line of a mean is shown by the row that it leads to
  const leadsTo = (/** @type {{id: string, inputs?: string[]}} */ to) =>
    to.id === line.id || (to.inputs ?? []).includes(line.id);
  const updated = Number(at(line.value, index));
  const rows = [
    {
      label: TEXT.pictures.gradientNow,
      value: Number(at(gradient.value, index)),
      style: "tangent.pale",
      on: false,
    },
    ...(isMean
      ? [{ label: `${entryName(mean, [])}`, value: top.value, style: "tangent", on: leadsTo(mean) }]
      : []),
    { label: `√ ${entryName(spread, [])}`, value: root, style: "faint", on: leadsTo(spread) },
  ];
  const left = Math.min(130, 0.3 * width);
  const most = largest(rows.map(({ value }) => value));
  const x = scale([-most, most], left, width - 84);
  const track = scale([-1.2, 1.2], left, width - 84);
  const pitch = Math.min(40, (height - 60) / (rows.length + 1));
  const thick = Math.min(20, pitch - 6);
  const y = rows.length * pitch + 12;
  const step = -rate.value * ratio;
  return {
    family: "adaptive",
    title: TEXT.pictures.adaptive,
    said: TEXT.pictures.adaptiveSaid(tickText(rate.value)),
    shapes: [
      rule(x(0), 0, x(0), y + thick + 6, "zero"),
      rows.map(({ label, value, style, on }, k) => [
        text(0, k * pitch + thick / 2 + 9, label, on ? "math.strong" : "math"),
        bar(x(0), x(value), k * pitch + 4, thick, `${style}${on || line === last ? "" : ".dim"}`),
        numeral(
          Math.max(x(0), x(value)) + 6,
          k * pitch + thick / 2 + 9,
          value,
          on ? { style: "strong" } : {},
        ),
      ]),
      text(0, y + thick / 2 + 5, TEXT.pictures.ratio, line === last ? "strong" : ""),
      bar(track(-1), track(1), y, thick, "track"),
      bar(track(0), track(ratio), y, thick, `phase${line === last ? "" : ".dim"}`),
      numeral(Math.max(track(0), track(ratio)) + 6, y + thick / 2 + 5, ratio),
      [-1, 0, 1].map((tick) =>
        text(track(tick), y + thick + 15, String(tick).replace("-", "−"), "middle.small"),
      ),
      numeral(0, height - 6, step, { style: "phase", before: TEXT.pictures.moveIs }),
      entry(
        line.id,
        index,
        plate(width - 76, height - 12, updated, {
          before: `${entryName(line, []).slice(0, 3).trim()} = `,
          most: width,
        }),
      ),
    ],
  };
}

/** A rate over the updates. @param {View} view @returns {Drawing | null} */
export function schedules(view) {
  const { line, width, height } = view;
  const read = readBy(view);
  const f = functionOf(
    line,
    read.map(({ value }) => value),
    1,
  );
  if (!f) return null;
  const [, step, long] = read.map(({ value }) => value);
  const x = scale(
    [0, Math.max(1.25 * step, (line.op.startsWith("step") ? 5 : 1.2) * long)],
    52,
    width - 24,
  );
  const y = scale([0, 1.12 * f(0)], height - 22, 8);
  const value = Number(line.value);
  return {
    family: "schedule",
    title: TEXT.pictures.schedule,
    said: TEXT.pictures.scheduleSaid(number(step), number(value)),
    shapes: [
      axes(x, y),
      curve(f, x, y, "phase", 401),
      entry(line.id, [], dot(x(step), y(value), "chosen")),
      plate(x(step) + 50, Math.max(14, y(value) - 18), value, { before: "η = ", most: width }),
    ],
  };
}

/** What an entry reads, and what it is, as bars from 0: where nothing else says more.
 * @param {View} view @returns {Drawing} */
export function plain(view) {
  const { line, index, width, height } = view;
  const read = entriesRead(view);
  // where not all have room, the first of each array
  const room = Math.max(2, Math.floor((height - 12) / 17) - 1);
  const most = Math.max(1, Math.floor(room / new Set(read.map(({ id }) => id)).size));
  const shown =
    read.length <= room
      ? read
      : read.filter(({ id }, k) => k - read.findIndex((other) => other.id === id) < most);
  const left = read.length - shown.length;
  const rows = [
    ...shown.map(({ id, index: place, value, input }) => ({
      ...{ id, place, value, name: entryName(input, place) },
    })),
    {
      id: line.id,
      place: index,
      value: Number(at(line.value, index)),
      name: entryName(line, index),
    },
  ];
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const begin = Math.max(0.2 * width, Math.min(0.42 * width, 18 + 6.6 * longest));
  const x = scale(rangeOf([0, ...rows.map(({ value }) => value)], 0.04), begin, width - 78);
  const pitch = Math.min(40, (height - 6) / rows.length);
  const thick = Math.min(22, pitch - 5);
  return {
    family: "plain",
    title: TEXT.pictures.plain(entryName(line, index)),
    said: TEXT.pictures.plainSaid(left),
    shapes: [
      rule(x(0), 2, x(0), rows.length * pitch + 6, "zero"),
      rows.map(({ id, place, value, name }, k) => {
        const y = 6 + k * pitch;
        const style = id === line.id ? "phase" : sign(value);
        return entry(
          id,
          place,
          text(begin - 10, y + thick / 2 + 5, fitted(name, begin - 14), "end.math"),
          bar(x(0), x(value), y, thick, style),
          numeral(Math.max(x(0), x(value)) + 7, y + thick / 2 + 5, value),
        );
      }),
    ],
  };
}
