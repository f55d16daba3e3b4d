/** Shapes as elements of an SVG. */

import { shapesIn, svgOfShape } from "../figures/shapes.js";
import { s, set, write } from "../ui/dom.js";

/**
 * @typedef {{tag: string, element: Element, text: string, inner: Drawn[],
 *   attributes: Record<string, string | number | undefined>}} Drawn
 */

/**
 * As many elements as there are shapes. They are kept from drawing to drawing; only what changed is
 * written.
 * @param {Element} svg @param {string} [name] class of a group around them
 * @returns {(parts: Shapes[]) => void}
 */
export function createShapes(svg, name) {
  const group = name ? svg.appendChild(s("g", { class: name })) : svg;
  /** @type {Drawn[]} */
  const kept = [];
  return (parts) => drawInto(group, kept, shapesIn(parts));
}

/** A new element. @param {Shape} shape */
export function elementOf(shape) {
  const { tag, attributes } = svgOfShape(shape);
  return s(tag, { ...attributes, class: shape.style });
}

/** @param {Element} group @param {Drawn[]} kept its elements @param {Shape[]} shapes */
function drawInto(group, kept, shapes) {
  while (kept.length > shapes.length) kept.pop()?.element.remove();
  shapes.forEach((shape, k) => {
    const { tag, text = "", inner = [], ...own } = svgOfShape(shape);
    const attributes = { ...own.attributes, class: shape.style, ...shape.data };
    if (kept[k]?.tag !== tag) {
      const element = s(tag);
      if (kept[k]) kept[k].element.replaceWith(element);
      else group.append(element);
      kept[k] = { tag, element, text: "", inner: [], attributes: {} };
    }
    const before = kept[k];
    for (const [key, value] of Object.entries(attributes))
      if (before.attributes[key] !== value) set(before.element, { [key]: value });
    for (const key of Object.keys(before.attributes))
      if (!(key in attributes)) before.element.removeAttribute(key);
    if (before.text !== text) write(before.element, text);
    drawInto(before.element, before.inner, inner);
    Object.assign(before, { text, attributes });
  });
}
