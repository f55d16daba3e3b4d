/** The place of gradient flow, health of the layers, the cost around the step, and the map. */

import { MIDDLE_FIGURES } from "../../core/middle-figures.js";
import { write } from "../../ui/dom.js";
import { mountCost } from "./cost.js";
import { mountGradientFlow } from "./gradient-flow.js";
import { mountHealth } from "./health.js";
import { mountMap } from "./map.js";

/** @type {import("../services.js").DockFigure} */
export const middleFigure = {
  name: "gradient-flow",
  heading: MIDDLE_FIGURES[0].heading,
  tabs: MIDDLE_FIGURES,
  label: MIDDLE_FIGURES[0].heading,
  mount(place, services) {
    const { painter } = services;
    // what each of them shows: elements to hide while another one is chosen
    /** @type {Record<string, HTMLElement[]>} */
    const shown = {
      "gradient-flow": mountGradientFlow(place, services),
      health: mountHealth(place, services),
      cost: mountCost(place, services),
      map: mountMap(place, services),
    };
    painter.add({
      name: "middle",
      every: 0,
      draw({ tab }) {
        for (const { name, heading } of MIDDLE_FIGURES) {
          for (const element of shown[name]) element.hidden = name !== tab;
          if (name === tab) write(place.heading, heading);
        }
        painter.redraw(tab); // it may have been drawn while it had no size
      },
    });
  },
};
