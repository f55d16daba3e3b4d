/** A sum as bars end to end: each term starts where the one before ended. */
import { at, sourceOf, writeOut } from "../core/entries.js";
import { compileTerms } from "../core/expression.js";
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

/** @param {View} view @returns {Drawing | null} */
export function sums(view) {
  const { line, index, width, height } = view;
  const room = Math.max(2, Math.floor((height - 62) / 18) - 1);
  const terms = products(view, room) ?? summands(view);
  const total = at(line.value, index);
  if (!terms || terms.length < 2 || terms.length > room + 2) return null;
  const ends = terms.map((_, k) =>
    terms.slice(0, k + 1).reduce((sum, { value }) => sum + value, 0),
  );
  const alike = line.shape.length
    ? Array.from({ length: line.shape.at(-1) ?? 0 }, (_, j) => [...index.slice(0, -1), j])
    : [];
  const others = alike.length <= OTHERS ? alike.filter((each) => each.at(-1) !== index.at(-1)) : [];
  const values = others.map((each) => at(line.value, each));
  const left = Math.min(
    0.34 * width,
    16 + 6.4 * Math.max(...terms.map(({ label }) => label.length)),
  );
  const x = scale(rangeOf([0, ...ends, total, ...values], 0.06), left, width - 66);
  const axis = height - 24;
  const pitch = Math.min(46, (axis - 34) / terms.length);
  const thick = 0.62 * pitch;
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
    said: TEXT.pictures.sumSaid,
    shapes: [
      ticks(x.range, width - left > 300 ? 6 : 4).flatMap((tick) => [
        rule(x(tick), 0, x(tick), axis, tick ? "grid" : "zero"),
        text(x(tick), axis + 17, tickText(tick), "middle.small"),
      ]),
      rows,
      rule(x.range.map(x)[0], axis, x.range.map(x)[1], axis, "axis"),
      others.map((each, k) =>
        entry(
          line.id,
          each,
          dot(x(values[k]), axis),
          Math.abs(x(values[k]) - x(total)) > free
            ? text(x(values[k]), axis - 8, String(each.at(-1)), "middle.small")
            : null,
        ),
      ),
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
