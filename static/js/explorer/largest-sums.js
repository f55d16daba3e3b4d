/** Units over a picture with the largest sums: their weights as pictures, to choose one. */
import { elementOf } from "../core/elements.js";
import { at, reads } from "../core/entries.js";
import { number } from "../core/format.js";
import { variable } from "../core/trace.js";
import { calm } from "../figures/colour.js";
import { responseColours } from "../figures/unit-responses.js";
import { depthOf } from "../state/entry.js";
import { TEXT } from "../text/en.js";
import { h, patch } from "../ui/dom.js";
import { palette } from "../ui/theme.js";
import { pixelsOf } from "./templates.js";

const MOST = 12;

/** @param {Services} services */
export function createLargestSums({ store }) {
  const list = h("div.sums-list");
  const element = h("div.largest-sums", h("h3", TEXT.templates.largestSums), list);
  element.hidden = true;
  return {
    element,
    /** @param {State} state @param {Line} line @param {number[]} index the chosen entry */
    draw(state, line, index) {
      const image = state.data.image_shape;
      const [x, W] = ["x", "W"].map((quantity) =>
        line.inputs
          .map((id) => variable(state.trace, id))
          .find((array) => array?.quantity === quantity),
      );
      const pixels = image ? image[0] * image[1] : 0;
      element.hidden = !(x && W && pixels && x.shape.at(-1) === pixels && line.quantity === "z");
      if (element.hidden || !image || !W) return;
      const all = Array.from({ length: line.shape[line.shape.length - 1] }, (_, unit) => {
        const entry = [...index.slice(0, -1), unit];
        return { unit, entry, sum: Number(at(line.value, entry)) };
      });
      const largest = all.toSorted((p, q) => q.sum - p.sum).slice(0, MOST);
      const input = line.inputs.indexOf(W.id);
      const weights = largest.map(({ entry }) => {
        const place = reads(line, entry)[input];
        return Array.from({ length: pixels }, (_, k) =>
          Number(
            at(
              W.value,
              place.map((known) => known ?? k),
            ),
          ),
        );
      });
      const reach = calm(Math.max(...weights.flat().map(Math.abs), 1e-300));
      const colours = responseColours(palette());
      patch(
        list,
        largest.map(({ unit, entry, sum }) =>
          h(
            "button",
            {
              "data-unit": unit,
              "aria-pressed": String(unit === index[index.length - 1]),
              "aria-label": TEXT.templates.sumOf(unit, number(sum, 3)),
              onclick: () =>
                store.set({ entry, selection: elementOf(line, entry, depthOf(state)) }),
            },
            h("canvas", { width: image[1], height: image[0] }),
            h("span", String(unit)),
            h("span.math", number(sum, 3)),
          ),
        ),
      );
      list.querySelectorAll("canvas").forEach((canvas, k) => {
        const colour = (/** @type {number} */ _, /** @type {number} */ pixel) =>
          127.5 * (1 + weights[k][pixel] / reach);
        canvas.getContext("2d")?.putImageData(pixelsOf(image, 1, colour, colours), 0, 0);
      });
    },
  };
}
