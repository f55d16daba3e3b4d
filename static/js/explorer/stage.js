/**
 * The network figure: what it shows, and what is pointed at and chosen in it.
 */

import { describe, neuron, parseElement } from "../core/elements.js";
import { number } from "../core/format.js";
import { spokenName } from "../core/lines.js";
import { ASKED, quantityVeiled } from "../core/veil.js";
import { geometry } from "../figures/geometry.js";
import { networkFigure, networkUpdate } from "../figures/network.js";
import { headsOf, sideRoom } from "../figures/network-labels.js";
import { mapsFigure, mapsUpdate } from "../figures/network-maps.js";
import {
  edgeQuantity,
  edgesOf,
  shownEdges,
  shownNeurons,
  sizesOf,
  valuesOf,
} from "../state/shown.js";
import { choice, figure, h, set, slot, write } from "../ui/dom.js";
import { createPlot } from "../ui/plot.js";
import { palette } from "../ui/theme.js";
import { createNetworkTexts } from "./network-texts.js";

const NEURONS = [
  { value: "line", text: "line", title: "What the current line is about" },
  { value: "a", text: "𝑎", title: "activation", math: true },
  { value: "z", text: "𝑧", title: "weighted sum", math: true },
  { value: "dC_da", text: "∂𝐶/∂𝑎", title: "gradient with respect to a", math: true },
  { value: "dC_dz", text: "∂𝐶/∂𝑧", title: "gradient with respect to z", math: true },
];
const EDGES = [
  { value: "line", text: "line", title: "What the current line is about" },
  { value: "W", text: "𝑊", title: "weights", math: true },
  {
    value: "dC_dW",
    text: "∂𝐶/∂𝑊",
    title: "gradient with respect to the weights, of the batch of this step",
    math: true,
  },
];
export const NAMES = {
  x: "𝑥",
  a: "𝑎",
  z: "𝑧",
  dC_da: "∂𝐶/∂𝑎",
  dC_dz: "∂𝐶/∂𝑧",
  W: "𝑊",
  dC_dW: "∂𝐶/∂𝑊",
};

/**
 * @param {import("../state/store.js").State} state
 * @returns {import("../figures/network.js").Values}
 */
const shownValues = (state) => ({ layers: shownNeurons(state), edges: shownEdges(state) });

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter,
 *   Plotly: any}} surroundings
 * @returns {{geometry: () => import("../figures/geometry.js").Geometry | null}}
 */
export function mountStage({ store, painter, Plotly }) {
  const box = figure("network");
  const area = box.parentElement;
  const plot = createPlot(Plotly, box, () => painter.redraw("network"));
  const texts = createNetworkTexts(slot("overlay"));
  /** @type {import("../figures/geometry.js").Geometry | null} */
  let places = null;
  let drawnKey = "";

  painter.add({
    name: "network",
    // not "sample": another one comes with its frame
    fields: ["frame", "data", "theme", "neurons", "edges", "line", "trace", "playing", "veil"],
    reads: ["sample"],
    every: 0,
    draw(state, changed) {
      if (!state.frame || !state.data || !plot.visible) return;
      // while playing the working changes nothing in the picture, unless another line is shown
      if (state.playing && changed.size === 1 && changed.has("trace")) return;
      const { width, height } = plot.size();
      const sizes = sizesOf(state);
      const values = shownValues(state);
      const key = [
        sizes,
        state.frame.layers.map((l) => l.activation),
        width,
        height,
        document.documentElement.dataset.theme,
        state.data.features.join(),
      ].join("|");
      if (key !== drawnKey) {
        places = geometry(sizes, width, height, sideRoom(sizes, state.data), (across) =>
          headsOf(sizes, across, state.frame.layers),
        );
        plot.draw(
          places.mode === "graph"
            ? networkFigure(values, places, palette())
            : mapsFigure(values, places, palette()),
        );
        drawnKey = key;
        area.dispatchEvent(new CustomEvent("placed"));
      } else {
        const { update, traces } =
          places.mode === "graph"
            ? networkUpdate(values, places, palette())
            : mapsUpdate(values, places);
        plot.restyle(update, traces);
      }
      texts.draw(values, places);
      set(box, { "aria-label": spoken(state, sizes, values.layers) });
    },
  });

  mountPointer(store, area, () => places);
  mountBar(store, painter);
  return { geometry: () => places };
}

const SPOKEN = {
  x: "inputs",
  a: "activations",
  z: "weighted sums",
  dC_da: "gradients of a",
  dC_dz: "gradients of z",
  W: "weights",
  dC_dW: "gradients of the weights",
};

function spoken(state, sizes, layers) {
  const { role, quantity: shown } = layers.at(-1);
  // the line comes before the output's
  const before = role === "pending" || (role === "writes" && shown === "z");
  const output =
    before || quantityVeiled(state, "a", sizes.length - 1)
      ? null
      : valuesOf(state, `a${sizes.length - 1}`);
  const said =
    output && output.length <= 4
      ? ` Output ${Array.from(output, (v) => number(v, 3)).join(", ")}.`
      : "";
  const names = [
    ...new Set(
      layers
        .slice(1)
        .flatMap(({ id, quantity }) => (id ? [SPOKEN[quantity] ?? spokenName(id)] : [])),
    ),
  ];
  return `Network of ${sizes.join("-")} units at step ${state.frame.step}. Neurons show ${names.join(", ") || "nothing yet"}, edges ${SPOKEN[edgeQuantity(state)]}.${said} Arrow keys move between neurons.`;
}

/** Pointing and choosing, by mouse and by keys. */
function mountPointer(store, area, places) {
  const card = slot("value-card");
  const under = (event) => {
    const bounds = area.getBoundingClientRect();
    return places()?.hit(event.clientX - bounds.left, event.clientY - bounds.top) ?? null;
  };
  area.addEventListener("pointermove", (event) => {
    const hover = under(event);
    area.classList.toggle("pointing", hover !== null);
    store.set({ hover });
    if (hover) {
      const bounds = area.getBoundingClientRect();
      const x = event.clientX - bounds.left;
      card.style.left = `${Math.min(x + 14, bounds.width - 216)}px`;
      card.style.top = `${Math.max(4, event.clientY - bounds.top - 58)}px`;
    }
  });
  area.addEventListener("pointerleave", () => store.set({ hover: null }));
  area.addEventListener("click", (event) => {
    const element = under(event);
    store.set({ selection: element === store.state.selection ? null : element });
  });
  const box = figure("network");
  // An application: a screen reader passes the arrow keys on instead of reading on.
  set(box, {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "network",
  });
  box.addEventListener("keydown", (event) => {
    const moved = move(store.state, event.key);
    if (!moved) return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ selection: moved });
  });
  const tell = () => {
    const { hover, selection, frame } = store.state;
    card.hidden = !hover || !frame;
    if (hover && frame) card.replaceChildren(...readingOf(store.state, hover));
    if (selection && document.activeElement === box)
      write(
        slot("announce"),
        `${describe(selection, store.state.data.features)}: ${[...readingOf(store.state, selection)]
          .slice(1)
          .map((n) => n.textContent)
          .join(" ")}`,
      );
  };
  store.on(["hover", "frame", "selection"], tell);
}

/** The neuron next to the chosen one in the direction of an arrow key. */
function move(state, key) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!step || !state.frame) return null;
  const sizes = sizesOf(state);
  const e = parseElement(state.selection);
  const [layer, unit] = !e
    ? [0, 0]
    : e.kind === "neuron"
      ? [e.layer + step[0], e.unit + step[1]]
      : [e.layer, e.to];
  if (layer < 0 || layer >= sizes.length) return state.selection;
  return neuron(layer, Math.max(0, Math.min(sizes[layer] - 1, unit)));
}

/** Name and numbers of an element. */
function readingOf(state, element) {
  const e = parseElement(element);
  const sizes = sizesOf(state);
  const lines = [h("strong", {}, describe(element, state.data.features))];
  const asked = (quantity) => quantityVeiled(state, quantity, e.layer);
  const row = (name, value, veil = false) =>
    veil
      ? lines.push(h("span", { title: ASKED }, h("span", { class: "math" }, name), " = ?"))
      : value !== undefined &&
        value !== null &&
        lines.push(h("span", {}, h("span", { class: "math" }, name), ` = ${number(value)}`));
  if (e.kind === "edge") {
    const layer = state.frame.layers[e.layer - 1];
    if (!layer || e.to >= sizes[e.layer] || e.from >= sizes[e.layer - 1]) return lines;
    const k = e.from * layer.units + e.to;
    row("𝑊", layer.W?.data[k]);
    row("∂𝐶/∂𝑊", edgesOf(state, "dC_dW")[e.layer - 1]?.data[k], asked("dC_dW"));
  } else if (e.layer === 0) row("𝑥", valuesOf(state, "x")?.[e.unit]);
  else {
    for (const name of ["z", "a", "dC_da", "dC_dz"])
      row(NAMES[name], valuesOf(state, name + e.layer)?.[e.unit], asked(name));
    row("𝑏", valuesOf(state, `b${e.layer}`)?.[e.unit]);
  }
  return lines;
}

/** Quantity pickers and the sample. */
function mountBar(store, painter) {
  const neurons = choice("Neurons show", NEURONS, (value) => store.set({ neurons: value }), {
    "data-control": "neurons",
  });
  const edges = choice("Edges show", EDGES, (value) => store.set({ edges: value }), {
    "data-control": "edges",
  });
  const readout = h("output", { "data-readout": "sample", class: "sample-name" });
  const move = (by) => {
    const { sample, data } = store.state;
    const n = data?.train.x.length ?? 0;
    if (n) store.set({ sample: sample === "batch" ? 0 : (sample + by + n) % n });
  };
  const batch = h(
    "button",
    {
      type: "button",
      "data-action": "whole-batch",
      "aria-pressed": "false",
      title: "The batch that the next update uses (b)",
      onclick: () => store.set({ sample: store.state.sample === "batch" ? 0 : "batch" }),
    },
    "whole batch",
  );
  slot("stage-bar").append(
    h("label", { class: "picker" }, h("span", {}, "neurons"), neurons.element),
    h("label", { class: "picker" }, h("span", {}, "edges"), edges.element),
    h(
      "div",
      { class: "sample", role: "group", "aria-label": "Sample" },
      h("span", { class: "soft", "aria-hidden": "true" }, "sample"),
      h(
        "button",
        {
          type: "button",
          class: "small",
          "data-action": "sample-previous",
          "aria-label": "Previous sample",
          onclick: () => move(-1),
        },
        "‹",
      ),
      readout,
      h(
        "button",
        {
          type: "button",
          class: "small",
          "data-action": "sample-next",
          "aria-label": "Next sample",
          onclick: () => move(1),
        },
        "›",
      ),
      batch,
    ),
  );
  painter.add({
    name: "stage-bar",
    fields: ["neurons", "edges", "sample", "data", "frame"],
    every: 0,
    draw(state) {
      neurons.show(state.neurons);
      edges.show(state.edges);
      set(batch, { "aria-pressed": String(state.sample === "batch") });
      write(
        readout,
        state.sample === "batch"
          ? `batch of ${state.frame?.batch?.size ?? "…"}`
          : `${state.sample}${truth(state)}`,
      );
      set(readout, {
        "aria-label": state.sample === "batch" ? "whole batch" : `sample ${readout.textContent}`,
        title:
          state.sample === "batch"
            ? "The samples that the next update uses"
            : `Training sample ${readout.textContent}`,
      });
    },
  });
}

function truth({ sample, data }) {
  const target = data?.train.target[sample];
  if (target === undefined) return "";
  return data.task === "classification"
    ? ` · ${data.classes[target] ?? target}`
    : ` · ${number(target, 3)}`;
}
