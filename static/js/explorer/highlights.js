/**
 * Highlights of the entries of the matrices: the one pointed at, the rows and columns it reads, and
 * what the selection in the network figure touches.
 */
import { elementOf, matches, patternOf } from "../core/elements.js";
import { at, feeds, flatIndex, reads } from "../core/entries.js";
import { number } from "../core/format.js";
import { variable } from "../core/trace.js";
import { indexFrom } from "./cells.js";

/** Whether all rows are the first one again, as by broadcasting. @param {Given} array */
const repeats = ({ value, shape }) =>
  shape.length === 2 &&
  shape[0] > 1 &&
  value.every((/** @type {Nested} */ row) => String(row) === String(value[0])) &&
  value[0].some(Boolean);

/** @param {Element} root @param {State} state @param {Line} line */
export function highlightEntries(root, state, line) {
  const depth = state.frame.layers.length;
  const chosen = state.hover ?? state.selection;
  const pointed = state.hoverEntry ?? null;
  // an entry of an input highlights all entries of the output that read it
  const source = pointed && pointed.variable !== line.id ? pointed : null;
  const writtenOut = root.querySelector(".written-out");
  const target = source || !writtenOut ? null : indexFrom(writtenOut);
  const patterns = target ? reads(line, target) : [];
  const explicit = target && line.explicit?.(target).taken;
  const taken = explicit
    ? explicit.index.join()
    : target && line.picks?.entries?.[flatIndex(target, line.shape)]?.join();
  const picked = line.inputs[explicit ? explicit.input : 0];
  const before = state.held?.before.trace ?? null;
  for (const matrix of root.querySelectorAll("[data-variable]")) {
    const id = matrix.getAttribute("data-variable") ?? "";
    const array = variable(state.trace, id);
    const pattern = chosen ? patternOf(chosen, array, depth) : null;
    const output = matrix.classList.contains("output");
    const mask = /** @type {Line | undefined} */ (array)?.mask;
    const alike = line.axes_of && array ? repeats(array) : false;
    const old = array && state.held?.lines.has(id) ? variable(before, id)?.value : null;
    for (const cell of matrix.querySelectorAll("[data-index]")) {
      const index = indexFrom(cell);
      const here = target !== null && target.join() === index.join();
      const read =
        !output &&
        !!target &&
        (feeds(line, { variable: id, index }, target, patterns) ||
          (id === `${line.id}_slopes` && here));
      const isTarget = output && here;
      const isSource = source?.variable === id && source.index.join() === index.join();
      const fed = output && source !== null && feeds(line, source, index);
      const won = Boolean(taken) && id === picked && taken === index.join();
      cell.classList.toggle("taken", won);
      if (line.axes_of) {
        cell.classList.toggle("masked", mask !== undefined && at(mask, index) === 1);
        cell.classList.toggle("repeated", alike && (index.at(-2) ?? 0) > 0);
      }
      cell.classList.toggle("read", read);
      cell.classList.toggle(
        "moved",
        old !== null && number(at(old, index)) !== number(at(array?.value, index)),
      );
      cell.classList.toggle("target", isTarget || isSource);
      cell.classList.toggle("fed", fed);
      const touched = pattern !== null && matches(index, pattern);
      // a neuron also touches a row of weights, which is highlighted less
      const exact = touched && elementOf(array, index, depth) === chosen;
      cell.classList.toggle("selected", exact);
      cell.classList.toggle("touched", touched && !exact);
    }
  }
}
