/**
 * Columns of numbers keep the greatest width that they had in a run, so that nothing moves while
 * the numbers change. A width is measured where a column has a text of a pattern that it never had,
 * such as "−0.0000": all digits are equally wide.
 */

/** @typedef {{key: string, element: HTMLElement, texts: string[]}} Column
 * the element that is given the width, and all texts of the column */

/** @param {Element} element */
const textOf = (element) => element.textContent ?? "";

/** @param {Element} box of the equation */
function columnsOf(box) {
  /** @type {Column[]} */
  const columns = [];
  for (const table of box.querySelectorAll("table.entries")) {
    const name = table.closest("[data-variable]")?.getAttribute("data-variable");
    const rows = [...table.querySelectorAll("tr")];
    const cells = /** @type {HTMLElement[]} */ ([...(rows[0]?.children ?? [])]);
    cells.forEach((element, k) => {
      const texts = rows.map((row) => textOf(row.children[k]));
      columns.push({ key: `${name}|${cells.length}|${k}`, element, texts });
    });
  }
  return columns;
}

/** @param {Element} box of the sum @param {string} line */
function columnsOfSum(box, line) {
  /** @type {Column[]} */
  const columns = [];
  for (const name of ["term", "ledger-product"]) {
    const all = /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(`.ledger .${name}`));
    if (all.length)
      columns.push({ key: `${line}|${name}`, element: all[0], texts: [...all].map(textOf) });
  }
  return columns;
}

/** In ems of the element, so that it grows with the window. */
export function createKeptWidths() {
  /** @type {Map<string, {width: number, patterns: Set<string>}>} */
  const kept = new Map();
  let run = "";

  /**
   * @param {Column[]} columns
   * @param {string} now name of the run
   * @returns {boolean} whether a column became wider
   */
  function keep(columns, now) {
    if (now !== run) kept.clear();
    run = now;
    const unknown = columns.filter(({ key, texts }) => {
      const own = kept.get(key) ?? { width: 0, patterns: new Set() };
      kept.set(key, own);
      const before = own.patterns.size;
      for (const text of texts) own.patterns.add(text.replace(/\d/g, "0"));
      return own.patterns.size > before;
    });
    // all is measured before anything is changed, or each would be laid out anew
    const measured = unknown.map(
      ({ element }) =>
        element.getBoundingClientRect().width / parseFloat(getComputedStyle(element).fontSize),
    );
    let wider = false;
    unknown.forEach(({ key }, k) => {
      const own = kept.get(key);
      if (!own || !(measured[k] > own.width)) return;
      own.width = measured[k];
      wider = true;
    });
    for (const { key, element } of columns) {
      const width = `${(kept.get(key)?.width ?? 0).toFixed(4)}em`;
      if (element.style.minWidth !== width) element.style.minWidth = width;
    }
    return wider;
  }

  return {
    /** @param {Element} box @param {string} now */
    matrices: (box, now) => keep(columnsOf(box), now),
    /** @param {Element} box @param {string} line @param {string} now */
    sum: (box, line, now) => keep(columnsOfSum(box, line), now),
    /** Measure all again, keeping the widths: fonts have come. */
    remeasure: () => {
      for (const { patterns } of kept.values()) patterns.clear();
    },
  };
}
