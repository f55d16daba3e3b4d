/** Shapes over the network figure as SVG elements: numbers, what is below them, and texts. */

import { s } from "../ui/dom.js";

/** @typedef {Extract<Shape, {kind: "rect" | "text"}>} Drawn */

/**
 * A group with as many elements as there are shapes. They are kept from frame to frame; only what
 * changed is written.
 * @param {Element} svg the overlay @param {string} name class of the group
 */
export function createShapes(svg, name) {
  const group = svg.appendChild(s("g", { class: name }));
  /** @type {{element: Element, text: string, attributes: Record<string, string | number>}[]} */
  const kept = [];
  /** @param {Drawn[]} shapes of one kind */
  return (shapes) => {
    while (kept.length > shapes.length) kept.pop()?.element.remove();
    shapes.forEach((shape, k) => {
      const text = shape.kind === "text" ? shape.text : "";
      const attributes = attributesOf(shape);
      kept[k] ??= { element: group.appendChild(s(shape.kind)), text: "", attributes: {} };
      const before = kept[k];
      if (before.text !== text) before.element.textContent = text;
      for (const [key, value] of Object.entries(attributes))
        if (before.attributes[key] !== value) before.element.setAttribute(key, String(value));
      before.text = text;
      before.attributes = attributes;
    });
  };
}

/** @param {Drawn} shape @returns {Record<string, string | number>} */
const attributesOf = (shape) => ({
  x: shape.x,
  y: shape.y,
  class: shape.style ?? "",
  ...(shape.kind === "rect"
    ? { width: shape.w, height: shape.h, rx: shape.rx ?? 0 }
    : { "font-size": shape.size.toFixed(1), ...shape.data }),
});
