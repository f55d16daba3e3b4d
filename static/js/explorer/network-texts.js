/**
 * The texts that change over the network figure: the number on each neuron, and which variable it
 * is. One SVG text each, kept from frame to frame; only what changed is written.
 */

import { numberSize } from "../figures/geometry.js";
import { neuronNumbers, numbersBeside, numberWidth, scalesOf } from "../figures/network.js";
import { captions } from "../figures/network-labels.js";
import { s } from "../ui/dom.js";

/** @param {Element} svg the overlay */
export function createNetworkTexts(svg) {
  const pills = svg.appendChild(s("g", { class: "pills" }));
  const numbers = svg.appendChild(s("g", { class: "numbers" }));
  const names = svg.appendChild(s("g", { class: "captions" }));
  const kept = { pills: keep(pills, "rect"), numbers: keep(numbers), names: keep(names) };

  return {
    /**
     * @param {{layers: import("../state/shown.js").Shown[],
     *   edges: {data: ArrayLike<number>}[]}} values
     * @param {import("../figures/geometry.js").Geometry} places
     */
    draw(values, places) {
      const { tiles, radius } = places;
      const size = numberSize(places);
      numbers.setAttribute("font-size", size.toFixed(1));
      const beside = numbersBeside(places);
      // at the lower edge of a map
      const below = tiles && !beside ? radius - 0.1 * size : 0;
      const half = (beside ? 0.56 : 0.72) * size;
      const found = neuronNumbers(values, places, scalesOf(values).neurons);
      kept.pills(
        (tiles || beside ? found : []).map(({ layer, x, y, text }) => {
          const width = numberWidth(text, size);
          return {
            text: "",
            attributes: {
              x: x - width / 2,
              y: y + below - half,
              width,
              height: 2 * half,
              rx: 0.5 * size,
              class: `pill pill-${values.layers[layer].role}`,
            },
          };
        }),
      );
      kept.numbers(
        found.map(({ layer, unit, quantity, x, y, text, strong }) => ({
          text,
          attributes: {
            x,
            y: y + below,
            class: `number${strong ? " strong" : ""}${tiles && !beside ? " below" : ""}`,
            "data-neuron": `${layer}.${unit}`,
            "data-quantity": quantity,
          },
        })),
      );
      kept.names(
        captions(places, values.layers)
          .filter(({ text }) => text)
          .map(({ layer, quantity, x, y, text, kind, ends }) => ({
            text,
            attributes: {
              x,
              y,
              class: `label label-${kind} label-${ends ?? "middle"}`,
              "data-layer": layer,
              "data-shown": quantity,
            },
          })),
      );
    },
  };
}

/** @typedef {{text: string, attributes: Record<string, string | number>}} Text */

/**
 * As many elements in a group as there are texts.
 * @param {Element} group
 * @param {"text" | "rect"} [tag] of the elements
 */
function keep(group, tag = "text") {
  /** @type {(Text & {element: Element})[]} */
  const shown = [];
  return (/** @type {Text[]} */ texts) => {
    while (shown.length > texts.length) shown.pop()?.element.remove();
    texts.forEach(({ text, attributes }, k) => {
      shown[k] ??= { element: group.appendChild(s(tag)), text: "", attributes: {} };
      const own = shown[k];
      if (own.text !== text) own.element.textContent = text;
      for (const [name, value] of Object.entries(attributes))
        if (own.attributes[name] !== value) own.element.setAttribute(name, String(value));
      own.text = text;
      own.attributes = attributes;
    });
  };
}
