/**
 * The health of each layer: units that are dead, outputs that are saturated, how far an update
 * moves the weights, and how the entries of the gradient are spread.
 */

import { number } from "../core/format.js";
import { ASKED, gradientsVeiled } from "../core/veil.js";
import { choice, figure, h, s, slot } from "../ui/dom.js";

const BUSY = 0.1; // an update that moves weights by more than a tenth of their size
const IDLE = 1e-5;

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter}}
 *   surroundings
 */
export function mountHealth({ store, painter }) {
  const { state } = store;
  const box = slot("health");
  const plot = figure("gradient-flow");
  const legend = slot("flow-tools").querySelector(".legend");
  const view = choice(
    "The middle figure shows",
    [
      { value: "gradient-flow", text: "flow" },
      {
        value: "health",
        text: "health",
        title: "Dead and saturated units, size of the update, spread of the gradient",
      },
      {
        value: "cost",
        text: "cost",
        title: "The cost along the gradient, and over a plane with the path so far",
      },
    ],
    (middle) => store.set({ middle }),
    { "data-control": "middle" },
  );
  slot("flow-tools").append(view.element);
  painter.add({
    name: "health",
    fields: ["frame", "middle", "veil"],
    every: 240,
    draw() {
      const on = state.middle === "health";
      view.show(state.middle);
      box.hidden = !on;
      plot.hidden = legend.hidden = state.middle !== "gradient-flow";
      document.getElementById("figure-gradient-flow").querySelector("h2").textContent =
        { health: "Health", cost: "Cost nearby" }[state.middle] ?? "Gradient flow";
      if (!on) {
        painter.redraw("gradient-flow");
        return;
      }
      if (!state.frame?.layers[0]?.gradient) return;
      if (gradientsVeiled(state)) return box.replaceChildren(h("p", { class: "soft" }, ASKED));
      box.replaceChildren(table(state.frame));
    },
  });
}

function table({ layers, step }) {
  const head = [
    ["layer", ""],
    ["dead", "Share of units that are 0 for every training sample (ReLU)"],
    ["saturated", "Share of outputs on the flat ends (sigmoid, tanh)"],
    ["mean ± std", "Of the layer's outputs over the training set"],
    [
      "‖Δ𝑊‖ / ‖𝑊‖",
      "How far the next update moves the weights, as a share of their size: about 0.001 is usual",
    ],
    ["∂𝐶/∂𝑊", "How the entries of the gradient are spread, from the smallest to the largest"],
  ];
  return h(
    "table",
    { class: "health-table" },
    h("caption", { class: "visually-hidden" }, `Health of each layer at step ${step}`),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        head.map(([text, title]) => h("th", { scope: "col", title }, text)),
      ),
    ),
    h("tbody", {}, layers.map(line)),
  );
}

function line({ activation, activation_statistics: own, gradient }, i) {
  const share = (value) =>
    value === null || value === undefined
      ? h("td", { class: "soft" }, "–")
      : h("td", { class: value >= 0.5 ? "bad" : null }, `${Math.round(100 * value)} %`);
  const ratio = gradient?.update_ratio ?? null;
  const moved = h(
    "td",
    { class: ratio !== null && (ratio > BUSY || ratio < IDLE) ? "bad" : null },
    ratio === null ? "–" : number(ratio, 2),
  );
  return h(
    "tr",
    { "data-layer": i + 1 },
    h(
      "th",
      { scope: "row" },
      String(i + 1),
      h("span", { class: "soft" }, ` ${activation.replace(/_/g, " ")}`),
    ),
    share(own?.dead_fraction),
    share(own?.saturated_fraction),
    h("td", {}, own ? `${number(own.mean, 2)} ± ${number(own.std, 2)}` : "–"),
    moved,
    h("td", {}, histogram(gradient?.histogram)),
  );
}

const WIDTH = 62;
const HEIGHT = 20;

function histogram(own) {
  if (!own) return "–";
  const { counts, edges } = own;
  const most = Math.max(...counts, 1);
  const each = WIDTH / counts.length;
  const svg = s("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    role: "img",
    class: "histogram",
    "aria-label": `entries from ${number(edges[0], 2)} to ${number(edges.at(-1), 2)}`,
  });
  counts.forEach((count, k) => {
    const height = (count / most) * (HEIGHT - 2);
    if (count)
      svg.append(
        s("rect", {
          x: k * each + 0.5,
          y: HEIGHT - 1 - height,
          width: each - 1,
          height,
          class: edges[k] + edges[k + 1] < 0 ? "below" : "above",
        }),
      );
  });
  svg.append(s("line", { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }));
  return svg;
}
