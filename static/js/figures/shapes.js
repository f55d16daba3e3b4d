/**
 * What is drawn, as a list of shapes: of the network, of the plane of the data and in Watch. On the
 * page they are drawn into Plotly's figures, on the canvas below them and as elements of an SVG; in
 * pictures to take along on a canvas, or as a file.
 */

import { escaped } from "../core/formula.js";
import { colourTable } from "./bitmap.js";
import { symbolPath } from "./symbols.js";

/**
 * `style` and `data` are the class and further attributes of a shape that the page draws as an
 * element: where the style sheet says a colour, it is the one. A tile is a square below a unit's
 * response, a point has the symbol of its class.
 * @typedef {{style?: string, data?: Record<string, string | number>, fill?: string,
 *   stroke?: string, width?: number, alpha?: number}} Styled
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 * @typedef {{x: number, y: number, r: number}} Round
 * @typedef {Styled & ({kind: "line", x1: number, y1: number, x2: number, y2: number}
 *   | Round & {kind: "circle"} | Round & {kind: "tile"} | Round & {kind: "point", symbol: number}
 *   | Box & {kind: "rect", rx?: number}
 *   | Box & {kind: "cells", rows: ArrayLike<number>[], scale: [number, string][]}
 *   | Box & {kind: "image", source: string}
 *   | {kind: "path", d: string, x?: number, y?: number} | {kind: "title", text: string}
 *   | {kind: "text", x: number, y: number, text: string, size?: number, family?: string,
 *   anchor?: "start" | "middle" | "end", bold?: boolean}
 *   | {kind: "group", shapes: Shape[]})} Shape
 * @typedef {Shape | null | Shapes[]} Shapes
 * @typedef {Extract<Shape, {kind: "circle" | "tile" | "line" | "rect"}>} Outlined
 */

const COLOURS = 64; // colours of a heat map

/**
 * @param {string} text @param {number} x @param {number} y @param {string} fill
 * @param {number} size @param {Palette} palette
 * @returns {Shape & {kind: "text", size: number}}
 */
export const textShape = (text, x, y, fill, size, palette) => ({
  ...{ kind: "text", text, x, y, fill, size },
  ...{ family: palette.sans, anchor: "middle" },
});

/**
 * A place on a shape: its middle, or how far along an edge.
 * @param {Outlined | null} shape @param {number} [along]
 * @returns {[number, number]}
 */
export function middleOf(shape, along = 0.5) {
  if (!shape) return [0, 0];
  if (shape.kind === "line")
    return [shape.x1 + along * (shape.x2 - shape.x1), shape.y1 + along * (shape.y2 - shape.y1)];
  return shape.kind === "rect"
    ? [shape.x + shape.w / 2, shape.y + shape.h / 2]
    : [shape.x, shape.y];
}

/**
 * The outline of a shape.
 * @param {Outlined} shape @param {string} style
 * @param {number} [grow] pixels that it is larger than a neuron
 * @returns {Shape}
 */
export function outline(shape, style, grow = 0) {
  if (shape.kind === "circle") return { ...shape, style, r: shape.r + grow };
  if (shape.kind === "line") return { ...shape, style };
  const { x, y, w, h } = shape.kind === "tile" ? squareOf(shape) : shape;
  const edge = shape.kind === "tile" ? grow : 1;
  const rx = shape.kind === "tile" ? shape.r * 0.24 + grow : undefined;
  const size = { x: x - edge, y: y - edge, w: w + 2 * edge, h: h + 2 * edge, rx };
  return { kind: "rect", style, ...size };
}

/** @param {Round} tile */
const squareOf = ({ x, y, r }) => ({ x: x - r, y: y - r, w: 2 * r, h: 2 * r });

/** All shapes of parts. @param {Shapes} part @returns {Shape[]} */
export const shapesIn = (part) =>
  Array.isArray(part) ? part.flatMap(shapesIn) : part === null ? [] : [part];

/**
 * A text of which the style sheet says the rest.
 * @param {string} text @param {number} x @param {number} y @param {string} [style]
 * @param {number} [size] pixels
 * @returns {Shape & {kind: "text"}}
 */
export const words = (text, x, y, style, size) => ({ kind: "text", text, x, y, style, size });

/**
 * Opaque lines of one colour and width that follow one another are one path: 700 edges take a few
 * tenths of a millisecond. Images are not painted: they have to be decoded first.
 * @param {CanvasRenderingContext2D} context @param {Shape[]} shapes
 */
export function paintShapes(context, shapes) {
  context.lineCap = "round";
  context.textBaseline = "middle";
  for (const [k, shape] of shapes.entries()) {
    context.globalAlpha = shape.alpha ?? 1;
    context.fillStyle = shape.fill ?? "transparent";
    if (!isSameStroke(shapes[k - 1], shape)) context.beginPath();
    if (shape.kind === "text") {
      context.font = `${shape.bold ? 600 : 400} ${shape.size}px ${shape.family}`;
      context.textAlign = shape.anchor === "middle" ? "center" : (shape.anchor ?? "start");
      context.fillText(shape.text, shape.x, shape.y);
    } else if (shape.kind === "line") {
      context.moveTo(shape.x1, shape.y1);
      context.lineTo(shape.x2, shape.y2);
      if (!isSameStroke(shape, shapes[k + 1])) stroke(context, shape);
    } else if (shape.kind === "circle" || shape.kind === "rect") {
      if (shape.kind === "circle") context.arc(shape.x, shape.y, shape.r, 0, 2 * Math.PI);
      else context.roundRect(shape.x, shape.y, shape.w, shape.h, shape.rx ?? 0);
      context.fill();
      if (shape.stroke) stroke(context, shape);
    } else if (shape.kind === "point" || shape.kind === "path") {
      const { x = 0, y = 0 } = shape;
      const path = new Path2D(shape.kind === "path" ? shape.d : symbolPath(shape.symbol, shape.r));
      context.translate(x, y);
      context.fill(path);
      if (shape.stroke) stroke(context, shape, path);
      context.translate(-x, -y);
    } else if (shape.kind !== "image" && shape.kind !== "title")
      paintShapes(context, partsOf(shape));
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Styled} line @param {Path2D} [path]
 */
function stroke(context, { stroke: colour = "", width = 1 }, path) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  if (path) context.stroke(path);
  else context.stroke();
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
 * What a shape is made of: a tile of a rectangle; a heat map of cells, each large enough to leave
 * no seam.
 * @param {Extract<Shape, {kind: "tile" | "cells" | "group"}>} shape
 * @returns {Shape[]}
 */
function partsOf(shape) {
  if (shape.kind === "group") return shape.shapes;
  if (shape.kind === "tile") {
    const { fill, stroke, width } = shape;
    return [{ kind: "rect", ...squareOf(shape), fill, stroke, width }];
  }
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

/** @typedef {Record<string, string | number | undefined>} SvgAttributes */
/**
 * A shape as an element of SVG, of which it has a tag, attributes, and a text or other shapes.
 * @param {Shape} shape
 * @returns {{tag: "g" | "line" | "circle" | "rect" | "image" | "path" | "text" | "title",
 *   attributes: SvgAttributes, text?: string, inner?: Shape[]}}
 */
export function svgOfShape(shape) {
  const { fill, stroke, width, alpha } = shape;
  const look = { fill, stroke, "stroke-width": width, opacity: alpha };
  if (shape.kind === "line") {
    const { x1, y1, x2, y2 } = shape;
    return { tag: "line", attributes: { x1, y1, x2, y2, ...look } };
  }
  if (shape.kind === "path" || shape.kind === "point") {
    const { x = 0, y = 0 } = shape;
    const d = shape.kind === "path" ? shape.d : symbolPath(shape.symbol, shape.r);
    const moved = x || y ? `translate(${x.toFixed(1)} ${y.toFixed(1)})` : undefined;
    return { tag: "path", attributes: { d, transform: moved, ...look } };
  }
  if (shape.kind === "group" || shape.kind === "tile" || shape.kind === "cells")
    return { tag: "g", attributes: {}, inner: partsOf(shape) };
  if (shape.kind === "title") return { tag: "title", text: shape.text, attributes: {} };
  const { x, y } = shape;
  if (shape.kind === "circle")
    return { tag: "circle", attributes: { cx: x, cy: y, r: shape.r, ...look } };
  if (shape.kind === "text") {
    const { text, family, size, bold, anchor } = shape;
    const font = { "font-family": family, "font-size": size };
    const place = { "text-anchor": anchor, "dominant-baseline": "central" };
    const weight = bold ? 600 : undefined;
    return {
      tag: "text",
      text,
      attributes: { x, y, fill, ...font, "font-weight": weight, ...place },
    };
  }
  const box = { x, y, width: shape.w, height: shape.h };
  return shape.kind === "image"
    ? { tag: "image", attributes: { href: shape.source, ...box, preserveAspectRatio: "none" } }
    : { tag: "rect", attributes: { ...box, rx: shape.rx, ...look } };
}

/**
 * @param {string} name @param {SvgAttributes} attributes @param {string} [text]
 * @param {string} [inner] written out already
 */
function tag(name, attributes, text = "", inner = "") {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value = ""]) => [key, typeof value === "number" ? +value.toFixed(2) : value])
    .map(([key, value]) => ` ${key}="${escaped(String(value)).replaceAll('"', "&quot;")}"`)
    .join("");
  const content = inner || escaped(text);
  return content ? `<${name}${written}>${content}</${name}>` : `<${name}${written}/>`;
}

/** @param {Shape} shape @returns {string} */
function written(shape) {
  const { tag: name, attributes, text, inner } = svgOfShape(shape);
  return tag(name, attributes, text, inner?.map(written).join("\n"));
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
    ...shapes.map(written),
    "</svg>",
  ].join("\n");
