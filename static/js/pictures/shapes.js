/**
 * What pictures are drawn with: scales, axes, bars, dots and numbers. Lengths are in units of which
 * 13 are the height of a letter; the style sheet says the colours.
 */
import { at, flatIndex, reads } from "../core/entries.js";
import { full, number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { isConstant } from "../core/names.js";
import { variable } from "../core/trace.js";
import { ticks, tickText } from "../figures/scales.js";
import { shapesIn, words } from "../figures/shapes.js";
import { classesOf } from "../ui/svg.js";

/**
 * @typedef {{line: Line, trace: Trace, index: number[], width: number, height: number,
 *   image?: number[] | null, pixel?: number | null, playing: boolean,
 *   known: (id: string) => boolean, kept: {trace: Trace | null, key: string, value: unknown}}} View
 *   index: the chosen entry; image: rows and columns of an input that is a picture, pixel: of it;
 *   known: no lesson asks for it; kept: by a picture that takes long to compute, for the next
 *   drawing
 * @typedef {{family: string, title: string, shapes: Shapes[], said: string}} Drawing said: a
 *   sentence below the picture
 * @typedef {((value: number) => number) & {range: number[]}} Scale
 */

const COVERED = 74; // half a plate and half a number

/** Of the inputs of a line; an input that is not there has no values. @param {View} view */
export const inputsOf = ({ line, trace }) =>
  line.inputs.map((id) => /** @type {Given} */ (variable(trace, id)));

/**
 * All entries that the chosen one reads, input by input. @param {View} view
 * @returns {{id: string, index: number[], value: number, input: Given}[]}
 */
export function entriesRead(view) {
  const { line, index } = view;
  const patterns = reads(line, index);
  const explicit = line.explicit?.(index).terms.flatMap((term) => term.reads);
  return inputsOf(view).flatMap((input, k) => {
    const { id, value, shape } = input;
    if (isConstant(id)) return [];
    const places = line.places?.[k]?.[flatIndex(index, line.shape)];
    const all = explicit
      ? explicit.flatMap((each) => (each.input === k ? [each.index] : []))
      : (places ??
        shape.reduce(
          (/** @type {number[][]} */ starts, size, axis) =>
            starts.flatMap((start) => {
              const at = patterns[k]?.[axis] ?? null;
              return at !== null
                ? [[...start, at]]
                : Array.from({ length: size }, (_, i) => [...start, i]);
            }),
          [[]],
        ));
    const once = new Map(all.map((place) => [place.join(), place]));
    return [...once.values()].map((place) => ({
      ...{ id, index: place, value: Number(at(value, place)), input },
    }));
  });
}

/** Of each input the entry that the chosen one reads, or its first. @param {View} view */
export function readBy(view, index = view.index) {
  const patterns = reads(view.line, index);
  return inputsOf(view).map(({ id, value, shape }, k) => {
    const place = shape.map((_, axis) => patterns[k]?.[axis] ?? 0);
    return { id, index: place, value: Number(at(value, place)) };
  });
}

/** @param {number[]} shape @returns {number[][]} all indices, row by row */
export const indicesOf = (shape) =>
  shape.reduce(
    (/** @type {number[][]} */ all, size) =>
      all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );

/** The largest size of numbers, at least a little. @param {(number | null)[]} values */
export const largest = (values) =>
  values.reduce((most, value) => Math.max(most ?? 0, Math.abs(value ?? 0)), 1e-300) ?? 1;

/** Finite numbers of a variable. @param {Given} variable @returns {number[]} */
export const numbersOf = ({ value }) => flat(value).map((each) => each ?? NaN);

/** @param {number[]} values @param {number} [margin] part of the range @returns {number[]} */
export function rangeOf(values, margin = 0.08) {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const more = margin * (high - low || Math.abs(high) || 1);
  return finite.length ? [low - more, high + more] : [-1, 1];
}

/**
 * @param {number[]} range of the numbers @param {number} from @param {number} to places
 * @returns {Scale}
 */
export function scale(range, from, to) {
  const [low, high] = range;
  const place = (/** @type {number} */ value) =>
    from + ((Math.max(low, Math.min(high, value)) - low) / (high - low || 1)) * (to - from);
  return Object.assign(place, { range });
}

/** @param {string} style @param {Shapes[]} parts @param {Shape["data"]} [data] @returns {Shape} */
const group = (style, parts, data) => ({
  ...{ kind: "group", style: classesOf(style), data, shapes: shapesIn(parts) },
});

/**
 * @param {number} x @param {number} y baseline @param {string} said
 * @param {string} [style] classes, as in a selector: "end.math"
 */
export const text = (x, y, said, style = "") => words(said, x, y, classesOf(style));

/**
 * @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} style
 * @returns {Shape}
 */
export const rule = (x1, y1, x2, y2, style) => ({
  ...{ kind: "line", x1, y1, x2, y2, style: classesOf(style) },
});

/**
 * @param {number} x @param {number} y upper left @param {number} w @param {number} h
 * @param {string} style @param {number} [rx]
 * @returns {Shape}
 */
export const box = (x, y, w, h, style, rx) => ({
  ...{ kind: "rect", x, y, w, h, rx, style: classesOf(style) },
});

/** @param {string} d @param {string} style @returns {Shape} */
export const path = (d, style) => ({ kind: "path", d, style: classesOf(style) });

export const sign = (/** @type {number} */ value) => (value < 0 ? "below" : "above");

/**
 * A number of the line, in full in its title.
 * @param {number} x @param {number} y @param {number} value
 * @param {{style?: string, digits?: number, before?: string, after?: string}} [options]
 */
export const numeral = (x, y, value, { style = "", digits = 4, before = "", after = "" } = {}) =>
  group("numeral", [
    { kind: "title", text: full(value) },
    text(x, y, before + number(value, digits) + after, `math.${style}`),
  ]);

/** Width of a text in the face of formulas, about. @param {string} words */
export const widthOf = (words) => 7.3 * [...words].length;

/**
 * A number on a coloured ground.
 * @param {number} x middle, or an end @param {number} y middle @param {number} value
 * @param {{style?: string, before?: string, end?: -1 | 0 | 1, most?: number, digits?: number}}
 *   [options] style:
 *   chosen, read; end: 1: begins at x, −1: ends there; most: right end of the picture
 */
export function plate(x, y, value, options = {}) {
  const { style = "chosen", before = "", end = 0, most, digits } = options;
  const width = widthOf(before + number(value, digits)) + 12;
  const from = x + (width * (end - 1)) / 2;
  const left = Math.max(0, Math.min(from, (most ?? Infinity) - width));
  return group(`plate.${style}`, [
    box(left, y - 10, width, 20, "", 4),
    numeral(left + width / 2, y + 5, value, { style: "middle", before, digits }),
  ]);
}

/**
 * The middle of a plate at the left that lies over a number's arrow and over the curve.
 * @param {(x: number) => number} f @param {Scale} x @param {Scale} y
 * @param {number} left @param {number} arrow its height
 */
export function overCurve(f, x, y, left, arrow) {
  const [low, high] = x.range;
  const inverse = (/** @type {number} */ px) =>
    low + ((px - x(low)) / (x(high) - x(low))) * (high - low);
  const heights = [0, 40, 80, 120].map((px) => y(f(inverse(left + px))));
  return Math.max(
    12,
    Math.min(arrow - 17, ...heights.flatMap((each) => (Number.isFinite(each) ? each - 15 : []))),
  );
}

const LETTER = 6.8; // width of one of a label

/**
 * A label that fits: of names of axes the last words, else its end.
 * @param {string} label @param {number} width
 */
export function fitted(label, width) {
  const most = Math.floor(width / LETTER);
  if (label.length <= most) return label;
  const words = label.split(", ").map((part) => part.split(" ").slice(-2).join(" "));
  const short = words.join(", ");
  return short.length <= most && /^(?!.* and )[\w ,]*$/.test(label)
    ? short
    : `…${[...short].slice(1 - most).join("")}`;
}

/** Digits with which a number has room. @param {number} value @param {number} room */
export const digitsIn = (value, room) =>
  [4, 3, 2].find((digits) => widthOf(number(value, digits)) <= room) ?? 1;

/**
 * What stands for an entry of a variable: it is chosen with the same one in the matrices.
 * @param {string} id @param {number[]} index @param {...Shapes} parts
 */
export const entry = (id, index, ...parts) =>
  group("entry", parts, { "data-of": id, "data-entry": index.join() });

/** A line with a head at its end. @param {number} x1 @param {number} y1 @param {number} x2
 * @param {number} y2 @param {string} [style] */
export function arrow(x1, y1, x2, y2, style = "") {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy);
  if (length < 1) return null;
  const [u, v, size] = [dx / length, dy / length, Math.min(7, length)];
  const corner = (/** @type {number} */ side) =>
    `${x2 - size * u + side * size * 0.55 * v},${y2 - size * v - side * size * 0.55 * u}`;
  return group(`arrow.${style}`, [
    rule(x1, y1, x2 - u * size * 0.7, y2 - v * size * 0.7, ""),
    path(`M${x2},${y2}L${corner(1)}L${corner(-1)}Z`, ""),
  ]);
}

/** @param {number} x0 @param {number} x1 @param {number} y top @param {number} height
 * @param {string} style */
export const bar = (x0, x1, y, height, style) =>
  box(Math.min(x0, x1), y, Math.max(0.6, Math.abs(x1 - x0)), height, `bar.${style}`);

/** @param {number} x left @param {number} y0 @param {number} y1 @param {number} width
 * @param {string} style */
export const column = (x, y0, y1, width, style) =>
  box(x, Math.min(y0, y1), width, Math.max(0.6, Math.abs(y1 - y0)), `bar.${style}`);

/** @param {number} x @param {number} y @param {string} [style] @returns {Shape} */
export const dot = (x, y, style = "") => ({
  ...{ kind: "circle", x, y, r: style.includes("chosen") ? 6 : 4 },
  style: classesOf(`dot.${style}`),
});

/**
 * A curve of a function; what is not finite or far outside is left out.
 * @param {(x: number) => number} f @param {Scale} x @param {Scale} y
 * @param {string} [style] @param {number} [count] points
 */
export function curve(f, x, y, style = "", count = 121) {
  const [low, high] = x.range;
  const [least, most] = y.range;
  let d = "";
  let pen = "M";
  for (let k = 0; k < count; k++) {
    const at = low + ((high - low) * k) / (count - 1);
    const value = f(at);
    const outside = !(value >= least && value <= most);
    if (!outside) d += `${pen}${x(at).toFixed(1)},${y(value).toFixed(1)}`;
    pen = outside ? "M" : "L";
  }
  return path(d, `curve.${style}`);
}

/**
 * Lines of an axis with numbers, and the lines at 0.
 * @param {Scale} x @param {Scale} y
 * @param {{across?: number, up?: number, bare?: boolean, over?: number}} [options] most numbers of
 *   each; bare: no numbers below; over: the place of a plate that lies over them
 */
export function axes(x, y, { across = 6, up = 4, bare = false, over = NaN } = {}) {
  const [left, right] = x.range.map((value) => x(value));
  const [bottom, top] = y.range.map((value) => y(value));
  const near = (/** @type {number} */ value) => (value === 0 ? "zero" : "grid");
  return [
    ...ticks(x.range, across).flatMap((value) => [
      rule(x(value), top, x(value), bottom, near(value)),
      bare || Math.abs(x(value) - over) < COVERED
        ? null
        : text(x(value), bottom + 14, tickText(value), "middle.small"),
    ]),
    ...ticks(y.range, up).flatMap((value) => [
      rule(left, y(value), right, y(value), near(value)),
      text(left - 6, y(value) + 4, tickText(value), "end.small"),
    ]),
  ];
}
