/** A sum as bars end to end: each term starts where the one before ended. */
import { at, parseSignature, sourceOf, writeOut } from "../core/entries.js";
import { compile, compileTerms, scaledSum } from "../core/expression.js";
import { number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { ticks, tickText } from "../figures/scales.js";
import { TEXT } from "../text/en.js";
import { termsOf } from "../ui/ledger.js";
import { entryName } from "../ui/written-out.js";
import {
  bar,
  dot,
  entry,
  fitted,
  indicesOf,
  inputsOf,
  numbersOf,
  numeral,
  plate,
  rangeOf,
  rule,
  scale,
  sign,
  text,
  widthOf,
} from "./shapes.js";

/** @typedef {{label: string, value: number, of?: {id: string, index: number[]}}} Term */

const OTHERS = 16; // entries beside the chosen one, as dots on the axis

/**
 * The terms that the ledger has, the smaller ones as one.
 * @param {View} view @param {number} most @returns {Term[] | null}
 */
function products(view, most) {
  const { line, index } = view;
  const inputs = inputsOf(view);
  const values = inputs.map(({ value }) => value);
  const { parts, folded } = writeOut(line, index, values, { terms: most });
  const terms = termsOf(parts);
  if (!terms || (folded && folded.sum === null)) return null;
  /** @type {Term[]} */
  const rows = terms.map((term) => {
    const [{ input, index: where }] = term.reads;
    const of = { id: line.inputs[input], index: where };
    const name = entryName(inputs[input], where);
    return { label: sourceOf(term, line) || name, value: term.value ?? 0, of };
  });
  const left = folded?.zeros ? TEXT.pictures.zeroTerms : TEXT.pictures.others;
  const rest = { label: left(folded?.count ?? 0), value: folded?.sum ?? 0 };
  return folded ? [...rows, rest] : rows;
}

/** Terms of other sums, such as "μ·v + η·g", by what they are made of. @param {View} view
 * @returns {Term[]} */
function summands(view) {
  const { line, index } = view;
  const inputs = inputsOf(view);
  const terms = compileTerms(
    line,
    inputs.map(({ shape }) => shape),
  );
  const data = inputs.map(numbersOf);
  return terms.map(({ arithmetic, written }) => {
    arithmetic.data.push(...data);
    const named = written.replace(/\{(\d+)(?::\w*)?\}/g, (_, k) => nameOf(inputs[Number(k)]));
    const label = named.replace(/^Σ\[(.*)\]$/, "$1"); // of one sample there is one product
    return { label, value: arithmetic.at(index) };
  });
}

/**
 * Terms of a sum that has a factor, the smaller ones as one: of a mean each number divided by how
 * many they are. @param {View} view @param {number} most @returns {Term[] | null}
 */
function scaled(view, most) {
  const { line, index } = view;
  const sum = scaledSum(line);
  const inputs = inputsOf(view);
  const shapes = inputs.map(({ shape }) => shape);
  const run = sum && compile(sum.term, shapes);
  if (!sum || !run || line.explicit || line.places) return null;
  run.data.push(...inputs.map(numbersOf));
  const { inputs: axes } = parseSignature(line.signature);
  const sizes = [...sum.letters].map((letter) => {
    const k = axes.findIndex((letters) => letters.includes(letter));
    return shapes[k]?.[axes[k].indexOf(letter)] ?? 1;
  });
  const all = indicesOf(sizes).map((at) => {
    const named = at.map((k, axis) => {
      const letter = sum.letters[axis];
      return `${line.axes_of?.[letter] ?? letter} ${k}`;
    });
    return { label: named.join(", "), value: run.at([...index, ...at]) };
  });
  if (all.length <= most + 1) return all;
  const order = [...all].sort((p, q) => Math.abs(q.value) - Math.abs(p.value));
  const kept = all.filter((term) => order.indexOf(term) < most);
  const rest = order.slice(most).reduce((sum, { value }) => sum + value, 0);
  return [...kept, { label: TEXT.pictures.others(all.length - most), value: rest }];
}

/** @param {View} view @returns {Drawing | null} */
export function sums(view) {
  const { line, index, width, height } = view;
  const room = Math.max(2, Math.floor((height - 62) / 18) - 1);
  const factored = scaled(view, room);
  const terms = products(view, room) ?? factored ?? summands(view);
  const total = at(line.value, index);
  if (!terms?.every(({ value }) => Number.isFinite(value))) return null;
  if (terms.length < 2 || terms.length > room + 2) return null;
  const ends = terms.map((_, k) =>
    terms.slice(0, k + 1).reduce((sum, { value }) => sum + value, 0),
  );
  const alike = line.shape.length
    ? Array.from({ length: line.shape.at(-1) ?? 0 }, (_, j) => [...index.slice(0, -1), j])
    : [];
  const others = alike.length <= OTHERS ? alike.filter((each) => each.at(-1) !== index.at(-1)) : [];
  const values = others.map((each) => at(line.value, each));
  const left = Math.min(
    0.4 * width,
    16 + 6.8 * Math.max(...terms.map(({ label }) => label.length)),
  );
  const x = scale(rangeOf([0, ...ends, total, ...values], 0.06), left, width - 66);
  const axis = height - 24;
  const pitch = Math.min(60, (axis - 34) / terms.length);
  const thick = Math.min(28, 0.62 * pitch);
  const rows = terms.map(({ label, value, of }, k) => {
    const y = 4 + k * pitch;
    const from = k ? ends[k - 1] : 0;
    const shapes = [
      text(left - 10, y + thick / 2 + 5, fitted(label, left - 14), "end"),
      bar(x(from), x(ends[k]), y, thick, sign(value)),
    ];
    return [
      of ? entry(of.id, of.index, shapes) : shapes,
      rule(x(ends[k]), y + thick, x(ends[k]), y + pitch, "link"),
      numeral(Math.max(x(from), x(ends[k])) + 7, y + thick / 2 + 5, value),
    ];
  });
  const name = entryName(line, index);
  const label = `${name} = `;
  const free = widthOf(label + number(total)) / 2 + 16; // beside the chosen one's number
  return {
    family: "sum",
    title: TEXT.pictures.sum(name),
    said:
      terms === factored && scaledSum(line)?.factor
        ? TEXT.pictures.scaledSaid
        : TEXT.pictures.sumSaid,
    shapes: [
      ticks(x.range, width - left > 300 ? 6 : 4).flatMap((tick) => [
        rule(x(tick), 0, x(tick), axis, tick ? "grid" : "zero"),
        text(x(tick), axis + 17, tickText(tick), "middle.small"),
      ]),
      rows,
      rule(x.range.map(x)[0], axis, x.range.map(x)[1], axis, "axis"),
      others.map((each, k) => {
        const here = x(values[k]);
        const isFree = values.every(
          (other, m) => m >= k || Math.abs(x(other) - here) > 7 * String(each.at(-1)).length + 2,
        );
        return entry(
          line.id,
          each,
          dot(here, axis),
          isFree && Math.abs(here - x(total)) > free
            ? text(here, axis - 8, String(each.at(-1)), "middle.small")
            : null,
        );
      }),
      rule(x(total), axis - 30, x(total), axis, "link.phase"),
      entry(
        line.id,
        index,
        dot(x(total), axis, "chosen"),
        plate(x(total), axis - 20, total, { before: label, most: width }),
      ),
    ],
  };
}
