/**
 * The three figures under the stage: data and prediction, gradient flow, training curves.
 */

import { number } from "../core/format.js";
import { horizon } from "../core/history.js";
import { ASKED, costVeiled, gradientsVeiled, outputVeiled } from "../core/veil.js";
import { dataFigure, ringed, ringUpdate } from "../figures/data.js";
import { digitFigure } from "../figures/digit.js";
import { flowFigure } from "../figures/gradient-flow.js";
import { CURVE, predictionUpdate } from "../figures/prediction.js";
import { curvesFigure } from "../figures/training-curves.js";
import { choice, figure, h, set, slot } from "../ui/dom.js";
import { createPlot } from "../ui/plot.js";
import { palette } from "../ui/theme.js";

/**
 * @typedef {{store: import("../state/store.js").Store, painter:
 *   import("../state/paint.js").Painter, session: import("../server/session.js").Session, player:
 *   import("../server/player.js").Player, Plotly: any}} Surroundings
 */

/** @param {Surroundings} surroundings */
export function mountFigures(surroundings) {
  mountData(surroundings);
  mountFlow(surroundings);
  mountCurves(surroundings);
  mountTabs(surroundings);
}

/**
 * A figure that would say what a lesson asks is not drawn.
 * @param {HTMLElement} box
 * @param {ReturnType<typeof createPlot>} plot
 * @param {boolean} on
 */
function curtain(box, plot, on) {
  box.classList.toggle("asked", on);
  if (!on) return false;
  plot.clear();
  set(box, { "aria-label": ASKED });
  return true;
}

/**
 * A number of each part that there is.
 * @param {{train: number | null, test: number | null}} value
 */
const onParts = ({ train, test }, data) =>
  `${number(train, 3)} on train${data?.test.x.length ? ` and ${number(test, 3)} on test` : ""}`;

/** The image of a sample is shown unless the plane is asked for. */
export const showsImage = (state) => Boolean(state.data?.image_shape) && state.view !== "plane";

const REACH = 14; // pixels between a click and the point it means

function mountData({ store, painter, session, Plotly }) {
  const box = figure("data");
  const plot = createPlot(Plotly, box, () => painter.redraw("data"));
  const tools = slot("data-tools");
  // of what is drawn: while it is the same, only the prediction and the ring have moved
  let key = "";
  /** @type {any} */
  let drawn = null; // the boundary on screen
  /** @type {number | "batch" | null} */
  let marked = null; // the sample with the ring

  // The nearest training point, also where a test point lies over it.
  box.addEventListener("click", (event) => {
    const { xaxis, yaxis } = box._fullLayout ?? {};
    if (!xaxis || showsImage(store.state) || outputVeiled(store.state)) return;
    const bounds = box.getBoundingClientRect();
    const [x, y] = [
      event.clientX - bounds.left - xaxis._offset,
      event.clientY - bounds.top - yaxis._offset,
    ];
    let [nearest, sample] = [REACH, null];
    for (const trace of box.data.filter(({ meta }) => meta === "train")) {
      trace.x.forEach((value, i) => {
        const distance = Math.hypot(xaxis.c2p(value) - x, yaxis.c2p(trace.y[i]) - y);
        if (distance < nearest) [nearest, sample] = [distance, trace.customdata[i]];
      });
    }
    if (sample !== null) store.set({ sample });
  });

  painter.add({
    name: "data",
    fields: ["frame", "data", "sample", "theme", "view", "axes", "veil"],
    reads: ["experiment", "playing"],
    every: 90,
    draw(state, changed) {
      const { frame, data } = state;
      if (!frame || !data || !plot.visible) return;
      if (changed.has("data") || changed.has("axes") || changed.has("view") || changed.has("start"))
        drawTools(state);
      if (curtain(box, plot, outputVeiled(state))) {
        key = "";
        return;
      }
      const { width, height } = plot.size();
      if (showsImage(state)) {
        key = "";
        const shown = state.sample === "batch" ? (frame.batch?.rows?.[0] ?? 0) : state.sample;
        plot.draw(
          digitFigure(data, shown, frame.layers.at(-1).neurons.a, palette(), { width, height }),
        );
        set(box, {
          "aria-label": `Image of sample ${shown}, class ${data.classes[data.train.target[shown]]}, and how strongly the network says each class`,
        });
        return;
      }
      const { boundary } = frame;
      if (!boundary) return;
      if (changed.has("data")) key = ""; // points have moved
      const rings =
        state.sample === "batch"
          ? `batch ${state.playing ? "" : frame.step}`
          : ringed(data, state.sample);
      const now = [
        state.experiment.id,
        rings,
        boundary.axes,
        boundary.kind,
        width,
        height,
        document.documentElement.dataset.theme,
      ].join("|");
      if (now === key) {
        const { restyle, relayout = {} } =
          boundary === drawn ? {} : predictionUpdate(boundary, palette(), data);
        if (restyle) plot.restyle(restyle, [CURVE]);
        if (state.sample !== marked)
          Object.assign(relayout, ringUpdate(data, state.sample, boundary));
        if (Object.keys(relayout).length) plot.relayout(relayout);
      } else
        plot.draw(
          dataFigure(data, boundary, palette(), {
            width,
            height,
            sample: state.sample,
            batch: frame.batch?.rows ?? [],
          }),
        );
      [key, drawn, marked] = [now, boundary, state.sample];
      const score = frame.score ?? {};
      set(box, {
        "aria-label": `${data.train.x.length} training${data.test.x.length ? ` and ${data.test.x.length} test` : ""} points with the prediction at step ${frame.step}; ${score.name} ${onParts(score, data)}`,
      });
    },
  });

  function drawTools(state) {
    const { data } = state;
    const children = [];
    if (data.image_shape) {
      const view = choice(
        "Show",
        [
          { value: "auto", text: "image" },
          { value: "plane", text: "plane" },
        ],
        (value) => store.set({ view: value }),
      );
      view.show(state.view === "plane" ? "plane" : "auto");
      children.push(view.element);
    }
    if (data.features.length > 2 && !showsImage(state)) {
      const axes = state.axes ?? [0, 1];
      for (const which of [0, 1]) {
        const select = h(
          "select",
          {
            "aria-label": which ? "vertical axis" : "horizontal axis",
            "data-control": `axis-${which}`,
            onchange: () => choose(which, Number(select.value)),
          },
          data.features.map((name, i) =>
            h("option", { value: i, selected: i === axes[which] }, name),
          ),
        );
        children.push(select);
      }
    }
    if (!showsImage(state) && data.features.length <= 2)
      children.push(
        h(
          "span",
          { class: "legend" },
          h("span", { class: "dot-filled" }),
          "train",
          h("span", { class: "dot-hollow" }),
          "test",
        ),
      );
    tools.replaceChildren(...children);
  }

  function choose(which, value) {
    const axes = [...(store.state.axes ?? [0, 1])];
    if (axes[1 - which] === value) axes[1 - which] = axes[which];
    axes[which] = value;
    store.set({ axes });
    const { playing, pending, step } = store.state;
    if (!playing && !pending) session.go(step); // else the next frame has them
  }
}

function mountFlow({ painter, Plotly }) {
  const box = figure("gradient-flow");
  const plot = createPlot(Plotly, box, () => painter.redraw("gradient-flow"));
  slot("flow-tools").append(
    h(
      "span",
      { class: "legend" },
      h("span", { class: "key-square" }),
      "‖∂C/∂W‖",
      h("span", { class: "key-circle" }),
      "‖∂C/∂z‖",
    ),
  );
  painter.add({
    name: "gradient-flow",
    fields: ["frame", "history", "theme", "compared", "veil"],
    every: 220,
    draw(state) {
      const { frame, history, compared } = state;
      if (
        !frame?.layers[0]?.gradient ||
        !history ||
        !plot.visible ||
        curtain(box, plot, gradientsVeiled(state))
      )
        return;
      plot.draw(
        flowFigure(frame, history, palette(), {
          ...plot.size(),
          end: horizon(history.reached),
          reference: compared?.frame,
        }),
      );
      const norms = frame.layers.map(
        (layer, i) => `layer ${i + 1} ${number(layer.gradient.W_norm, 2)}`,
      );
      set(box, {
        "aria-label": `Size of the gradient of the weights at step ${frame.step}: ${norms.join(", ")}`,
      });
    },
  });
}

function mountCurves({ store, painter, session, player, Plotly }) {
  const box = figure("training-curves");
  const plot = createPlot(Plotly, box, () => painter.redraw("training-curves"));
  const log = h(
    "button",
    {
      type: "button",
      class: "small",
      "aria-pressed": "false",
      title: "Logarithmic axis for the cost",
      onclick: () => store.set({ logCost: !store.state.logCost }),
    },
    "log",
  );
  slot("curve-tools").append(
    h(
      "span",
      { class: "legend" },
      h("span", { class: "key-solid" }),
      "train",
      h("span", { class: "key-dashed" }),
      "test",
    ),
    log,
  );
  painter.add({
    name: "training-curves",
    fields: ["frame", "history", "theme", "logCost", "compared", "data", "veil"],
    every: 220,
    draw(state) {
      const { frame, history, logCost, compared, data } = state;
      if (!frame || !history || !plot.visible || curtain(box, plot, costVeiled(state))) return;
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
        "aria-label": `Training curves up to step ${history.reached}; at step ${frame.step} the cost is ${onParts(frame.cost, data)}. A click goes to a step.`,
      });
    },
  });
  // Anywhere in the figure, not only on a point: the horizontal place is the step.
  box.addEventListener("click", (event) => {
    const axis = box._fullLayout?.xaxis;
    if (!axis || !store.state.history) return;
    const x = event.clientX - box.getBoundingClientRect().left - axis._offset;
    if (x < -6 || x > axis._length + 6) return;
    const step = Math.round(Math.max(0, Math.min(axis.p2d(x), store.state.history.reached)));
    if (store.state.playing) player.pause();
    session.go(step);
  });
}

/** On a phone one figure at a time. */
function mountTabs({ painter }) {
  const names = { data: "Data", "gradient-flow": "Gradient flow", "training-curves": "Training" };
  const tabs = Object.entries(names).map(([name, text]) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `figure-${name}`,
        "aria-selected": String(name === "data"),
        tabindex: name === "data" ? "0" : "-1",
        onclick: () => open(name),
      },
      text,
    ),
  );
  function open(name) {
    document.body.dataset.tab = name;
    for (const tab of tabs) {
      const on = tab.id === `tab-${name}`;
      set(tab, { "aria-selected": String(on), tabindex: on ? "0" : "-1" });
    }
    for (const each of Object.keys(names)) painter.redraw(each);
  }
  slot("tabs").append(...tabs);
  slot("tabs").addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.stopPropagation();
    const k = tabs.indexOf(document.activeElement);
    const next = tabs[(k + by + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });
}
