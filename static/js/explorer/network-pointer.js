/** Pointing at and choosing neurons and edges, with the mouse and with keys. */
import { describe, edge, neuron, parseElement } from "../core/elements.js";
import { number } from "../core/format.js";
import { NOT_SHOWN, quantityVeiled } from "../core/veil.js";
import { edgesOf, sizesOf, valuesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { h, patch, set, slot, write } from "../ui/dom.js";
import { symbolOf } from "./quantities.js";

/**
 * @param {Store} store @param {HTMLElement} box of the figure @param {() => Geometry | null} places
 */
export function mountNetworkPointer(store, box, places) {
  const card = slot("value-card");
  const area = /** @type {HTMLElement} */ (box.parentElement);
  const under = (/** @type {MouseEvent} */ event) => {
    const bounds = area.getBoundingClientRect();
    return places()?.hit(event.clientX - bounds.left, event.clientY - bounds.top) ?? null;
  };
  area.addEventListener("pointermove", (event) => {
    if (document.body.classList.contains("dragging")) return;
    const hover = under(event);
    area.classList.toggle("pointing", hover !== null);
    area.classList.toggle("draggable", parseElement(hover)?.kind === "edge");
    store.set({ hover });
    if (hover) {
      const bounds = area.getBoundingClientRect();
      const x = event.clientX - bounds.left;
      card.style.left = `${Math.min(x + 14, bounds.width - 216)}px`;
      card.style.top = `${Math.max(4, event.clientY - bounds.top - 58)}px`;
    }
  });
  area.addEventListener("pointerleave", () => store.set({ hover: null }));
  /** @type {string | null} */
  let pressed = null;
  area.addEventListener("pointerdown", (event) => {
    pressed = under(event);
  });
  area.addEventListener("click", (event) => {
    const element = under(event);
    if (event.detail && element !== pressed) return; // a drag that missed its edge
    store.set({ selection: element === store.state.selection ? null : element });
  });
  // An application: a screen reader leaves the arrow keys to it.
  set(box, { tabindex: "0", role: "application", "aria-roledescription": "network" });
  box.addEventListener("keydown", (event) => {
    const { state } = store;
    const e = parseElement(state.selection);
    const into = event.key === "Enter" && e?.kind === "neuron" && e.layer > 0;
    const moved = state.frame && (into ? strongest(state, e) : neighbourOf(state, event.key));
    if (!moved) return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ selection: moved });
  });
  const tell = () => {
    const { state } = store;
    const { hover, selection, frame } = store.state;
    card.hidden = !hover || !frame;
    if (hover && frame) patch(card, readingOf(store.state, hover));
    if (state.frame && selection && document.activeElement === box)
      write(
        slot("announce"),
        `${describe(selection, state.data.features)}: ${readingOf(state, selection)
          .slice(1)
          .map((line) => line.textContent)
          .join(" ")}`,
      );
  };
  store.on(["hover", "frame", "selection"], tell);
}

/** The largest weight of a unit. @param {State} state @param {{layer: number, unit: number}} of */
function strongest({ frame }, { layer, unit }) {
  const { W, units } = frame.layers[layer - 1];
  const sizes = Array.from({ length: W.data.length / units }, (_, from) =>
    Math.abs(W.data[from * units + unit]),
  );
  return edge(layer, sizes.indexOf(Math.max(...sizes)), unit);
}

/** @type {Record<string, number[]>} layer and unit */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The neuron next to the chosen one in the direction of an arrow key, of an edge the next one of
 * the same unit or the neuron at its end; null for another key.
 * @param {State} state @param {string} key
 */
export function neighbourOf(state, key) {
  const step = ARROWS[key];
  if (!step || !state.frame) return null;
  const sizes = sizesOf(state);
  const e = parseElement(state.selection);
  const [layer, unit] = !e
    ? [0, 0]
    : e.kind === "neuron"
      ? [e.layer + step[0], e.unit + step[1]]
      : step[0] < 0
        ? [e.layer - 1, e.from]
        : [e.layer, e.to];
  if (e?.kind === "edge" && step[1])
    return edge(e.layer, Math.max(0, Math.min(sizes[e.layer - 1] - 1, e.from + step[1])), e.to);
  if (layer < 0 || layer >= sizes.length) return state.selection;
  return neuron(layer, Math.max(0, Math.min(sizes[layer] - 1, unit)));
}

/**
 * Name and numbers of an element.
 * @param {State} state @param {string} element @returns {HTMLElement[]}
 */
function readingOf(state, element) {
  const e = parseElement(element);
  const sizes = sizesOf(state);
  const lines = [h("strong", describe(element, state.data.features))];
  if (!e) return lines;
  const isVeiled = (/** @type {string} */ quantity) => quantityVeiled(state, quantity, e.layer);
  /** @param {string} name @param {number | null | undefined} value @param {boolean} [veil] */
  const row = (name, value, veil = false) => {
    const symbol = h("span.math", name);
    if (veil) lines.push(h("span", { title: NOT_SHOWN }, symbol, " = ?"));
    else if (value !== undefined && value !== null)
      lines.push(h("span", symbol, ` = ${number(value)}`));
  };
  if (e.kind === "edge") {
    const layer = state.frame.layers[e.layer - 1];
    if (!layer || e.to >= sizes[e.layer] || e.from >= sizes[e.layer - 1]) return lines;
    const k = e.from * layer.units + e.to;
    row("𝑊", layer.W?.data[k]);
    row("∂𝐶/∂𝑊", edgesOf(state, "dC_dW")[e.layer - 1]?.data[k], isVeiled("dC_dW"));
    if (!state.first && !state.veil) lines.push(h("span.soft", TEXT.hold.hint));
  } else if (e.layer === 0) row("𝑥", valuesOf(state, "x", null)?.[e.unit]);
  else {
    for (const name of ["z", "a", "dC_da", "dC_dz"])
      row(symbolOf(name), valuesOf(state, name, e.layer)?.[e.unit], isVeiled(name));
    row("𝑏", valuesOf(state, "b", e.layer)?.[e.unit]);
  }
  return lines;
}
