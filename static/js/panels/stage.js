/**
 * The network figure: what it shows, and what is pointed at and chosen in it.
 */
import { choice, figure, h, set, slot, write } from "../dom.js";
import { describe, neuron, parseElement } from "../elements.js";
import { geometry } from "../figures/geometry.js";
import { mapsFigure, mapsUpdate } from "../figures/network-maps.js";
import { networkFigure, networkUpdate, sideNames, sideRoom } from "../figures/network.js";
import { number } from "../format.js";
import { quantitiesOf } from "../lines.js";
import { createPlot } from "../plot.js";
import { lineOf } from "../trace.js";
import { ASKED, quantityVeiled } from "../veil.js";
import { palette } from "./theme.js";

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
  { value: "dC_dW", text: "∂𝐶/∂𝑊", title: "gradient with respect to the weights, of the batch of this step", math: true },
];
export const NAMES = { a: "𝑎", z: "𝑧", dC_da: "∂𝐶/∂𝑎", dC_dz: "∂𝐶/∂𝑧", W: "𝑊", dC_dW: "∂𝐶/∂𝑊" };

/** Units of each layer, input first. @param {any} state @returns {number[]} */
export const sizesOf = (state) => [state.data.features.length, ...state.frame.layers.map((layer) => layer.units)];

/** What neurons and edges show now. @param {any} state */
export function shownQuantities(state) {
  const line = state.trace?.lines.find((l) => l.id === state.line);
  const auto = quantitiesOf(line);
  return { neurons: state.neurons === "line" ? auto.neurons : state.neurons, edges: state.edges === "line" ? auto.edges : state.edges };
}

/** @param {any} state @returns {import("../figures/network.js").Values} */
function valuesOf(state, shown) {
  const { frame, data } = state;
  const gradient = shown.neurons.startsWith("dC");
  return {
    layers: [{ units: data.features.length, activation: "" }, ...frame.layers],
    input: gradient ? [] : frame.input,
    neurons: frame.layers.map((layer, i) => (quantityVeiled(state, shown.neurons, i + 1) ? null : layer.neurons[shown.neurons])),
    edges: edgesOf(state, shown.edges).map((edges, i) => (edges && quantityVeiled(state, shown.edges, i + 1) ? { data: new Float64Array(edges.data.length) } : edges)),
  };
}

/** Is the trace of the step that is shown? While playing it lags behind. @param {any} state */
const current = (state) => Boolean(state.trace) && !state.playing && state.trace.step === state.frame.step && state.sample !== "batch" && state.trace.batch === null;

/**
 * Weights or their gradient, (n_in, n_out) each. The frame has the gradient of the batch; when one sample is followed
 * the picture must show what the working shows, the gradient of that sample.
 * @param {any} state @param {"W" | "dC_dW"} name @returns {({data: ArrayLike<number>} | null)[]}
 */
export function edgesOf(state, name) {
  const { frame, trace } = state;
  if (name === "W" || !current(state)) return frame.layers.map((layer) => layer[name] ?? null);
  return frame.layers.map((layer, i) => {
    const value = lineOf(trace, `dC_dW${i + 1}`)?.value;
    if (!value) return layer[name];
    const rows = trace.convention === "column" ? value[0].map((_, from) => value.map((row) => row[from])) : value;
    return { data: rows.flat().map((v) => v ?? NaN) };
  });
}

/** Whose gradient the edges show. @param {any} state */
export const edgesOwner = (state) => (current(state) ? "sample" : "batch");

/**
 * @param {{store: import("../store.js").Store, painter: import("../paint.js").Painter, Plotly: any}} surroundings
 * @returns {{geometry: () => import("../figures/geometry.js").Geometry | null}}
 */
export function mountStage({ store, painter, Plotly }) {
  const box = figure("network");
  const area = box.parentElement;
  const plot = createPlot(Plotly, box, () => painter.again("network"));
  /** @type {import("../figures/geometry.js").Geometry | null} */
  let places = null;
  let drawnKey = "";

  painter.add({
    name: "network",
    // not "sample": another one comes with its frame
    fields: ["frame", "data", "theme", "neurons", "edges", "line", "trace", "playing", "veil"],
    every: 0,
    draw(state, changed) {
      if (!state.frame || !state.data || !plot.visible) return;
      // while playing the working changes nothing in the picture, unless another line is shown
      if (state.playing && changed.size === 1 && changed.has("trace")) return;
      const { width, height } = plot.size();
      const sizes = sizesOf(state);
      const shown = shownQuantities(state);
      const values = valuesOf(state, shown);
      const key = [sizes, state.frame.layers.map((l) => l.activation), width, height, document.documentElement.dataset.theme, state.data.features.join()].join("|");
      if (key !== drawnKey) {
        places = geometry(sizes, width, height, sideRoom(sideNames(sizes, state.data)));
        plot.draw(places.mode === "graph" ? networkFigure(values, places, palette()) : mapsFigure(values, places, palette()));
        drawnKey = key;
        area.dispatchEvent(new CustomEvent("placed"));
      } else {
        const { update, traces } = places.mode === "graph" ? networkUpdate(values, places, palette()) : mapsUpdate(values, places);
        plot.restyle(update, traces);
      }
      set(box, { "aria-label": spoken(state, sizes, shown) });
    },
  });

  mountPointer(store, area, () => places);
  mountBar(store, painter);
  return { geometry: () => places };
}

function spoken(state, sizes, shown) {
  const names = { a: "activations", z: "weighted sums", dC_da: "gradients of a", dC_dz: "gradients of z", W: "weights", dC_dW: "gradients of the weights" };
  const output = quantityVeiled(state, "a", sizes.length - 1) ? null : state.frame.layers.at(-1).neurons.a;
  const said = output && output.length <= 4 ? ` Output ${Array.from(output, (v) => number(v, 3)).join(", ")}.` : "";
  return `Network of ${sizes.join("-")} units at step ${state.frame.step}. Neurons show ${names[shown.neurons]}, edges ${names[shown.edges]}.${said} Arrow keys move between neurons.`;
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
  set(box, { tabindex: "0" });
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
    if (hover && frame) card.replaceChildren(...valueOf(store.state, hover));
    if (selection && document.activeElement === box) write(slot("announce"), `${describe(selection, store.state.data.features)}: ${[...valueOf(store.state, selection)].slice(1).map((n) => n.textContent).join(" ")}`);
  };
  store.on(["hover", "frame", "selection"], tell);
}

/** The neuron next to the chosen one in the direction of an arrow key. */
function move(state, key) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!step || !state.frame) return null;
  const sizes = sizesOf(state);
  const e = parseElement(state.selection);
  const [layer, unit] = !e ? [0, 0] : e.kind === "neuron" ? [e.layer + step[0], e.unit + step[1]] : [e.layer, e.to];
  if (layer < 0 || layer >= sizes.length) return state.selection;
  return neuron(layer, Math.max(0, Math.min(sizes[layer] - 1, unit)));
}

/** Name and numbers of an element. */
function valueOf(state, element) {
  const e = parseElement(element);
  const sizes = sizesOf(state);
  const lines = [h("strong", {}, describe(element, state.data.features))];
  const asked = (quantity) => quantityVeiled(state, quantity, e.layer);
  const row = (name, value, veil = false) => veil ? lines.push(h("span", { title: ASKED }, h("span", { class: "math" }, name), " = ?")) : value !== undefined && value !== null && lines.push(h("span", {}, h("span", { class: "math" }, name), ` = ${number(value)}`));
  if (e.kind === "edge") {
    const layer = state.frame.layers[e.layer - 1];
    if (!layer || e.to >= sizes[e.layer] || e.from >= sizes[e.layer - 1]) return lines;
    const k = e.from * layer.units + e.to;
    row("𝑊", layer.W?.data[k]);
    row("∂𝐶/∂𝑊", edgesOf(state, "dC_dW")[e.layer - 1]?.data[k], asked("dC_dW"));
  } else if (e.layer === 0) row("𝑥", state.frame.input?.[e.unit]);
  else {
    const layer = state.frame.layers[e.layer - 1];
    for (const name of ["z", "a", "dC_da", "dC_dz"]) row(NAMES[name], layer?.neurons[name]?.[e.unit], asked(name));
    row("𝑏", layer?.b?.data[e.unit]);
  }
  return lines;
}

/** Quantity pickers and the sample. */
function mountBar(store, painter) {
  const neurons = choice("Neurons show", NEURONS, (value) => store.set({ neurons: value }), { "data-control": "neurons" });
  const edges = choice("Edges show", EDGES, (value) => store.set({ edges: value }), { "data-control": "edges" });
  const readout = h("output", { "data-readout": "sample", class: "sample-name" });
  const move = (by) => {
    const { sample, data } = store.state;
    const n = data?.train.x.length ?? 0;
    if (n) store.set({ sample: sample === "batch" ? 0 : (sample + by + n) % n });
  };
  const batch = h("button", { type: "button", "data-action": "whole-batch", "aria-pressed": "false", title: "The batch that the next update uses (b)", onclick: () => store.set({ sample: store.state.sample === "batch" ? 0 : "batch" }) }, "whole batch");
  slot("stage-bar").append(
    h("label", { class: "picker" }, h("span", {}, "neurons"), neurons.element),
    h("label", { class: "picker" }, h("span", {}, "edges"), edges.element),
    h(
      "div",
      { class: "sample", role: "group", "aria-label": "Sample" },
      h("span", { class: "soft", "aria-hidden": "true" }, "sample"),
      h("button", { type: "button", class: "small", "data-action": "sample-previous", "aria-label": "Previous sample", onclick: () => move(-1) }, "‹"),
      readout,
      h("button", { type: "button", class: "small", "data-action": "sample-next", "aria-label": "Next sample", onclick: () => move(1) }, "›"),
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
      write(readout, state.sample === "batch" ? `batch of ${state.frame?.batch?.size ?? "…"}` : `${state.sample}${truth(state)}`);
      set(readout, { "aria-label": state.sample === "batch" ? "whole batch" : `sample ${readout.textContent}`, title: state.sample === "batch" ? "The samples that the next update uses" : `Training sample ${readout.textContent}` });
    },
  });
}

function truth({ sample, data }) {
  const target = data?.train.target[sample];
  if (target === undefined) return "";
  return data.task === "classification" ? ` · ${data.classes[target] ?? target}` : ` · ${number(target, 3)}`;
}

