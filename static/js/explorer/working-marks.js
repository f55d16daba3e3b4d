/**
 * Highlights of the entries of the matrices: the one pointed at, the rows and columns it reads, and
 * what the selection in the network figure touches.
 */
import { elementOf, matches, patternOf } from "../core/elements.js";
import { feeds, reads } from "../core/entries.js";
import { indexFrom } from "./cells.js";

/** @typedef {import("../core/wire.js").Line} Line */
/** @typedef {import("../core/elements.js").Context} Context */

/**
 * @param {Element} root
 * @param {import("../state/store.js").State} state
 * @param {Line} line
 */
export function markEntries(root, state, line) {
  const context = { convention: state.trace.convention, depth: state.frame.layers.length };
  const pointed = state.hoverEntry ?? null;
  // an entry of an input highlights all entries of the output that read it
  const source = pointed && pointed.variable !== line.id ? pointed : null;
  const writtenOut = root.querySelector(".written-out");
  const target = source || !writtenOut ? null : indexFrom(writtenOut);
  const patterns = target ? reads(line, target) : [];
  for (const matrix of root.querySelectorAll("[data-variable]")) {
    const id = matrix.getAttribute("data-variable") ?? "";
    const output = matrix.classList.contains("output");
    for (const cell of matrix.querySelectorAll("[data-index]")) {
      const index = indexFrom(cell);
      const read =
        !output &&
        line.inputs.some(
          (input, k) =>
            input === id && patterns[k]?.length === index.length && matches(index, patterns[k]),
        );
      const isTarget = output && target !== null && target.join() === index.join();
      const isSource = source?.variable === id && source.index.join() === index.join();
      const fed = output && source !== null && feeds(line, source, index);
      const chosen = state.hover ?? state.selection;
      const pattern = chosen ? patternOf(chosen, id, index.length, context) : null;
      cell.classList.toggle("read", read);
      cell.classList.toggle("target", isTarget || isSource);
      cell.classList.toggle("fed", fed);
      const touched = pattern !== null && matches(index, pattern);
      const own = touched && exact(chosen, id, index, context);
      cell.classList.toggle("selected", own);
      cell.classList.toggle("touched", touched && !own);
    }
  }
}

/**
 * Is the entry the element itself? A neuron also touches a row of weights, which is highlighted
 * less.
 * @param {string | null} element
 * @param {string} id
 * @param {number[]} index
 * @param {Context} context
 */
const exact = (element, id, index, context) => elementOf(id, index, context) === element;
