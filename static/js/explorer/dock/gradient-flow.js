/** How much gradient each layer receives, now and over the run. */

import { number } from "../../core/format.js";
import { horizon } from "../../core/history.js";
import { gradientsVeiled } from "../../core/veil.js";
import { gradientFlowFigure } from "../../figures/gradient-flow.js";
import { TEXT } from "../../text/en.js";
import { h, set } from "../../ui/dom.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { clearIfVeiled } from "./plots.js";

const NAME = "gradient-flow";

/**
 * @param {import("../services.js").Place} place
 * @param {import("../services.js").FigureServices} services
 * @returns {HTMLElement[]} what is hidden while another middle figure is shown
 */
export function mountGradientFlow({ box, tools }, { painter, Plotly }) {
  const plot = createPlot(Plotly, box, () => painter.redraw(NAME));
  const legend = h(
    "span",
    { class: "legend" },
    h("span", { class: "key-square" }),
    "‖∂C/∂W‖",
    h("span", { class: "key-circle" }),
    "‖∂C/∂z‖",
  );
  tools.append(legend);
  painter.add({
    name: NAME,
    fields: ["frame", "history", "theme", "compared", "veil"],
    every: 220,
    draw(state) {
      const { frame, history, compared } = state;
      if (
        !frame?.layers[0]?.gradient ||
        !history ||
        !plot.visible ||
        clearIfVeiled(box, plot, gradientsVeiled(state))
      )
        return;
      plot.draw(
        gradientFlowFigure(frame, history, palette(), {
          ...plot.size(),
          end: horizon(history.reached),
          reference: compared?.frame,
        }),
      );
      const norms = frame.layers.map(({ gradient }, i) =>
        TEXT.figures.layerNorm(i + 1, number(gradient?.W_norm, 2)),
      );
      set(box, {
        "aria-label": TEXT.figures.gradientSizes(frame.step, norms.join(", ")),
      });
    },
  });
  return [box, legend];
}
