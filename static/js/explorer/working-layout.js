/** How the working fits into the width of its column. */

/**
 * Too wide for one row: the result above, what it is made of in one row below.
 * @param {HTMLElement} box
 */
export function arrange(box) {
  box.classList.remove("split");
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
