/** Entries of the matrices on screen. */

/** The cell of a matrix in which an event happened. @param {Event} event */
export const cellOf = ({ target }) =>
  target instanceof Element
    ? /** @type {HTMLTableCellElement | null} */ (target.closest("td[data-index]"))
    : null;

/**
 * The index that an element has as `data-index`; a single number has an empty one.
 * @param {Element} element @param {string} [attribute]
 */
export const indexFrom = (element, attribute = "data-index") =>
  (element.getAttribute(attribute) ?? "").split(",").filter(Boolean).map(Number);

/**
 * Move the focus from one entry of a matrix to another; folded cells are skipped.
 * @param {HTMLTableCellElement} cell @param {string} key
 * @returns {boolean} whether the key is an arrow
 */
export function moveFocus(cell, key) {
  /** @type {Record<string, number[]>} */
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[key];
  if (!step) return false;
  let row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  const rows = /** @type {HTMLTableSectionElement} */ (row.parentElement).rows;
  let column = cell.cellIndex;
  for (let hops = 0; hops < 3; hops++) {
    row = rows[row.sectionRowIndex + step[0]];
    column += step[1];
    const next = row?.cells[column];
    if (!next) return true;
    if (next.dataset.index) {
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return true;
    }
  }
  return true;
}
