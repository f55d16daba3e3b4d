/** An array in a node or on a card: as numbers on colour, or as a picture of pixels. */
import { at } from "../core/entries.js";
import { aligned, full, styleOf } from "../core/format.js";
import { flat } from "../core/lines.js";
import { indexAt } from "../core/program.js";
import { bitmap } from "../figures/bitmap.js";
import { channels, mix } from "../figures/colour.js";
import { s } from "../ui/dom.js";
import { box, text } from "../ui/svg.js";
import { palette } from "../ui/theme.js";

const CELL = { width: 48, height: 18 };
const MOST_NUMBERS = 16;
const MOST_COLUMNS = 4;
const MOST_SLICES = 3;
const MOST_PIXELS = 32;
const GAP = 3;
const PALE = 0.62; // of the strongest colour behind a number, which must be read

/**
 * @param {number[]} shape
 * @param {{numbers?: number, columns?: number, room?: number, show?: string, letter?: number}}
 *   [options] numbers, columns: most that are written; room: of the longer side of a picture;
 *   letter: size of digits
 * @returns {Plan}
 */
export function planOf(
  shape,
  { numbers = MOST_NUMBERS, columns: most = MOST_COLUMNS, room = 72, show, letter = 1 } = {},
) {
  const [rows, columns] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
  const all = shape.slice(0, -2).reduce((product, n) => product * n, 1);
  const slices = Math.min(all, MOST_SLICES);
  const written =
    shape.length < 3 && rows * columns <= numbers && columns <= most && show !== "image";
  const long = Math.max(rows, columns);
  const step = written ? 1 : Math.ceil(long / MOST_PIXELS);
  const pixel = Math.max(3, Math.min(14, Math.floor((room / long) * step)));
  const cell = written
    ? { width: letter * CELL.width, height: letter * CELL.height }
    : { width: pixel / step, height: pixel / step };
  const [width, height] = written
    ? [columns * cell.width, rows * cell.height]
    : [Math.ceil(columns / step) * pixel, Math.ceil(rows / step) * pixel];
  return {
    ...{ rows, columns, slices, more: all - slices, numbers: written, pixel, step, width, cell },
    height: slices * (height + GAP) - GAP,
  };
}

/** Index of an entry of a slice. @param {number[]} shape @param {number} slice
 * @param {number} row @param {number} column */
export function indexIn(shape, slice, row, column) {
  if (shape.length > 1) return [...indexAt(slice, shape.slice(0, -2)), row, column];
  return shape.length ? [column] : [];
}

/** @param {Palette} colours @param {number | null} value @param {number} most
 * @param {string | undefined} show */
function colourOf(colours, value, most, show, strength = 1) {
  const { sheet, ink, zero, positiveStrong, negativeStrong } = colours;
  if (value === null || !Number.isFinite(value)) return sheet;
  const fraction = most ? Math.min(1, Math.abs(value) / most) : 0;
  if (show === "image") return mix(sheet, ink, value > 0 ? fraction : 0);
  return mix(zero, value < 0 ? negativeStrong : positiveStrong, strength * fraction ** 0.7);
}

/** As few decimals as say all, at most three digits. @param {(number | null)[]} entries
 * @param {number} most */
function shortStyle(entries, most) {
  const style = styleOf(entries);
  if (style.power !== null || style.mixed) return { decimals: 1, power: style.power };
  const least = [0, 1, 2].find((decimals) =>
    entries.every(
      (v) => Math.abs((v ?? 0) * 10 ** decimals - Math.round((v ?? 0) * 10 ** decimals)) < 1e-9,
    ),
  );
  return { decimals: least ?? (most >= 10 ? 1 : most >= 1 ? 2 : 3), power: null };
}

/**
 * The shapes of an array at a place.
 * @param {Pick<Given, "id" | "value" | "shape"> & {show?: string}} variable
 * @param {Plan} plan @param {number} x @param {number} y
 * @param {{chosen?: number[] | null, read?: (number | null)[][], mask?: Nested}} [shapes]
 *   read: patterns of entries that are read
 */
export function arrayShapes(variable, plan, x, y, { chosen = null, read = [], mask } = {}) {
  const { id, value, shape, show } = variable;
  const colours = palette();
  const entries = flat(value).map((each) => (each === null ? null : Number(each)));
  const most = entries.reduce((top, v) => Math.max(top ?? 0, Math.abs(v ?? 0)), 0) ?? 0;
  const { rows, columns, slices, numbers, step } = plan;
  const { width, height } = plan.cell;
  const below = (plan.height + GAP) / slices;
  /** @param {number} slice @param {number} row @param {number} column */
  const entry = (slice, row, column) => {
    const number = at(value, indexIn(shape, slice, row, column));
    return number === undefined ? null : number;
  };
  const short = shortStyle(entries, most);
  const out = [];
  for (let slice = 0; slice < slices; slice++) {
    const top = y + slice * below;
    if (numbers)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const index = indexIn(shape, slice, row, column);
          const number = entry(slice, row, column);
          const hidden = mask !== undefined && at(mask, index) === 1;
          const [left, up] = [x + column * width, top + row * height];
          out.push(
            s(
              "g",
              { "data-entry": index.join() },
              s("title", full(number)),
              box(left + 0.5, up + 0.5, width - 1, height - 1, "", 2, {
                fill: hidden ? "url(#masked)" : colourOf(colours, number, most, show, PALE),
              }),
              text(left + 0.9 * width, up + 0.75 * height, aligned(number, short), "cell"),
            ),
          );
        }
    else
      out.push(
        s("image", {
          ...{ class: "pixels", x, y: top, "data-slice": slice },
          ...{ width: plan.width, height: below - GAP, preserveAspectRatio: "none" },
          href: bitmap(Math.ceil(columns / step), Math.ceil(rows / step), (column, row) => {
            const down = Math.ceil(rows / step) - 1 - row;
            let sum = 0;
            let count = 0;
            for (let i = down * step; i < Math.min(rows, (down + 1) * step); i++)
              for (let j = column * step; j < Math.min(columns, (column + 1) * step); j++) {
                sum += entry(slice, i, j) ?? 0;
                count += 1;
              }
            return channels(colourOf(colours, sum / count, most, show));
          }),
        }),
      );
    if (!numbers) out.push(box(x, top, plan.width, below - GAP, "outline"));
    /** A frame around entries. @param {(number | null)[]} pattern @param {string} kind */
    const frame = (pattern, kind) => {
      if (pattern.length !== shape.length || pattern.some((k) => k !== null && k < 0)) return;
      const leading = indexIn(shape, slice, 0, 0).slice(0, -2);
      if (
        leading.some((k, axis) => shape.length > 2 && pattern[axis] !== null && pattern[axis] !== k)
      )
        return;
      const [row, column] = shape.length > 1 ? pattern.slice(-2) : [0, pattern[0] ?? null];
      const [left, wide] = column === null ? [0, columns] : [column, 1];
      const [up, tall] = row === null ? [0, rows] : [row, 1];
      out.push(box(x + left * width, top + up * height, wide * width, tall * height, kind, 2));
    };
    for (const pattern of read) frame(pattern, "read-entries");
    if (chosen) frame(chosen, "chosen-entry");
  }
  return s("g", { "data-array": id }, out);
}

/**
 * A frame around the window that a line reads: rows and columns from, to.
 * @param {Plan} plan @param {number} x @param {number} y @param {number[]} rows
 * @param {number[]} columns
 */
export function windowFrame({ cell: { width, height } }, x, y, [top, bottom], [left, right]) {
  const [wide, tall] = [(right - left) * width, (bottom - top) * height];
  return box(x + left * width, y + top * height, wide, tall, "window-frame", 2);
}

/**
 * The entry of a picture below the pointer.
 * @param {SVGElement} image @param {MouseEvent} event @param {number[]} shape
 */
export function entryAt(image, event, shape) {
  const { left, top, width, height } = image.getBoundingClientRect();
  const [rows, columns] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
  /** @param {number} part @param {number} size */
  const place = (part, size) => Math.max(0, Math.min(size - 1, Math.floor(part * size)));
  return indexIn(
    shape,
    Number(image.getAttribute("data-slice")),
    place((event.clientY - top) / height, rows),
    place((event.clientX - left) / width, columns),
  );
}
