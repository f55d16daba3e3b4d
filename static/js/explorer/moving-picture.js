/**
 * The frames of a moving picture: a pass line by line, or a run step by step. They are drawn from
 * the state alone, so that the page stays as it is meanwhile.
 */
import { writeOut } from "../core/entries.js";
import { number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { linesOf } from "../core/walk.js";
import { networkShapes } from "../figures/network.js";
import { labelledGeometry } from "../figures/network-labels.js";
import { planeShapes } from "../figures/plane.js";
import { middleOf, paintShapes, textShape } from "../figures/shapes.js";
import { chosenEntry } from "../state/entry.js";
import { flowsOf, unitsOf } from "../state/flows.js";
import { shownValues, sizesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import { RADIUS, RING, sized, TAIL, TAIL_WIDTH } from "./pulse.js";

export const WIDTH = 800;
export const HEIGHT = 500;
const NETWORK = { top: 44, height: 350 };
const CARRIED = 6; // frames in which a line's numbers are on their way
const CARRY = 80; // ms each
const REST = 1100; // ms that a line is shown
const MOST_DOTS = 160;
const LONGEST = 96; // characters of the sum in a row
const PLANE = { x: 500, y: 76, w: 290, h: 290 };

/**
 * The network of a state in a part of the picture.
 * @param {State} state @param {Palette} palette @param {number} width @param {number} height
 * @param {string} [responses] address of a picture of the units' responses in this size
 */
export function pictureOf(state, palette, width, height, responses) {
  const sizes = sizesOf(state);
  const tiles = responses !== undefined;
  const places = labelledGeometry(sizes, state, { width, height, tiles });
  const shapes = networkShapes(shownValues(state), places, palette, {
    layers: state.frame.layers,
    names: state.data,
    phase: lineOf(state.trace, state.line)?.phase ?? "forward",
    responses,
  });
  return { shapes, places };
}

/**
 * One picture for each moment of a pass.
 * @param {State} state of the page, with the working of its step
 * @param {Pass} pass @param {Palette} palette @returns {Picture[]}
 */
export const passPictures = (state, pass, palette) =>
  linesOf(state.trace, pass).flatMap((line) => {
    const here = { ...state, line, playing: false, neurons: "line", edges: "line" };
    return Array.from({ length: CARRIED + 1 }, (_, k) => ({
      delay: k < CARRIED ? CARRY : REST,
      draw: (/** @type {CanvasRenderingContext2D} */ context) =>
        drawLine(
          context,
          { ...here, arriving: k < CARRIED ? line : null },
          k < CARRIED ? (k + 0.5) / CARRIED : null,
          palette,
        ),
    }));
  });

/**
 * @param {CanvasRenderingContext2D} context @param {State} state
 * @param {number | null} t how far on the way, 0 to 1; null: arrived @param {Palette} palette
 */
function drawLine(context, state, t, palette) {
  const line = lineOf(state.trace, state.line);
  if (!line) return;
  const accent = palette.phases[line.phase];
  clear(context, palette);
  const { shapes, places } = pictureOf(state, palette, WIDTH, NETWORK.height);
  context.save();
  context.translate(0, NETWORK.top);
  paintShapes(context, shapes);
  if (t !== null) paintShapes(context, carried(state, line, t, places, accent));
  context.restore();
  const k = state.trace.lines.indexOf(line) + 1;
  /** @param {string} text @param {number} y @param {string} fill @param {number} size */
  const left = (text, y, fill, size) => ({
    ...textShape(text, 24, y, fill, size, palette),
    anchor: /** @type {const} */ ("start"),
  });
  paintShapes(context, [
    { ...left(nameOf(line), 26, accent, 22), bold: true },
    {
      ...textShape(
        TEXT.working.lineOf(k, state.trace.lines.length),
        WIDTH - 24,
        26,
        accent,
        14,
        palette,
      ),
      anchor: "end",
    },
    left(line.text, 414, palette.ink, 15),
    left(t === null ? sumOf(state, line) : "", 444, palette.ink, 15),
    left(about(state), 478, palette.soft, 12),
  ]);
}

/** @param {CanvasRenderingContext2D} context @param {Palette} palette */
function clear(context, palette) {
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, WIDTH, HEIGHT);
}

const about = (/** @type {State} */ state) =>
  [
    document.querySelector(".brand")?.textContent ?? "",
    state.experiment.recipe.dataset.name,
    TEXT.takeAlong.stepAndCost(state.frame.step, number(state.frame.cost.train)),
  ].join(" · ");

/** The chosen entry, or the first, written out. @param {State} state @param {Line} line */
function sumOf(state, line) {
  const index = chosenEntry(state, line);
  const inputs = line.inputs.map((id) => variable(state.trace, id)?.value ?? null);
  const { parts, value } = writeOut(line, index, inputs, { terms: 4 });
  const text = parts.map((part) => (typeof part === "string" ? part : part.text)).join("");
  const [name, result] = [entryName(line, index), number(value)];
  const whole = `${name} = ${text.replace("folded", " + …")} = ${result}`;
  return [...whole].length > LONGEST ? `${name} = ${result}` : whole;
}

/**
 * What is on its way.
 * @param {State} state @param {Line} line @param {number} t
 * @param {Geometry} places @param {string} accent @returns {Shape[]}
 */
function carried(state, line, t, places, accent) {
  const ease = t * t * (3 - 2 * t);
  const flows = flowsOf(state, line, MOST_DOTS);
  if (!flows.length)
    return unitsOf(state, line).flatMap(({ element, fraction }) => {
      const shape = places.shapeOf(element);
      if (shape?.kind !== "circle") return [];
      const width = sized(RING, fraction);
      const r = shape.r + 2 + (width * ease) / 2;
      /** @type {Shape} */
      const ring = { kind: "circle", x: shape.x, y: shape.y, r, fill: "transparent" };
      return [{ ...ring, stroke: accent, width: 2 + (width - 2) * ease, alpha: 1 - ease }];
    });
  return flows.flatMap(({ from, to, fraction }) => {
    const [[x1, y1], [x2, y2]] = [from, to].map((each) => middleOf(places.shapeOf(each)));
    /** @param {number} part @returns {[number, number]} */
    const at = (part) => [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part];
    const [[ax, ay], [bx, by]] = [at(Math.max(0, ease - TAIL)), at(ease)];
    /** @type {Shape[]} */
    const shapes = [
      {
        ...{ kind: "line", x1: ax, y1: ay, x2: bx, y2: by, stroke: accent },
        ...{ width: sized(TAIL_WIDTH, fraction), alpha: 0.45 },
      },
      { kind: "circle", x: bx, y: by, r: sized(RADIUS, fraction), fill: accent },
    ];
    return shapes;
  });
}

/**
 * One frame of a run: the network, and what it predicts beside it.
 * @param {CanvasRenderingContext2D} context @param {State} state with the frame to draw
 * @param {Palette} palette
 */
export async function drawStep(context, state, palette) {
  const { boundary } = state.frame;
  clear(context, palette);
  const width = boundary ? PLANE.x - 16 : WIDTH;
  context.save();
  context.translate(0, NETWORK.top);
  paintShapes(context, pictureOf(state, palette, width, NETWORK.height).shapes);
  context.restore();
  if (boundary) {
    const shapes = planeShapes(state.data, boundary, palette, PLANE, 3);
    context.save();
    context.beginPath();
    context.rect(PLANE.x, PLANE.y, PLANE.w, PLANE.h);
    context.clip();
    for (const shape of shapes) {
      if (shape.kind !== "image") continue;
      const image = new Image();
      image.src = shape.source;
      await image.decode();
      context.drawImage(image, shape.x, shape.y, shape.w, shape.h);
    }
    paintShapes(context, shapes);
    context.restore();
  }
  paintShapes(context, [
    { ...textShape(about(state), 24, 452, palette.ink, 17, palette), anchor: "start" },
  ]);
}
