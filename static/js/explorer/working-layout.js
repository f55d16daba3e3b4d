/** How the working fits into its panel. */
import { windowIs } from "../ui/dom.js";

const SMALLEST = 0.6; // of the size of the entries, where a row of matrices is too wide
const READABLE = 0.7; // below it rather in several rows, else some columns are folded away
const LEVELS = 4;

/**
 * Lay out the matrices in their part of the working: the numbers smaller, then fewer columns. What
 * was found is kept for the run, so that nothing jumps while the numbers change.
 */
export function createLayout() {
  /** @type {Map<string, number>} how far each line is folded */
  const levels = new Map();
  let run = "";

  return {
    forget: () => levels.clear(),
    /**
     * @param {HTMLElement} equation @param {string} line and its shape
     * @param {string} now name of the run
     * @param {(level: number) => void} draw the matrices; 0: all columns that there is room for
     */
    place(equation, line, now, draw) {
      if (now !== run) levels.clear();
      run = now;
      const before = levels.get(line) ?? 0;
      // all entries are seen while one's own are marked in them
      const marking = equation.closest(".working")?.querySelector(".own-numbers[open]") ?? null;
      let level = marking ? 0 : before;
      for (; ; level++) {
        draw(level);
        // once some are folded, another entry does not fold more of them
        const last = level === LEVELS - 1;
        const least = last || (level && level === before) ? SMALLEST : READABLE;
        if (arrange(equation, marking ? SMALLEST : least) || marking || last) break;
      }
      if (!marking) levels.set(line, level);
    },
  };
}

/**
 * Too wide for one row: smaller, down to what can still be read, then in several rows if all of
 * them are seen; in a narrow window the result above, what it is made of in one row below.
 * @param {HTMLElement} box @param {number} least part of the full size that the numbers may have
 * @returns {boolean} whether there is room
 */
function arrange(box, least) {
  const { style, classList, clientWidth: room } = box;
  const set = (/** @type {number} */ fit) => style.setProperty("--fit", String(fit));
  classList.remove("split");
  set(1);
  if (windowIs("wide").matches) {
    const part = /** @type {HTMLElement} */ (box.parentElement);
    let fit = 1;
    // twice, since captions and gaps do not all become smaller with the numbers
    for (let k = 0; k < 2 && box.scrollWidth > room && fit > SMALLEST; k++) {
      fit = Math.max(SMALLEST, fit * (room / box.scrollWidth) * 0.985);
      set(fit);
    }
    if (fit >= least && box.scrollWidth <= room + 1) return true;
    classList.add("split");
    for (const size of [1, READABLE, SMALLEST].filter((each) => each >= least)) {
      set(size);
      if (box.scrollWidth <= room + 1 && box.offsetHeight <= part.clientHeight) return true;
    }
    classList.remove("split");
    set(fit);
    return false;
  }
  const sides = /** @type {HTMLElement[]} */ ([...box.children]);
  // in one row, a lower side is centred: it begins above the middle of the first
  const [first, last] = [sides[0], sides[sides.length - 1]];
  const below = sides.length > 2 && last.offsetTop > first.offsetTop + first.offsetHeight / 2;
  if (below || box.scrollWidth > room + 1) classList.add("split");
  return true;
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
