/** The middle figure: gradient flow, health of the layers, the cost around the step, or a map. */

import { MIDDLE_FIGURES } from "../../core/middle-figures.js";
import { TEXT } from "../../text/en.js";
import { choice, write } from "../../ui/dom.js";
import { mountCost } from "./cost.js";
import { mountGradientFlow } from "./gradient-flow.js";
import { mountHealth } from "./health.js";
import { mountMap } from "./map.js";

/** @type {import("../services.js").DockFigure} */
export const middleFigure = {
  name: "gradient-flow",
  heading: MIDDLE_FIGURES[0].heading,
  tab: MIDDLE_FIGURES[0].heading,
  label: MIDDLE_FIGURES[0].heading,
  mount(place, services) {
    const { store, painter } = services;
    const buttons = choice(
      TEXT.health.middleShows,
      MIDDLE_FIGURES.map(({ name, text, title }) => ({ value: name, text, title })),
      (middle) => store.set({ middle }),
      { "data-control": "middle" },
    );
    // what each of them shows: elements to hide while another one is chosen
    /** @type {Record<string, HTMLElement[]>} */
    const shown = {
      "gradient-flow": mountGradientFlow(place, services),
      health: mountHealth(place, services),
      cost: mountCost(place, services),
      map: mountMap(place, services),
    };
    place.tools.append(buttons.element);
    painter.add({
      name: "middle",
      fields: ["middle"],
      every: 0,
      draw({ middle }) {
        buttons.show(middle);
        for (const { name, heading } of MIDDLE_FIGURES) {
          for (const element of shown[name]) element.hidden = name !== middle;
          if (name === middle) write(place.heading, heading);
        }
        painter.redraw(middle); // it may have been drawn while it had no size
      },
    });
  },
};
