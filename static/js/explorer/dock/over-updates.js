/** Figures over the steps of the run; a click goes to a step. */
import { number } from "../../core/format.js";
import { horizon } from "../../core/history.js";
import { costVeiled, gradientsVeiled } from "../../core/veil.js";
import { gradientFlowFigure } from "../../figures/gradient-flow.js";
import { curvesFigure } from "../../figures/training-curves.js";
import { TEXT } from "../../text/en.js";
import { button, h, set, write } from "../../ui/dom.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { worded } from "../words.js";
import { clearIfVeiled, clickGoesToStep, onParts, plotBox } from "./plots.js";

const CURVES = "training-curves";
const FLOW = "gradient-flow";
const EDGE = 6; // pixels beside the axis that still count

/** Cost and score. @param {Place} place @param {FigureServices} services */
export function mountTrainingCurves(
  { section, tools },
  { store, painter, session, player, Plotly },
) {
  const box = section.appendChild(plotBox(CURVES));
  const plot = createPlot(Plotly, box, () => painter.redraw(CURVES));
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
  painter.add(CURVES, 360, (state) => {
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

/** How much gradient each layer receives, now and over the run.
 * @param {Place} place @param {FigureServices} services */
export function mountGradientFlow({ section, tools }, { store, session, player, painter, Plotly }) {
  const box = section.appendChild(plotBox(FLOW));
  const plot = createPlot(Plotly, box, () => painter.redraw(FLOW));
  const legend = h(
    "span.legend.soft.unbroken",
    h("span.key-square"),
    "‖∂C/∂W‖",
    h("span.key-circle"),
    "‖∂C/∂z‖",
  );
  const [low, high] = [h("span"), h("span")];
  const scale = h(
    "span.legend.soft.unbroken.flow-scale[data-readout=flow-scale]",
    { title: TEXT.figures.flowScale },
    low,
    h("span.flow-bar"),
    high,
  );
  let mean = false;
  const smooth = button(
    "flow-mean.small",
    TEXT.figures.mean,
    () => {
      mean = !mean;
      set(smooth, { "aria-pressed": String(mean) });
      painter.redraw(FLOW);
    },
    { "aria-pressed": "false", title: TEXT.figures.runningMean },
  );
  tools.append(legend, scale, smooth);
  clickGoesToStep(box, "xaxis2", { store, session, player });
  painter.add(FLOW, 360, (state) => {
    const { frame, history, compared } = state;
    if (
      !frame?.layers[0]?.gradient ||
      !history ||
      !plot.visible ||
      clearIfVeiled(box, plot, gradientsVeiled(state))
    )
      return;
    const drawn = gradientFlowFigure(frame, history, palette(), {
      ...plot.size(),
      end: horizon(history.reached),
      reference: compared?.frame,
      edits: (state.experiment.recipe.edits ?? []).map(({ step }) => step),
      mean,
    });
    plot.draw(drawn);
    const { zmin, zmax } = drawn.data[2];
    write(low, number(10 ** zmin, 1));
    write(high, number(10 ** zmax, 1));
    const norms = frame.layers.map(({ gradient }, i) =>
      TEXT.figures.layerNorm(i + 1, number(gradient?.W_norm, 2)),
    );
    set(box, { "aria-label": TEXT.figures.gradientSizes(frame.step, norms.join(", ")) });
  });
}
