/** Shapes of SVG, with their classes after them as in a selector: "end.math". */
import { s } from "./dom.js";

/** @param {string} style */
export const classesOf = (style) => style.replaceAll(".", " ").trim() || undefined;

/**
 * @param {number} x @param {number} y baseline @param {string} words @param {string} [style]
 * @param {Record<string, Attribute>} [more] attributes
 */
export const text = (x, y, words, style = "", more = {}) =>
  s("text", { x, y, class: classesOf(style), ...more }, words);

/**
 * @param {number} x @param {number} y upper left @param {number} width @param {number} height
 * @param {string} [style] @param {number} [rx] @param {Record<string, Attribute>} [more] attributes
 */
export const box = (x, y, width, height, style = "", rx, more = {}) =>
  s("rect", { x, y, width, height, rx, class: classesOf(style), ...more });

/** The tip of a path, at its end. @param {string} id @param {string} style @param {number} size */
export const tip = (id, style, size) =>
  s(
    "marker",
    {
      ...{ id, class: classesOf(style), viewBox: "0 0 10 10", refX: 8, refY: 5, orient: "auto" },
      ...{ markerUnits: "userSpaceOnUse", markerWidth: size, markerHeight: size },
    },
    s("path", { d: "M0 1L9 5L0 9z" }),
  );
