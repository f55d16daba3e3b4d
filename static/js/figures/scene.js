/**
 * The network at one line as a list of marks, for pictures to take along: on a canvas, frame by
 * frame, or as SVG. Positions, colours, numbers and names are those of the network figure.
 */

import { colourTable } from "./bitmap.js";
import { signedScale } from "./colour.js";
import { numberSize } from "./geometry.js";
import {
  edgeClasses,
  LEVELS,
  neuronMarks,
  neuronNumbers,
  numbersBeside,
  scalesOf,
} from "./network.js";
import { edgeStyles } from "./network-canvas.js";
import { captions, networkLabels } from "./network-labels.js";
import { grids } from "./network-maps.js";

/** @typedef {import("./colour.js").Palette} Palette */
/** @typedef {import("./geometry.js").Geometry} Geometry */
/** @typedef {import("./geometry.js").MapsGeometry} MapsGeometry */
/** @typedef {import("../state/shown.js").Shown} Shown */
/**
 * @typedef {{kind: "line", x1: number, y1: number, x2: number, y2: number, stroke: string,
 *   width: number, alpha?: number} | {kind: "circle", x: number, y: number, r: number,
 *   fill: string, stroke?: string, width?: number, alpha?: number} | {kind: "rect", x: number,
 *   y: number, w: number, h: number, fill: string, stroke?: string} | {kind: "image",
 *   source: string, x: number, y: number, w: number, h: number} | {kind: "text", x: number,
 *   y: number, text: string, fill: string, size: number, family: string,
 *   anchor: "start" | "middle" | "end", bold?: boolean}} Mark
 */

const ANCHORS = /** @type {const} */ ({
  ...{ input: "end", output: "start" },
  ...{ starts: "start", ends: "end" },
});
const STRIP_CELLS = 64;

/**
 * @param {{layers: Shown[], edges: {data: ArrayLike<number>}[]}} values
 * @param {Geometry} places
 * @param {Palette} palette
 * @param {{layers: {activation: string}[], names: {features: string[], classes: string[]},
 *   phase: string, maps?: string}} about maps: address of a picture of the units' maps, all in one
 * @returns {Mark[]}
 */
export function networkScene(values, places, palette, { layers, names, phase, maps }) {
  const accent = palette.phases[phase] ?? palette.ink;
  const scales = scalesOf(values);
  const body =
    places.mode === "graph"
      ? [
          ...edgeMarks(values, places, palette),
          ...(maps
            ? mapsMarks(maps, values, places, palette, accent)
            : unitMarks(values, places, palette, accent)),
          ...neuronNumbers(values, places, scales.neurons).map(({ x, y, text, strong }) => {
            const size = numberSize(places);
            const below = places.tiles && !numbersBeside(places) ? places.radius - 0.1 * size : 0;
            const fill = strong ? palette.sheet : palette.ink;
            return textMark(text, x, y + below, fill, size, palette);
          }),
        ]
      : mapMarks(values, places, palette);
  const labels = networkLabels(places, layers, names).map(({ x, y, text, kind, ends }) => ({
    ...textMark(text, x, y, kind === "layer" ? palette.ink : palette.soft, 13, palette),
    anchor: Reflect.get(ANCHORS, ends ?? kind) ?? "middle",
  }));
  const heads = captions(places, values.layers)
    .filter(({ text }) => text)
    .map(({ x, y, text, kind, ends }) => {
      const touched = /label-(reads|writes)/.test(kind);
      return {
        ...textMark(text, x, y, touched ? accent : palette.soft, 12, palette),
        anchor: Reflect.get(ANCHORS, ends ?? "") ?? "middle",
      };
    });
  return [...body, ...labels, ...heads];
}

/**
 * @param {string} text @param {number} x @param {number} y @param {string} fill
 * @param {number} size @param {Palette} palette
 * @returns {Mark & {kind: "text"}}
 */
export const textMark = (text, x, y, fill, size, palette) => ({
  ...{ kind: "text", text, x, y, fill, size },
  ...{ family: palette.sans, anchor: "middle" },
});

/**
 * @param {import("./network.js").Values} values @param {Geometry} places
 * @param {Palette} palette
 * @returns {Mark[]}
 */
function edgeMarks(values, places, palette) {
  const { x, y } = edgeClasses(values, places, scalesOf(values).edges);
  return edgeStyles(palette)
    .map((style, k) => ({ ...style, k }))
    .sort((a, b) => (a.k % LEVELS) - (b.k % LEVELS))
    .flatMap(({ color, width, k }) =>
      Array.from({ length: x[k].length / 3 }, (_, i) => ({
        kind: /** @type {const} */ ("line"),
        x1: Number(x[k][3 * i]),
        y1: Number(y[k][3 * i]),
        x2: Number(x[k][3 * i + 1]),
        y2: Number(y[k][3 * i + 1]),
        stroke: color,
        width,
      })),
    );
}

/**
 * @param {{layers: Shown[], edges: {data: ArrayLike<number>}[]}} values
 * @param {Geometry} places @param {Palette} palette @param {string} accent
 * @returns {Mark[]}
 */
function unitMarks(values, places, palette, accent) {
  const { sizes, radius, center } = places;
  const marks = neuronMarks(values, sizes, scalesOf(values).neurons, palette);
  let k = 0;
  return values.layers.flatMap(({ role }, layer) =>
    Array.from({ length: sizes[layer] }, (_, unit) => {
      const touched = role === "writes" || role === "reads";
      const own = { fill: marks.color[k], stroke: touched ? accent : marks.outline[k] };
      k += 1;
      return {
        kind: /** @type {const} */ ("circle"),
        ...center(layer, unit),
        ...own,
        r: radius,
        width: role === "writes" ? 3 : 1.2,
      };
    }),
  );
}

/**
 * @param {import("./network.js").Values} values @param {MapsGeometry} places
 * @param {Palette} palette
 * @returns {Mark[]}
 */
function mapMarks(values, places, palette) {
  const table = colourTable(signedScale(palette), STRIP_CELLS);
  const cells = grids(values, places);
  return [...places.strips, ...places.maps].flatMap((box, i) => {
    const rows = cells[i];
    const [h, w] = [box.height / rows.length, box.width / rows[0].length];
    return rows.flatMap((row, r) =>
      Array.from(row, (value, c) => ({
        kind: /** @type {const} */ ("rect"),
        x: box.x + c * w,
        y: box.y + r * h,
        // a little over its neighbours, so that no seam is seen
        w: w + 0.3,
        h: h + 0.3,
        fill: `rgb(${table[Math.round(((Math.max(-1, Math.min(1, value)) + 1) / 2) * 63) || 0]})`,
      })),
    );
  });
}

/**
 * The maps of the units, what each unit shows on a ground of its own, and what the line touches.
 * @param {string} source @param {{layers: Shown[], edges: {data: ArrayLike<number>}[]}} values
 * @param {Geometry} places @param {Palette} palette @param {string} accent
 * @returns {Mark[]}
 */
function mapsMarks(source, values, places, palette, accent) {
  const { width: w, height: h, radius } = places;
  const size = numberSize(places);
  const numbers = neuronNumbers(values, places, scalesOf(values).neurons);
  return [
    { kind: "image", source, x: 0, y: 0, w, h },
    ...numbers.map(({ layer, x, y, text }) => {
      const across = size * (0.6 * [...text].length + 0.8);
      const role = values.layers[layer].role;
      return {
        ...{ kind: /** @type {const} */ ("rect"), x: x - across / 2, y: y + radius - 0.82 * size },
        ...{ w: across, h: 1.44 * size, fill: palette.sheet },
        stroke: role === "reads" || role === "writes" ? accent : palette.strongRule,
      };
    }),
  ];
}

/** @param {CanvasRenderingContext2D} context @param {Mark[]} marks */
export function paintMarks(context, marks) {
  context.lineCap = "round";
  context.textBaseline = "middle";
  for (const mark of marks) {
    context.globalAlpha = "alpha" in mark ? (mark.alpha ?? 1) : 1;
    context.beginPath();
    if (mark.kind === "line") {
      context.strokeStyle = mark.stroke;
      context.lineWidth = mark.width;
      context.moveTo(mark.x1, mark.y1);
      context.lineTo(mark.x2, mark.y2);
      context.stroke();
    } else if (mark.kind === "circle") {
      context.fillStyle = mark.fill;
      context.arc(mark.x, mark.y, mark.r, 0, 2 * Math.PI);
      context.fill();
      if (mark.stroke) {
        context.strokeStyle = mark.stroke;
        context.lineWidth = mark.width ?? 1;
        context.stroke();
      }
    } else if (mark.kind === "rect") {
      context.fillStyle = mark.fill;
      context.fillRect(mark.x, mark.y, mark.w, mark.h);
    } else if (mark.kind === "text") {
      context.fillStyle = mark.fill;
      context.font = `${mark.bold ? 600 : 400} ${mark.size}px ${mark.family}`;
      context.textAlign = mark.anchor === "middle" ? "center" : mark.anchor;
      context.fillText(mark.text, mark.x, mark.y);
    }
  }
  context.globalAlpha = 1;
}

/** @param {string | number} value */
const escaped = (value) =>
  String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
/** @param {number} value */
const rounded = (value) => Number(value.toFixed(2));

/**
 * The same marks as a file.
 * @param {Mark[]} marks @param {number} width @param {number} height @param {string} paper
 */
export function svgOf(marks, width, height, paper) {
  /** @param {string} name @param {Record<string, string | number | undefined>} attributes */
  const tag = (name, attributes, text = "") => {
    const own = Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}="${escaped(value ?? "")}"`)
      .join("");
    return text ? `<${name}${own}>${escaped(text)}</${name}>` : `<${name}${own}/>`;
  };
  const body = marks.map((mark) => {
    const opacity = "alpha" in mark ? mark.alpha : undefined;
    if (mark.kind === "line")
      return tag("line", {
        ...{
          x1: rounded(mark.x1),
          y1: rounded(mark.y1),
          x2: rounded(mark.x2),
          y2: rounded(mark.y2),
        },
        ...{ stroke: mark.stroke, "stroke-width": rounded(mark.width), opacity },
      });
    if (mark.kind === "circle")
      return tag("circle", {
        ...{ cx: rounded(mark.x), cy: rounded(mark.y), r: rounded(mark.r), fill: mark.fill },
        ...{ stroke: mark.stroke, "stroke-width": mark.width, opacity },
      });
    if (mark.kind === "rect")
      return tag("rect", {
        ...{
          x: rounded(mark.x),
          y: rounded(mark.y),
          width: rounded(mark.w),
          height: rounded(mark.h),
        },
        ...{
          fill: mark.fill,
          stroke: mark.stroke,
          rx: mark.stroke ? rounded(mark.h / 3) : undefined,
        },
      });
    if (mark.kind === "image")
      return tag("image", {
        ...{ href: mark.source, x: mark.x, y: mark.y, width: mark.w, height: mark.h },
      });
    return tag(
      "text",
      {
        ...{ x: rounded(mark.x), y: rounded(mark.y), fill: mark.fill, "font-family": mark.family },
        ...{ "font-size": rounded(mark.size), "font-weight": mark.bold ? 600 : undefined },
        ...{ "text-anchor": mark.anchor, "dominant-baseline": "central" },
      },
      mark.text,
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    ` width="${width}" height="${height}" stroke-linecap="round">`,
    tag("rect", { width, height, fill: paper }),
    ...body,
    "</svg>",
  ].join("\n");
}
