/** Which entry of a line is pointed at or chosen. */
import { patternOf } from "../core/elements.js";

/** @param {State} state @returns {number} layers of the network */
export const depthOf = ({ frame }) => frame.layers.length;

/**
 * An index of the line, or null.
 * @param {Line} line
 * @param {(number | null)[] | null} index null within: any, of which the first is taken
 */
function within({ shape }, index) {
  const first = index?.map((i) => i ?? 0) ?? [];
  return index && first.length === shape.length && first.every((i, d) => i < shape[d])
    ? first
    : null;
}

/** The entry that is pointed at, else the chosen one. @param {State} state @param {Line} line */
export function pointedEntry(state, line) {
  const { hover, hoverEntry } = state;
  return (
    (hoverEntry?.variable === line.id ? within(line, hoverEntry.index) : null) ??
    within(line, patternOf(hover, line, depthOf(state))) ??
    chosenEntry(state, line)
  );
}

/**
 * The chosen entry, from which a path starts; else one of the element that is chosen in the network
 * figure, else the first.
 * @param {State} state @param {Line} line
 */
export const chosenEntry = (state, line) =>
  within(line, state.entry) ??
  within(line, patternOf(state.selection, line, depthOf(state))) ??
  line.shape.map(() => 0);
