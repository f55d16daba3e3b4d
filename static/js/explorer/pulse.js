/**
 * What a line carries, in motion: from neuron to neuron along the edges, as large as its terms; and
 * where nothing moves (an activation, entry by entry), a ring around what is written.
 */

import { layersCrossed } from "../core/elements.js";
import { veiled } from "../core/veil.js";
import { middleOf, outline } from "../figures/shapes.js";
import { flowsOf, unitsOf } from "../state/flows.js";
import { s } from "../ui/dom.js";
import { elementOf } from "./drawn-shapes.js";

export const BRIEF = 240; // ms, when a line is chosen
const MOST_DOTS = 160;
export const TAIL = 0.6; // fraction of the way
export const RING = { least: 2, most: 18 }; // width that a ring grows to
export const RADIUS = { least: 0.8, most: 7 };
export const TAIL_WIDTH = { least: 0.6, most: 6 };
const HEADS = 56; // pixels that the heads of two layers take between them
const UNKNOWN = 0.35; // fraction where the size may not be shown

/**
 * A size on screen: areas, not lengths, are compared, and small ones are still seen.
 * @param {{least: number, most: number}} range @param {number} fraction
 */
export const sized = ({ least, most }, fraction) => least + (most - least) * fraction ** 0.6;

/**
 * @param {Element} element @param {Keyframe[]} frames @param {number} duration
 * @param {string} easing
 */
function once(element, frames, duration, easing) {
  const animation = element.animate(frames, { duration, easing });
  animation.onfinish = animation.oncancel = () => element.remove();
}

/**
 * @param {Element} layer @param {[number, number]} from @param {[number, number]} to
 * @param {number} fraction @param {number} duration
 */
function dot(layer, [x1, y1], [x2, y2], fraction, duration) {
  const tail = s("line", {
    ...{ x1, y1, x2, y2, class: "tail", pathLength: 1 },
    "stroke-dasharray": `${TAIL} 2`,
    "stroke-width": sized(TAIL_WIDTH, fraction).toFixed(2),
  });
  const circle = s("circle.dot", { r: sized(RADIUS, fraction).toFixed(2) });
  layer.append(tail, circle);
  once(tail, [{ strokeDashoffset: TAIL }, { strokeDashoffset: TAIL - 1 }], duration, "ease-in-out");
  once(
    circle,
    [{ transform: `translate(${x1}px, ${y1}px)` }, { transform: `translate(${x2}px, ${y2}px)` }],
    duration,
    "ease-in-out",
  );
}

/**
 * @param {Element} layer @param {import("../figures/shapes.js").Outlined | null} shape
 * @param {number} fraction @param {number} duration
 */
function swell(layer, shape, fraction, duration) {
  if (!shape) return;
  const ring = elementOf(outline(shape, "swell", shape.kind === "circle" ? 2 : 0));
  layer.append(ring);
  once(
    ring,
    [
      { opacity: 0.9, strokeWidth: "2px" },
      { opacity: 0, strokeWidth: `${sized(RING, fraction)}px` },
    ],
    duration,
    "ease-out",
  );
}

/**
 * Once, from what the line reads to what it writes.
 * @param {Element} layer @param {State} state @param {Line} line @param {string[]} writes elements
 * @param {Geometry} places @param {number} duration ms
 */
export function pulse(layer, state, line, writes, places, duration) {
  layer.replaceChildren();
  const hidden = veiled(state, line.id);
  const shown = (/** @type {number} */ fraction) => (hidden ? UNKNOWN : fraction);
  const flows = flowsOf(state, line, MOST_DOTS);
  for (const { from, to, fraction } of flows)
    dot(
      layer,
      middleOf(places.shapeOf(from)),
      middleOf(places.shapeOf(to)),
      shown(fraction),
      duration,
    );
  if (flows.length) return;
  const units = new Map(unitsOf(state, line).map(({ element, fraction }) => [element, fraction]));
  for (const element of writes.slice(0, MOST_DOTS))
    swell(layer, places.shapeOf(element), shown(units.get(element) ?? UNKNOWN), duration);
}

/**
 * Over the network, from the layer that is read to the one that is written: the direction, also
 * where nothing moves.
 * @param {{reads: string[], writes: string[]}} touched elements @param {Geometry} places
 * @returns {Shape[]}
 */
export function arrow(touched, places) {
  const crossed = layersCrossed(touched);
  if (!crossed) return [];
  const [x1, x2] = [places.columns[crossed.from], places.columns[crossed.to]];
  const across = Math.abs(x2 - x1);
  const length = Math.min(28, across * 0.16, (across - HEADS) / 2);
  if (length < 8) return [];
  const [middle, y, sign] = [(x1 + x2) / 2, 16, Math.sign(x2 - x1)];
  const [tail, tip] = [middle - sign * length, middle + sign * length];
  const back = tip - sign * 6;
  const d = `M${tail} ${y}H${tip}M${back} ${y - 5}L${tip} ${y}L${back} ${y + 5}`;
  return [{ kind: "path", d, style: "direction" }];
}
