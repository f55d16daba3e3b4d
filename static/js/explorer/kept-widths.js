/**
 * Columns of numbers keep the greatest width that they had in a run, so that nothing moves while
 * the numbers change. A width is measured where a column has a text of a pattern that it never had,
 * such as "−0.0000": all digits are equally wide.
 */

/**
 * An element of the column, all its texts, and how the column is given a width.
 * @typedef {{key: string, element: Element, texts: string[], give: (width: string) => void}} Column
 */

/** @param {CSSStyleDeclaration} style @param {string} name */
const giver = (style, name) => (/** @type {string} */ width) => {
  if (style.getPropertyValue(name) !== width) style.setProperty(name, width);
};

const textOf = (/** @type {Element} */ element) => element.textContent ?? "";

/** @param {Element} box of the equation */
function columnsOf(box) {
  /** @type {Column[]} */
  const columns = [];
  for (const table of box.querySelectorAll("table.entries")) {
    const name = table.closest("[data-variable]")?.getAttribute("data-variable");
    const rows = [...table.querySelectorAll("tr")];
    const cells = /** @type {HTMLElement[]} */ ([...(rows[0]?.children ?? [])]);
    // what stands for columns that are not shown is narrower than a number
    const kinds = cells.map((cell) => (cell.classList.contains("fold") ? "…" : "0")).join("");
    cells.forEach((element, k) => {
      const texts = rows.map((row) => textOf(row.children[k]));
      const give = giver(element.style, "min-width");
      columns.push({ key: `${name}|${kinds}|${k}`, element, texts, give });
    });
  }
  return columns;
}

/**
 * Its elements are drawn again, so that the box holds their widths.
 * @param {HTMLElement} box of the sum @param {string} line
 */
function columnsOfSum(box, line) {
  /** @type {Column[]} */
  const columns = [];
  /** @type {NodeListOf<HTMLElement>} */
  const terms = box.querySelectorAll(":scope > .term");
  terms.forEach((element, k) => {
    const grow = giver(element.style, "min-width");
    // a long term breaks where the window has become narrower
    const give = (/** @type {string} */ width) => grow(`min(${width}, 100%)`);
    columns.push({ key: `${line}|${k}`, element, texts: [textOf(element)], give });
  });
  return columns;
}

/** In ems of the element, so that it grows with the window. */
export function createKeptWidths() {
  /** @type {Map<string, {width: number, patterns: Set<string>}>} */
  const kept = new Map();
  let run = "";

  /**
   * @param {Column[]} columns @param {string} now name of the run
   * @returns {{wider: boolean, form: string}} whether a column became wider; what the columns look
   *   like, apart from their digits
   */
  function keep(columns, now) {
    if (now !== run) kept.clear();
    run = now;
    const unknown = columns.filter(({ key, texts }) => {
      const column = kept.get(key) ?? { width: 0, patterns: new Set() };
      kept.set(key, column);
      const before = column.patterns.size;
      for (const text of texts) column.patterns.add(text.replace(/\d/g, "0"));
      return column.patterns.size > before;
    });
    // all is measured before anything is changed, or each would be laid out anew
    const measured = unknown.map(
      ({ element }) =>
        element.getBoundingClientRect().width / parseFloat(getComputedStyle(element).fontSize),
    );
    let wider = false;
    unknown.forEach(({ key }, k) => {
      const column = kept.get(key);
      if (!column || !(measured[k] > column.width)) return;
      column.width = measured[k];
      wider = true;
    });
    const form = columns.map(({ key, texts, give }) => {
      const width = `${(kept.get(key)?.width ?? 0).toFixed(4)}em`;
      give(width);
      return `${key} ${texts.length} ${width}`;
    });
    return { wider, form: form.join() };
  }

  return {
    /** @param {Element} box @param {string} now */
    matrices: (box, now) => keep(columnsOf(box), now),
    /** @param {HTMLElement} box @param {string} line @param {string} now */
    sum: (box, line, now) => keep(columnsOfSum(box, line), now),
    /** Measure all again, keeping the widths: fonts have come. */
    remeasure: () => {
      for (const { patterns } of kept.values()) patterns.clear();
    },
  };
}
