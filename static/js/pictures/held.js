/** A number that is held at another value: the cost along it, and what else changes. */

import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { idOf } from "../core/names.js";
import { variable } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import { axes, curve, dot, entry, numeral, rangeOf, rule, scale, text } from "./shapes.js";

/**
 * @param {{reach: number, cost: number[], was: number, value: number, before: number, now: number,
 *   slope: number, title: string, width: number, height: number}} along cost: at places that are
 *   equally far apart, from was − reach to was + reach; NaN where it is not known yet
 */
export function costAlong({ reach, cost, was, value, before, now, slope, title, width, height }) {
  const known = cost.flatMap((each, k) => (Number.isFinite(each) ? [[k, each]] : []));
  const x = scale([was - reach, was + reach], 34, width - 8);
  const y = scale(rangeOf([...known.map(([, each]) => each), before, now], 0.14), height - 18, 20);
  const f = (/** @type {number} */ w) => {
    const place = ((w - was + reach) / (2 * reach)) * (cost.length - 1);
    const next = known.findIndex(([k]) => k >= place - 1e-9);
    const [[k0, c0], [k1, c1]] = [known[Math.max(0, next - 1)], known[Math.max(0, next)]];
    return k1 === k0 ? c1 : c0 + ((place - k0) / (k1 - k0)) * (c1 - c0);
  };
  const tangent = (/** @type {number} */ w) => now + slope * (w - value);
  const part = [value - 0.3 * reach, value + 0.3 * reach];
  const label = (/** @type {number} */ w) => Math.max(60, Math.min(width - 30, x(w)));
  return [
    axes(x, y, { across: 4, up: 3 }),
    text(34, 11, title, "small"),
    known.length > 1 ? curve(f, x, y, "cost", cost.length) : null,
    curve(tangent, scale(part, x(part[0]), x(part[1])), y, "tangent", 2),
    rule(x(value), y(now), x(value), height - 18, "link"),
    dot(x(was), y(before), "before"),
    Math.abs(x(was) - x(value)) > 44
      ? numeral(label(was), y(before) + 17, before, { style: "middle.soft" })
      : null,
    dot(x(value), y(now), "held"),
    numeral(label(value), Math.max(22, y(now) - 10), now, { style: "middle.strong" }),
  ];
}

/** The index of the entry that differs most. @param {Given} now @param {Given} before */
function mostChanged(now, before) {
  const old = flat(before.value);
  const apart = flat(now.value).map((value, k) => Math.abs(value - old[k]));
  let place = apart.indexOf(Math.max(...apart));
  return now.shape
    .reduceRight((/** @type {number[]} */ index, size) => {
      index.push(place % size);
      place = Math.floor(place / size);
      return index;
    }, [])
    .reverse();
}

/**
 * Five consequences, from the unit that the number belongs to up to the cost of all samples.
 * @param {View} view @param {Hold} held @param {number} value @param {number} samples
 * @returns {Drawing}
 */
export function consequences({ trace, width, height }, held, value, samples) {
  const old = held.before.trace;
  const depth = held.before.frame.layers.length;
  const layer = held.layer ?? 1;
  /** @param {string} id @param {boolean} [ofUnit] the entry of the unit */
  const lineAt = (id, ofUnit = false) => {
    const [now, before] = [variable(trace, id), variable(old, id)];
    if (!now || !before || !held.lines.has(id)) return [];
    const place = mostChanged(now, before);
    const index = ofUnit && held.unit !== null ? place.with(-1, held.unit) : place;
    const name = now.shape.length ? entryName(now, index) : costName;
    return [
      {
        id,
        index,
        name,
        cost: !now.shape.length,
        values: [at(before.value, index), at(now.value, index)],
      },
    ];
  };
  const costName =
    trace.batch === null ? TEXT.hold.costOfSample(trace.rows[0]) : TEXT.hold.costOfBatch;
  const all = held.all
    ? [
        {
          id: "",
          index: [],
          name: TEXT.hold.costOfAll(samples),
          cost: true,
          values: [held.all(held.was), held.all(value)],
        },
      ]
    : [];
  const rows = [
    ...[
      ...lineAt(idOf("z", layer), true),
      ...lineAt(idOf("a", layer), true),
      ...lineAt(idOf("a", depth)),
    ],
    ...[...lineAt("C"), ...all],
  ].filter(({ id }, k, each) => each.findIndex((other) => other.id === id) === k);
  const x = scale(rangeOf([0, ...rows.flatMap(({ values }) => values)], 0.05), 118, width - 136);
  const pitch = Math.min(42, (height - 8) / rows.length);
  return {
    family: "held",
    title: TEXT.hold.whatElse,
    said: TEXT.hold.hollow,
    shapes: [
      rule(x(0), 0, x(0), rows.length * pitch, "zero"),
      rows.map(({ id, index, name, cost, values: [before, now] }, k) => {
        const y = (k + 0.5) * pitch;
        const shapes = [
          text(0, y + 5, name, "math"),
          rule(x(before), y, x(now), y, cost ? "cost" : "held"),
          dot(x(before), y, "before"),
          dot(x(now), y, cost ? "cost" : "held"),
          numeral(width, y + 5, now, { style: "end", before: `${number(before)} → ` }),
        ];
        return id ? entry(id, index, ...shapes) : shapes;
      }),
    ],
  };
}
