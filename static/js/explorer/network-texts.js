/**
 * The texts that change over the network figure: the number on each neuron, and which variable it
 * is. One SVG text each, kept from frame to frame; only what changed is written.
 */

import { neuronNumbers, scalesOf } from "../figures/network.js";
import { captions } from "../figures/network-labels.js";
import { s } from "../ui/dom.js";

/** Share of a neuron's radius: six characters fit across. */
const SIZE = 0.49;

/** @param {Element} svg the overlay */
export function createNetworkTexts(svg) {
  const numbers = svg.appendChild(s("g", { class: "numbers" }));
  const names = svg.appendChild(s("g", { class: "captions" }));
  const kept = { numbers: keep(numbers), names: keep(names) };

  return {
    /**
     * @param {{layers: import("../state/shown.js").Shown[],
     *   edges: {data: ArrayLike<number>}[]}} values
     * @param {import("../figures/geometry.js").Geometry} places
     */
    draw(values, places) {
      numbers.setAttribute("font-size", (places.radius * SIZE).toFixed(1));
      kept.numbers(
        neuronNumbers(values, places, scalesOf(values).neurons).map(
          ({ layer, unit, quantity, x, y, text, strong }) => ({
            text,
            attributes: {
              x,
              y,
              class: strong ? "number strong" : "number",
              "data-neuron": `${layer}.${unit}`,
              "data-quantity": quantity,
            },
          }),
        ),
      );
      kept.names(
        captions(places, values.layers)
          .filter(({ text }) => text)
          .map(({ layer, quantity, x, y, text, kind }) => ({
            text,
            attributes: {
              x,
              y,
              class: `label label-${kind}`,
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
 * As many text elements in a group as there are texts.
 * @param {Element} group
 */
function keep(group) {
  /** @type {(Text & {element: Element})[]} */
  const shown = [];
  return (/** @type {Text[]} */ texts) => {
    while (shown.length > texts.length) shown.pop()?.element.remove();
    texts.forEach(({ text, attributes }, k) => {
      shown[k] ??= { element: group.appendChild(s("text")), text: "", attributes: {} };
      const own = shown[k];
      if (own.text !== text) own.element.textContent = text;
      for (const [name, value] of Object.entries(attributes))
        if (own.attributes[name] !== value) own.element.setAttribute(name, String(value));
      own.text = text;
      own.attributes = attributes;
    });
  };
}
