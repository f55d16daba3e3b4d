/** How the working fits into its panel. */
import { windowIs } from "../ui/dom.js";

const SMALLEST = 0.66; // of the size of the entries, where a row of matrices is too wide
const READABLE = 0.75; // below it rather some columns are folded away
const UNBROKEN = 0.85; // below it rather a sum that is written in one line is broken
const LEVELS = 3;
const BELOW = LEVELS; // the sum has a row of its own
const LEAST_BAR = 24; // px

/**
 * Lay out the matrices so that they stand in one row with the sum beside them: the numbers smaller,
 * then fewer columns. Where there is no room for both, the sum is below, and all columns are there.
 * What was found is kept for the run, so that nothing jumps while the numbers change.
 */
export function createLayout() {
  /** @type {Map<string, number>} how far each line is folded */
  const levels = new Map();
  let run = "";

  return {
    forget: () => levels.clear(),
    /**
     * @param {HTMLElement} equation
     * @param {HTMLElement} entry the sum, as it is written out
     * @param {string} line
     * @param {string} now name of the run
     * @param {(level: number) => void} draw the matrices; 0: all columns that there is room for
     */
    place(equation, entry, line, now, draw) {
      if (now !== run) levels.clear();
      run = now;
      const before = levels.get(line) ?? 0;
      // all entries are seen while one's own are marked in them
      const marking = entry.closest(".working")?.querySelector(".own-numbers[open]") ?? null;
      let level = marking ? BELOW : before;
      for (; level < BELOW; level++) {
        draw(level);
        // once some are folded, another entry does not fold more of them
        const least = level && level === before ? SMALLEST : READABLE;
        const line = lineOf(entry);
        const unbroken = () => roomBeside(entry, equation, line);
        if (line > leastOf(entry) && arrange(equation, unbroken, UNBROKEN)) break;
        if (arrange(equation, () => roomBeside(entry, equation), least)) break;
      }
      if (!marking) levels.set(line, level);
      if (level < BELOW) return;
      draw(0);
      arrange(equation, () => equation.clientWidth, SMALLEST);
    },
  };
}

/**
 * Too wide for one row: smaller, down to what can still be read; else the result above, what it is
 * made of in one row below.
 * @param {HTMLElement} box
 * @param {() => number} roomOf width that there is, with numbers of the full size
 * @param {number} least part of the full size that the numbers may have
 * @returns {boolean} whether there is room
 */
function arrange(box, roomOf, least) {
  box.classList.remove("split");
  box.style.setProperty("--fit", "1");
  if (windowIs("wide").matches) {
    const room = roomOf();
    let fit = 1;
    // twice, since captions and gaps do not all become smaller with the numbers
    for (let k = 0; k < 2 && box.scrollWidth > room && fit > SMALLEST; k++) {
      fit = Math.max(SMALLEST, fit * (room / box.scrollWidth) * 0.985);
      box.style.setProperty("--fit", String(fit));
    }
    if (box.scrollWidth > box.clientWidth + 1) box.classList.add("split");
    return fit >= least && box.scrollWidth <= room;
  }
  const sides = /** @type {HTMLElement[]} */ ([...box.children]);
  // in one row, a lower side is centred: it begins above the middle of the first
  const [first, last] = [sides[0], sides[sides.length - 1]];
  const below = sides.length > 2 && last.offsetTop > first.offsetTop + first.offsetHeight / 2;
  if (below || box.scrollWidth > box.clientWidth + 1) box.classList.add("split");
  return true;
}

/**
 * The width of a sum that is written in one line.
 * @param {HTMLElement} entry
 */
function lineOf(entry) {
  const widths = [...entry.children].map((each) => each.getBoundingClientRect().width);
  return Math.ceil(widths.reduce((sum, each) => sum + each, 0)) + 1;
}

/**
 * The width that the stylesheet gives the sum beside the matrices.
 * @param {HTMLElement} entry
 */
function leastOf(entry) {
  const part = entry.closest(".part");
  return part ? parseFloat(getComputedStyle(part).flexBasis) || 0 : 0;
}

/**
 * The width that the matrices have beside the sum.
 * @param {HTMLElement} entry @param {HTMLElement} box
 * @param {number} [line] width that the sum is to have at least
 */
function roomBeside(entry, box, line = 0) {
  const worked = entry.closest(".worked");
  const part = entry.closest(".part");
  if (!worked || !part) return box.clientWidth;
  const { columnGap, paddingLeft, paddingRight } = getComputedStyle(worked);
  const bar = entry.querySelector(".ledger-bar"); // as wide as there is room, from the left on
  const terms = bar ? bar.getBoundingClientRect().left - entry.getBoundingClientRect().left : 0;
  const needed = Math.max(leastOf(entry), bar ? terms + LEAST_BAR : line);
  const around = [columnGap, paddingLeft, paddingRight].map(parseFloat);
  return worked.clientWidth - around.reduce((sum, each) => sum + each, needed);
}

/**
 * A formula too long for the column is set smaller, down to what can still be read; then it takes
 * width from the sentence beside it; one that is still too long is scrolled, also with keys.
 * @param {HTMLElement} box
 */
export function fit(box) {
  box.classList.remove("long");
  box.style.setProperty("--fit", "1");
  let size = 1;
  // Twice: the gaps between the parts keep their width when the letters become smaller.
  for (let k = 0; k < 2 && box.scrollWidth > box.clientWidth; k++) {
    size = Math.max(0.6, size * (box.clientWidth / box.scrollWidth) * 0.98);
    box.style.setProperty("--fit", String(size));
  }
  box.classList.toggle("long", box.scrollWidth > box.clientWidth);
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}
