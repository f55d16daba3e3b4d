/**
 * The edges of the network, drawn on a canvas: Plotly takes several milliseconds of each frame for
 * them, a canvas a few tenths of one.
 */
import { mix } from "./colour.js";
import { edgeClasses, LEVELS, scalesOf } from "./network.js";

/** @typedef {import("./colour.js").Palette} Palette */

/**
 * Width and colour of each class of edges.
 * @param {Palette} palette
 * @returns {{width: number, color: string}[]}
 */
export const edgeStyles = (palette) =>
  Array.from({ length: 2 * LEVELS }, (_, k) => {
    const strength = ((k % LEVELS) + 0.5) / LEVELS;
    return {
      width: 0.6 + 5.4 * strength,
      color: mix(
        mix(palette.paper, palette.strongRule, 0.45),
        k < LEVELS ? palette.negativeStrong : palette.positiveStrong,
        Math.min(1, 0.12 + 1.1 * strength),
      ),
    };
  });

/**
 * One path for each class, weak ones first, so that strong edges lie above them.
 * @param {CanvasRenderingContext2D} context in pixels of the figure
 * @param {import("./network.js").Values} values
 * @param {import("./geometry.js").Geometry} geometry
 * @param {Palette} palette
 */
export function drawEdges(context, values, geometry, palette) {
  const { x, y } = edgeClasses(values, geometry, scalesOf(values).edges);
  const styles = edgeStyles(palette);
  for (let level = 0; level < LEVELS; level++) {
    for (const k of [level, LEVELS + level]) {
      if (!x[k].length) continue;
      context.strokeStyle = styles[k].color;
      context.lineWidth = styles[k].width;
      context.beginPath();
      for (let i = 0; i < x[k].length; i += 3) {
        context.moveTo(Number(x[k][i]), Number(y[k][i]));
        context.lineTo(Number(x[k][i + 1]), Number(y[k][i + 1]));
      }
      context.stroke();
    }
  }
}
