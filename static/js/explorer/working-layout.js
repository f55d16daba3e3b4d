/** How the working fits into its panel. */

const SMALLEST = 0.66; // of the size of the entries, where a row of matrices is too wide

/**
 * Too wide for one row: smaller, down to what can still be read; else the result above, what it is
 * made of in one row below.
 * @param {HTMLElement} box
 */
export function arrange(box) {
  box.classList.remove("split");
  box.style.setProperty("--fit", "1");
  if (getComputedStyle(box).flexWrap === "nowrap") {
    const ratio = box.clientWidth / box.scrollWidth;
    if (ratio < 1) box.style.setProperty("--fit", String(Math.max(SMALLEST, ratio * 0.985)));
    if (box.scrollWidth > box.clientWidth + 1) box.classList.add("split");
    return;
  }
  const sides = /** @type {HTMLElement[]} */ ([...box.children]);
  // in one row, a lower side is centred: it begins above the middle of the first
  const [first, last] = [sides[0], sides[sides.length - 1]];
  const below = sides.length > 2 && last.offsetTop > first.offsetTop + first.offsetHeight / 2;
  if (below || box.scrollWidth > box.clientWidth + 1) box.classList.add("split");
}

/**
 * A formula too long for the column is set smaller, down to what can still be read.
 * @param {HTMLElement} box
 */
export function fit(box) {
  box.style.setProperty("--fit", "1");
  const ratio = box.clientWidth / box.scrollWidth;
  if (ratio < 1) box.style.setProperty("--fit", String(Math.max(0.6, ratio * 0.98)));
}
