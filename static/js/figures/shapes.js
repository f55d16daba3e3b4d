/**
 * What is drawn of the network, as a list of shapes: on the page they are drawn into Plotly's
 * figure, on the canvas below it and over it; in pictures to take along on a canvas, or as SVG.
 */

import { escaped } from "../core/formula.js";
import { colourTable } from "./bitmap.js";

/**
 * `style` and `data` are the class and the data attributes of a shape that the page draws as an
 * element; there the style sheet says the colours. A tile is a square below a unit's response.
 * @typedef {{style?: string, data?: Record<string, string | number>}} Styled
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 * @typedef {{x: number, y: number, r: number, fill: string, stroke?: string, width?: number,
 *   alpha?: number}} Round
 * @typedef {{kind: "line", x1: number, y1: number, x2: number, y2: number, stroke: string,
 *   width: number, alpha?: number} | Round & {kind: "circle"} | Round & {kind: "tile"}
 *   | Box & Styled & {kind: "rect", fill: string, stroke?: string, width?: number, rx?: number}
 *   | Box & {kind: "cells", rows: ArrayLike<number>[], scale: [number, string][]}
 *   | Box & {kind: "image", source: string}
 *   | Styled & {kind: "text", x: number, y: number, text: string, fill: string, size: number,
 *   family: string, anchor: "start" | "middle" | "end", bold?: boolean}} Shape
 */

const COLOURS = 64; // colours of a heat map

/**
 * @param {string} text @param {number} x @param {number} y @param {string} fill
 * @param {number} size @param {Palette} palette
 * @returns {Shape & {kind: "text"}}
 */
export const textShape = (text, x, y, fill, size, palette) => ({
  ...{ kind: "text", text, x, y, fill, size },
  ...{ family: palette.sans, anchor: "middle" },
});

/**
 * Opaque lines of one colour and width that follow one another are one path: 700 edges take a few
 * tenths of a millisecond.
 * @param {CanvasRenderingContext2D} context @param {Shape[]} shapes
 */
export function paintShapes(context, shapes) {
  context.lineCap = "round";
  context.textBaseline = "middle";
  for (const [k, shape] of shapes.entries()) {
    context.globalAlpha = "alpha" in shape ? (shape.alpha ?? 1) : 1;
    if (!isSameStroke(shapes[k - 1], shape)) context.beginPath();
    if (shape.kind === "text") {
      context.fillStyle = shape.fill;
      context.font = `${shape.bold ? 600 : 400} ${shape.size}px ${shape.family}`;
      context.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
      context.fillText(shape.text, shape.x, shape.y);
    } else if (shape.kind === "line") {
      context.moveTo(shape.x1, shape.y1);
      context.lineTo(shape.x2, shape.y2);
      if (!isSameStroke(shape, shapes[k + 1])) stroke(context, shape);
    } else if (shape.kind === "circle" || shape.kind === "rect") {
      if (shape.kind === "circle") context.arc(shape.x, shape.y, shape.r, 0, 2 * Math.PI);
      else context.roundRect(shape.x, shape.y, shape.w, shape.h, shape.rx ?? 0);
      context.fillStyle = shape.fill;
      context.fill();
      if (shape.stroke) stroke(context, shape);
    } else paintShapes(context, rectsOf(shape));
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {{stroke?: string, width?: number}} line */
function stroke(context, { stroke: colour = "", width = 1 }) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/** @param {Shape | undefined} a @param {Shape | undefined} b */
const isSameStroke = (a, b) =>
  a?.kind === "line" &&
  b?.kind === "line" &&
  a.stroke === b.stroke &&
  a.width === b.width &&
  a.alpha === undefined &&
  b.alpha === undefined;

/**
 * A tile as a rectangle; the cells of a heat map, each large enough to leave no seam.
 * @param {Shape} shape
 * @returns {Extract<Shape, {kind: "rect"}>[]}
 */
function rectsOf(shape) {
  if (shape.kind === "tile") {
    const { x, y, r, fill, stroke, width } = shape;
    return [{ kind: "rect", x: x - r, y: y - r, w: 2 * r, h: 2 * r, fill, stroke, width }];
  }
  if (shape.kind !== "cells") return [];
  const { x, y, w, h, rows, scale } = shape;
  const table = colourTable(scale, COLOURS);
  const [height, width] = [h / rows.length, w / rows[0].length];
  const colour = (/** @type {number} */ value) =>
    table[Math.round(((Math.max(-1, Math.min(1, value)) + 1) / 2) * (COLOURS - 1)) || 0];
  return rows.flatMap((row, r) =>
    Array.from(row, (value, c) => ({
      kind: /** @type {const} */ ("rect"),
      ...{ x: x + c * width, y: y + r * height, w: width + 0.3, h: height + 0.3 },
      fill: `rgb(${colour(value)})`,
    })),
  );
}

/**
 * An element of SVG, without what is undefined.
 * @param {string} name @param {Record<string, string | number | undefined>} attributes
 */
function tag(name, attributes, text = "") {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value = ""]) => [key, typeof value === "number" ? +value.toFixed(2) : value])
    .map(([key, value]) => ` ${key}="${escaped(String(value)).replaceAll('"', "&quot;")}"`)
    .join("");
  return text ? `<${name}${written}>${escaped(text)}</${name}>` : `<${name}${written}/>`;
}

/** @param {Shape} shape @returns {string} */
function svgElement(shape) {
  if (shape.kind === "tile" || shape.kind === "cells")
    return rectsOf(shape).map(svgElement).join("\n");
  if (shape.kind === "image") {
    const { source, x, y, w, h } = shape;
    return tag("image", { href: source, x, y, width: w, height: h });
  }
  if (shape.kind === "text") {
    const { x, y, fill, family, size, bold, anchor } = shape;
    const font = {
      "font-family": family,
      "font-size": size,
      "font-weight": bold ? 600 : undefined,
    };
    const place = { "text-anchor": anchor, "dominant-baseline": "central" };
    return tag("text", { x, y, fill, ...font, ...place }, shape.text);
  }
  const { stroke, width, alpha: opacity } = { alpha: undefined, ...shape };
  const line = { stroke, "stroke-width": width, opacity };
  if (shape.kind === "line") {
    const { x1, y1, x2, y2 } = shape;
    return tag("line", { x1, y1, x2, y2, ...line });
  }
  const { x, y, fill } = shape;
  return shape.kind === "circle"
    ? tag("circle", { cx: x, cy: y, r: shape.r, fill, ...line })
    : tag("rect", { x, y, width: shape.w, height: shape.h, rx: shape.rx, fill, ...line });
}

/**
 * The same shapes as a file.
 * @param {Shape[]} shapes @param {number} width @param {number} height @param {string} paper
 */
export const svgOf = (shapes, width, height, paper) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    ` width="${width}" height="${height}" stroke-linecap="round">`,
    tag("rect", { width, height, fill: paper }),
    ...shapes.map(svgElement),
    "</svg>",
  ].join("\n");
