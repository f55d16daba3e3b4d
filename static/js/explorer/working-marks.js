/**
 * Which entries of the matrices are lit: the one pointed at, the rows and columns it reads, and
 * what the picture's selection touches.
 */
import { elementOf, matches, patternOf } from "../core/elements.js";
import { reads } from "../core/entries.js";

/**
 * @param {Element} root
 * @param {import("../state/store.js").State} state
 * @param {import("../core/wire.js").Line} line
 */
export function markEntries(root, state, line) {
  const context = { convention: state.trace.convention, depth: state.frame.layers.length };
  const pointed = state.hoverEntry ?? null;
  const written = root.querySelector(".written-out")?.dataset.index;
  const target =
    pointed && pointed.variable !== line.id
      ? null
      : written === ""
        ? []
        : written?.split(",").map(Number);
  const patterns = target ? reads(line, target) : [];
  // an entry of an input lights all of the output that it goes into
  const source = pointed && pointed.variable !== line.id ? pointed : null;
  for (const matrix of root.querySelectorAll("[data-variable]")) {
    const id = matrix.getAttribute("data-variable");
    const output = matrix.classList.contains("output");
    for (const cell of matrix.querySelectorAll("[data-index]")) {
      const text = cell.getAttribute("data-index");
      const index = text === "" ? [] : text.split(",").map(Number);
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
 * A neuron lights a whole row of weights only faintly: `selected` is for what the element itself
 * is.
 */
const exact = (element, id, index, context) => elementOf(id, index, context) === element;

/** Does the output's entry read this entry of an input? */
function feeds(line, { variable, index }, output) {
  return reads(line, output).some(
    (pattern, k) =>
      line.inputs[k] === variable && pattern.length === index.length && matches(index, pattern),
  );
}
