/** The responses of units, on a canvas between the figure of the network and what is over it. */

import { find } from "../core/recipe.js";
import {
  inputResponses,
  placeIn,
  responseColours,
  sameResponse,
  spanOf,
  unitPixels,
} from "../figures/unit-responses.js";
import { createCanvas } from "../ui/canvas.js";
import { slot } from "../ui/dom.js";
import { palette } from "../ui/theme.js";

const COMMON = 6; // things that all responses on the canvas have in common
const DIM = 0.42; // of layers that are not computed at this line

/** Whether each unit can be drawn as its response over the plane. @param {State} state */
export const haveResponses = ({ frame, data, veil }) =>
  data?.features.length === 2 &&
  frame?.boundary !== undefined &&
  frame.boundary.kind !== "curve" &&
  frame.layers.every(({ map }) => map) &&
  !veil;

export function createUnitResponses() {
  const canvas = createCanvas(slot("overlay"), "unit-responses");
  const small = document.createElement("canvas");
  const smallContext = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
  /** @type {Palette | null} */
  let coloured = null;
  /** @type {unknown[]} what is on the canvas */
  let drawn = [];
  /**
   * Of each layer.
   * @type {{response: Tensor, span: import("../figures/unit-responses.js").Span}[]}
   */
  let kept = [];
  /** @type {[number, number, number][]} */
  let colours = [];

  return {
    clear(/** @type {Geometry} */ { width, height }) {
      if (drawn.length) canvas.clear(width, height);
      drawn = [];
    },
    /** @param {State} state @param {Geometry} places @param {Shown[]} layers */
    draw(state, places, layers) {
      const { frame, catalog, sample, data } = state;
      const tones = palette();
      // between two steps of a run only numbers change
      const point = sample === "batch" ? null : data.train.x[sample];
      const roles = layers.map(({ role }) => role).join();
      const { x, y } = /** @type {Surface} */ (frame.boundary);
      const now = [places, tones, roles, point, x, y, ...frame.layers.map(({ map }) => map)];
      if (now.every((each, k) => each === drawn[k])) return;
      // of a number that is dragged few responses change
      if (now.slice(0, COMMON).some((each, k) => each !== drawn[k])) kept = [];
      drawn = now;
      if (tones !== coloured || !colours.length)
        [colours, coloured] = [responseColours(tones), tones];
      const context = kept.length ? canvas.context : canvas.clear(places.width, places.height);
      const first = frame.layers[0].map;
      if (!first) return;
      const side = first.shape[1];
      small.width = small.height = side;
      const responses = [
        inputResponses(x.data, y.data, side),
        ...frame.layers.map(({ map }) => map),
      ];
      const dot = point && placeIn(point, x.data, y.data);
      const { radius, sizes } = places;
      responses.forEach((response, layer) => {
        if (!response) return;
        const activation = layer ? frame.layers[layer - 1].activation : "";
        const span = spanOf(response.data, find(catalog?.activations, activation)?.range);
        const was = kept[layer];
        const same = was?.span.reach === span.reach && was.span.middle === span.middle;
        kept[layer] = { response, span };
        context.globalAlpha = layers[layer]?.role === "pending" ? DIM : 1;
        for (let unit = 0; unit < sizes[layer]; unit++) {
          if (same && sameResponse(response, was.response, unit)) continue;
          const pixels = unitPixels(response, unit, span, colours);
          smallContext.putImageData(new ImageData(pixels, side, side), 0, 0);
          const middle = places.center(layer, unit);
          const [left, top] = [middle.x - radius, middle.y - radius];
          const wide = Math.ceil(2 * radius) + 4; // of whole pixels, or the old edge shines through
          context.clearRect(Math.floor(left) - 2, Math.floor(top) - 2, wide, wide);
          context.save();
          context.beginPath();
          context.roundRect(left, top, 2 * radius, 2 * radius, radius * 0.24);
          context.fillStyle = tones.paper;
          context.clip();
          context.drawImage(small, left, top, 2 * radius, 2 * radius);
          context.restore();
          context.beginPath();
          context.roundRect(left, top, 2 * radius, 2 * radius, radius * 0.24);
          context.lineWidth = 1.5;
          context.strokeStyle = tones.strongRule;
          context.stroke();
          if (dot) ring(context, left + dot[0] * 2 * radius, top + dot[1] * 2 * radius, tones);
        }
      });
      context.globalAlpha = 1;
    },
  };

  /**
   * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y
   * @param {Palette} tones
   */
  function ring(context, x, y, { ink, paper }) {
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fillStyle = paper;
    context.fill();
    context.lineWidth = 1.8;
    context.strokeStyle = ink;
    context.stroke();
  }
}
