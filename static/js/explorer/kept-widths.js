/**
 * Columns of numbers keep the greatest width that they had in a run, so that nothing moves while
 * the numbers change.
 */

/** @typedef {{key: string, element: HTMLElement}} Column the element that is given the width */

/** @param {HTMLElement} box of the equation and the sum */
function columnsOf(box) {
  /** @type {Column[]} */
  const columns = [];
  for (const table of box.querySelectorAll("table.entries")) {
    const name = table.closest("[data-variable]")?.getAttribute("data-variable");
    const cells = /** @type {HTMLElement[]} */ ([...(table.querySelector("tr")?.children ?? [])]);
    columns.push(...cells.map((element, k) => ({ key: `${name}|${cells.length}|${k}`, element })));
  }
  return columns;
}

/** @param {HTMLElement} box @param {string} line */
function columnsOfSum(box, line) {
  /** @type {Column[]} */
  const columns = [];
  for (const name of ["term", "ledger-product"]) {
    const element = /** @type {HTMLElement | null} */ (box.querySelector(`.ledger .${name}`));
    if (element) columns.push({ key: `${line}|${name}`, element });
  }
  return columns;
}

/** In ems of the element, so that it grows with the window. */
export function createKeptWidths() {
  /** @type {Map<string, number>} */
  const widths = new Map();
  let run = "";

  /** @param {Column[]} columns @param {string} now name of the run */
  function keep(columns, now) {
    if (now !== run) widths.clear();
    run = now;
    // all is measured before anything is changed, or each would be laid out anew
    const measured = columns.map(
      ({ element }) =>
        element.getBoundingClientRect().width / parseFloat(getComputedStyle(element).fontSize),
    );
    columns.forEach(({ key, element }, k) => {
      const width = Math.max(widths.get(key) ?? 0, measured[k] || 0);
      widths.set(key, width);
      element.style.minWidth = `${width.toFixed(4)}em`;
    });
  }

  return {
    /** @param {HTMLElement} box @param {string} now */
    matrices: (box, now) => keep(columnsOf(box), now),
    /** @param {HTMLElement} box @param {string} line @param {string} now */
    sum: (box, line, now) => keep(columnsOfSum(box, line), now),
  };
}
