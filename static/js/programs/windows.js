/** The windows of a convolution or pooling on their array, and small beside each write. */
import { flatIndex } from "../core/entries.js";
import { indexAt } from "../core/program.js";
import { PROGRAMS } from "../text/programs.js";
import { h, s } from "../ui/dom.js";
import { box } from "../ui/svg.js";
import { arrayShapes, planOf, windowFrame } from "./arrays.js";

const TEXTS = PROGRAMS.check;
const ICON = 20; // px of a small array
const [LETTER, MOST_NUMBERS, MOST_COLUMNS, ROOM] = [1.3, 64, 8, 168];

/** @typedef {number[][]} Window rows and columns, each from, to */
/** @typedef {NonNullable<Schemas["ProgramCheckResult"]["writes"]>[number]} Write */

/**
 * The writes of an entry, which `drawn` shows on the array that they read, else on the one that
 * they write: their windows framed, entries of several windows of the program underlined.
 * @param {Schemas["ProgramCheckResult"]} result @param {number[]} entry
 * @param {string} name of the result @param {string} place name of the entry
 */
export function windowsOf({ windows, windows_of: read, mine, writes = [] }, entry, name, place) {
  const { shape, numbers } = windows ?? mine;
  const [rows, columns] = [1, 1, ...shape].slice(-2);
  const indexIn = (/** @type {number} */ at) => [0, ...indexAt(at, shape)];
  const entriesOf = (/** @type {Write} */ write) => (windows ? write.reads : write.entries) ?? [];
  const isSame = shape.join() === mine.shape.join();
  const chosen = flatIndex(entry, mine.shape);
  const covering = writes.filter(({ entries }) => entries.includes(chosen));
  const first = isSame ? chosen : (covering.flatMap(entriesOf)[0] ?? 0);
  const plane = Math.floor(first / (rows * columns)) * rows * columns;
  const cell = indexIn(chosen).slice(-2);

  /** Null of a single entry, or in another plane. @param {Write} write @returns {Window | null} */
  function windowOf(write) {
    const all = entriesOf(write);
    const here = all.filter((at) => at >= plane && at < plane + rows * columns).map(indexIn);
    if (all.length < 2 || !here.length) return null;
    return [-2, -1].map((axis) => {
      const at = here.map((index) => index.at(axis) ?? 0);
      return [Math.min(...at), Math.max(...at) + 1];
    });
  }

  /** @param {Write} write */
  function icon(write) {
    const [down, across] = windowOf(write) ?? [];
    if (!down) return null;
    const size = ICON / Math.max(rows, columns);
    const [width, height] = [columns * size, rows * size];
    const plan = { ...planOf([rows, columns]), cell: { width: size, height: size } };
    return s(
      "svg",
      {
        ...{ class: "window-icon", width: width + 2, height: height + 2, "aria-hidden": "true" },
        viewBox: `-1 -1 ${width + 2} ${height + 2}`,
      },
      box(0, 0, width, height, "ground"),
      windowFrame(plan, 0, 0, down, across),
      isSame && box(cell[1] * size, cell[0] * size, size, size, "entry"),
    );
  }

  function drawn() {
    const framed = covering.flatMap((write) =>
      [windowOf(write) ?? []].filter(({ length }) => length),
    );
    if (!numbers || !framed.length) return null;
    const value = Array.from({ length: rows }, (_, row) =>
      numbers.slice(plane + row * columns, plane + (row + 1) * columns),
    );
    const array = { id: "windows", value, shape: [rows, columns] };
    const plan = planOf(array.shape, {
      ...{ numbers: MOST_NUMBERS, columns: MOST_COLUMNS, room: ROOM, letter: LETTER },
    });
    const { width, height } = plan.cell;
    const counts = new Uint16Array(rows * columns);
    for (const write of writes)
      for (const at of entriesOf(write)) if (at >= plane) counts[at - plane] += 1;
    const several = [...counts.keys()].filter((at) => counts[at] > 1);
    const [wide, tall] = [plan.width + 4, plan.height + 4];
    const said = TEXTS.windows(framed.length, place);
    return h(
      "figure.windows",
      h("figcaption", h("strong", (windows && read) || name), ` ${said}`),
      s(
        "svg[role=img]",
        { ...{ width: wide, height: tall, viewBox: `-2 -2 ${wide} ${tall}` }, "aria-label": said },
        arrayShapes(array, plan, 0, 0),
        several.map((at) => {
          const y = (Math.floor(at / columns) + 1) * height - 3.5;
          return box(((at % columns) + 0.15) * width, y, 0.7 * width, 2, "in-several");
        }),
        framed.map(([down, across]) => windowFrame(plan, 0, 0, down, across)),
        isSame && box(cell[1] * width, cell[0] * height, width, height, "chosen-entry", 2),
      ),
      several.length > 0 && h("p.soft", TEXTS.inSeveral),
    );
  }
  return { covering, icon, drawn };
}
