/**
 * Below the formula of a line: which slice of its array is shown, by the names of its axes, in
 * which run of the loops around it, and a shorter formula with the same numbers.
 */
import { runsOf } from "../core/program.js";
import { lineOf } from "../core/trace.js";
import { chosenEntry } from "../state/entry.js";
import { PROGRAMS } from "../text/programs.js";
import { choice, h, patch } from "../ui/dom.js";

const MOST = 8; // values that are buttons

export function createChips(/** @type {Services} */ { store }) {
  const conventions = h("div.chips");
  const also = h("div.also");
  const remark = h("p.remark[role=status][hidden]");
  let focus = 0; // the axis whose slices the keys < and > turn

  /** The rows of chips. @returns {{name: string, at: string, values: string[],
   * choose: (value: string) => void}[]} */
  function rows() {
    const { trace, folding, line: id } = store.state;
    const line = trace && lineOf(trace, id);
    if (!line || !folding) return [];
    const isWhole = folding.wholes.has(folding.ownerOf(line.id));
    const runs = runsOf(folding, isWhole ? line : (folding.lines.get(line.id) ?? line))
      .filter((row) => row.runs.length > 1)
      .map(({ axis, value, runs: all }) => ({
        ...{ name: axis, at: value, values: all.map((run) => run.value) },
        choose: (/** @type {string} */ to) =>
          store.set({ line: all.find((run) => run.value === to)?.id ?? line.id }),
      }));
    const entry = chosenEntry(/** @type {State} */ (store.state), line);
    const slices = line.shape
      .slice(0, -2)
      .map((size, axis) => ({
        ...{ name: line.axes[axis] ?? String(axis), at: String(entry[axis]) },
        values: Array.from({ length: size }, (_, k) => String(k)),
        choose: (/** @type {string} */ to) =>
          store.set({
            entry: chosenEntry(/** @type {State} */ (store.state), line).with(axis, Number(to)),
          }),
      }));
    return [...runs, ...slices.filter(({ values }) => values.length > 1)];
  }

  return {
    element: h("div.noted.side-by-side.wraps", conventions, also),
    remark,
    draw() {
      const shown = rows();
      patch(
        conventions,
        ...shown.map(({ name, at, values, choose }, k) => {
          const run = (/** @type {string} */ to) => {
            focus = k;
            choose(to);
          };
          const place = values.indexOf(at);
          const row = h(
            "div.chip-row",
            { "data-axis": name },
            h("span.chip-name.soft.smaller", name),
          );
          /** @param {string} sign @param {string} said @param {number} to */
          const turn = (sign, said, to) => {
            const next = values[Math.max(0, Math.min(values.length - 1, to))];
            return h("button.turn", { "aria-label": said, onclick: () => run(next) }, sign);
          };
          if (values.length > MOST)
            row.append(
              turn("‹", PROGRAMS.previousSlice(name), place - 1),
              h("output", at),
              turn("›", PROGRAMS.nextSlice(name), place + 1),
            );
          else {
            const picker = choice(
              name,
              values.map((value) => ({ value, text: value })),
              run,
            );
            picker.show(at);
            row.append(picker.element);
          }
          return row;
        }),
      );
      const { trace, line: id, short, folding } = store.state;
      const current = folding?.lines.get(id);
      const other = trace && current?.also?.[0];
      const picker =
        other &&
        choice(
          PROGRAMS.formulas,
          [
            {
              value: false,
              text: current.sum_of ? PROGRAMS.parts(current.sum_of.length) : PROGRAMS.asComputed,
            },
            { value: true, text: other.label },
          ],
          (value) => store.set({ short: value }),
        );
      picker?.show(short);
      patch(also, picker?.element);
    },
    /** The next slice along the axis in focus. @param {number} by */
    turn(by) {
      const shown = rows();
      const row = shown[Math.min(focus, shown.length - 1)];
      if (!row) return;
      const place = row.values.indexOf(row.at) + by;
      row.choose(row.values[(place + row.values.length) % row.values.length]);
    },
  };
}
