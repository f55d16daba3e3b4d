/** How the working fits into its panel. */
import { windowIs } from "../ui/dom.js";

const SMALLEST = 0.6; // of the size of the entries; below it some columns are folded away
const READABLE = 0.7; // below it rather in several rows
const LEVELS = 4;

/** @typedef {{size: string, style: string}} Found `--fit`, and "split" or "long" */

/**
 * Lay out the matrices in their part of the working: the numbers smaller, then fewer columns. What
 * was found is kept for the run, so that nothing jumps while the numbers change; what looks like
 * something that was measured before is not measured again.
 */
export function createLayout() {
  /** @type {Map<string, number>} how far each line is folded */
  const levels = new Map();
  /** @type {Map<string, Found & {fits: boolean}>} */
  const blocks = new Map();
  let run = "";

  /**
   * @param {HTMLElement} box @param {string} key what it looks like
   * @param {"split" | "long"} style @param {() => boolean} measure sets size and style
   */
  function once(box, key, style, measure) {
    const known = blocks.get(key);
    if (!known) {
      const fits = measure();
      const size = box.style.getPropertyValue("--fit");
      blocks.set(key, { size, style: box.classList.contains(style) ? style : "", fits });
      return fits;
    }
    if (box.style.getPropertyValue("--fit") !== known.size)
      box.style.setProperty("--fit", known.size);
    box.classList.toggle(style, known.style === style);
    return known.fits;
  }

  return {
    forget() {
      levels.clear();
      blocks.clear();
    },
    /** The room has another size: measure again, but fold as before. */
    remeasure: () => blocks.clear(),
    /** @param {HTMLElement} formula @param {string} key what it looks like, and the text beside */
    formula: (formula, key) => {
      const fits = once(formula, `formula:${key}`, "long", () => fit(formula));
      if (fits) formula.removeAttribute("tabindex");
      else formula.tabIndex = 0;
    },
    /**
     * @param {HTMLElement} equation @param {string} line and shape, and whose numbers
     * @param {string} now name of the run
     * @param {(level: number) => string} draw the matrices; 0: all columns that there is room for;
     *   returns what they look like, apart from their digits
     */
    place(equation, line, now, draw) {
      if (now !== run) for (const each of [levels, blocks]) each.clear();
      run = now;
      // all entries are seen while submitted numbers are marked in them
      const marking = equation.closest(".working")?.querySelector(".submitted-numbers[open]");
      let level = marking ? 0 : (levels.get(line) ?? 0);
      for (; ; level++) {
        const key = `${line} ${draw(level)}`;
        if (marking) arrange(equation);
        else if (!once(equation, key, "split", () => arrange(equation)) && level < LEVELS - 1)
          continue;
        break;
      }
      if (!marking) levels.set(line, level);
    },
  };
}

/**
 * Too wide for one row: smaller, down to what can still be read, then in several rows if all of
 * them are seen; in a narrow window the result above, what it is made of in one row below.
 * @param {HTMLElement} box @returns {boolean} whether there is room
 */
function arrange(box) {
  const { style, classList, clientWidth: room } = box;
  const set = (/** @type {number} */ fit) => style.setProperty("--fit", String(fit));
  classList.remove("split");
  set(1);
  if (windowIs("wide").matches) {
    const part = /** @type {HTMLElement} */ (box.parentElement);
    const others = [...part.children].filter((each) => each !== box);
    const most =
      part.clientHeight -
      parseFloat(getComputedStyle(part).paddingTop) -
      others.reduce((all, each) => all + /** @type {HTMLElement} */ (each).offsetHeight, 0);
    const excess = () => Math.max(box.scrollWidth / room, box.offsetHeight / most);
    // captions and gaps do not all become smaller with the numbers: what is too wide by that much
    // need not be laid out again, and what is not is, again and again
    const tooWide = box.scrollWidth * SMALLEST > room + 1;
    let fit = tooWide ? SMALLEST : 1;
    for (let k = 0; k < 6 && fit > SMALLEST && excess() > 1; k++) {
      fit = Math.max(SMALLEST, (fit / excess()) * 0.985);
      set(fit);
    }
    const one = !tooWide && box.scrollWidth <= room + 1;
    if (fit >= READABLE && one) return true;
    classList.add("split");
    const update = box.dataset.phase === "update"; // where the rest would stand alone
    let width = 0; // at full size
    for (const size of one ? (update ? [] : [1, READABLE]) : [1, READABLE, SMALLEST]) {
      if (size * width > room + 1) continue;
      set(size);
      if (size === 1) width = box.scrollWidth;
      if (box.scrollWidth <= room + 1 && box.offsetHeight <= most) return true;
    }
    classList.remove("split");
    set(fit);
    return one;
  }
  const sides = /** @type {HTMLElement[]} */ ([...box.children]);
  // in one row, a lower side is centred: it begins above the middle of the first
  const [first, last] = [sides[0], sides[sides.length - 1]];
  const below = sides.length > 2 && last.offsetTop > first.offsetTop + first.offsetHeight / 2;
  if (below || box.scrollWidth > room + 1) classList.add("split");
  return box.scrollWidth <= room + 1;
}

/**
 * A formula too long for the column is set smaller, down to what can still be read; then it takes
 * width from the sentence beside it; one that is still too long is scrolled, also with keys.
 */
function fit(/** @type {HTMLElement} */ box) {
  box.classList.remove("long");
  box.style.setProperty("--fit", "1");
  let size = 1;
  // fractions in fractions: what is below them stays where it is
  const tall = parseFloat(getComputedStyle(box.parentElement ?? box).minHeight);
  if (box.offsetHeight > 1.2 * tall) {
    size = Math.max(0.7, (1.2 * tall) / box.offsetHeight);
    box.style.setProperty("--fit", String(size));
  }
  // Twice: the gaps between the parts keep their width when the letters become smaller.
  for (let k = 0; k < 2 && box.scrollWidth > box.clientWidth; k++) {
    size = Math.max(0.6, size * (box.clientWidth / box.scrollWidth) * 0.98);
    box.style.setProperty("--fit", String(size));
  }
  return !box.classList.toggle("long", box.scrollWidth > box.clientWidth);
}

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
