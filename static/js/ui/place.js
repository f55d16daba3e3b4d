/** Where a box over the page stands: below what it belongs to, above it if there is no room. */

const GAP = 8; // px

/**
 * On a phone the style sheet places it.
 * @param {HTMLElement} box shown, fixed @param {Element} target
 */
export function placeAt(box, target) {
  const { left, top, bottom } = target.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = box;
  const x = Math.max(GAP, Math.min(left, innerWidth - offsetWidth - GAP));
  const below = bottom + GAP + offsetHeight <= innerHeight;
  const y = below ? bottom + GAP : Math.max(GAP, top - GAP - offsetHeight);
  box.style.setProperty("--left", `${x}px`);
  box.style.setProperty("--top", `${y}px`);
}
