/** Cost and score over the steps of the run; a click goes to a step. */

import { horizon } from "../../core/history.js";
import { costVeiled } from "../../core/veil.js";
import { curvesFigure } from "../../figures/training-curves.js";
import { TEXT } from "../../text/en.js";
import { h, set } from "../../ui/dom.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { worded } from "../words.js";
import { clearIfVeiled, clickGoesToStep, onParts, plotBox } from "./plots.js";

const NAME = "training-curves";
const EDGE = 6; // pixels beside the axis that still count

/** @param {Place} place @param {FigureServices} services */
export function mountTrainingCurves(
  { section, tools },
  { store, painter, session, player, Plotly },
) {
  const box = section.appendChild(plotBox(NAME));
  const plot = createPlot(Plotly, box, () => painter.redraw(NAME));
  const log = h(
    "button.small[aria-pressed=false]",
    { title: TEXT.figures.logCost, onclick: () => store.set({ logCost: !store.state.logCost }) },
    TEXT.figures.log,
  );
  tools.append(
    h(
      "span.legend.soft.unbroken",
      h("span.key-solid"),
      TEXT.figures.train,
      h("span.key-dashed"),
      worded(TEXT.figures.test),
    ),
    log,
  );
  painter.add(NAME, 360, (state) => {
    const { frame, history, logCost, compared, data } = state;
    if (!frame || !history || !plot.visible || clearIfVeiled(box, plot, costVeiled(state))) return;
    set(log, { "aria-pressed": String(logCost) });
    plot.draw(
      curvesFigure(history, palette(), {
        ...plot.size(),
        end: horizon(history.reached),
        step: frame.step,
        score: frame.score?.name ?? "score",
        log: logCost,
        reference: compared?.history,
      }),
    );
    set(box, {
      "aria-label": TEXT.figures.curves(history.reached, frame.step, onParts(frame.cost, data)),
    });
  });
  clickGoesToStep(box, "xaxis", { store, session, player }, EDGE);
}
