/** Above the network: which quantities it shows, and the sample. */
import { number } from "../core/format.js";
import { choice, h, set, slot, write } from "../ui/dom.js";

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
/**
 * @param {import("../state/store.js").Store} store
 * @param {import("../state/paint.js").Painter} painter
 */
export function mountStageBar(store, painter) {
  const neurons = choice("Neurons show", NEURONS, (value) => store.set({ neurons: value }), {
    "data-control": "neurons",
  });
  const edges = choice("Edges show", EDGES, (value) => store.set({ edges: value }), {
    "data-control": "edges",
  });
  const readout = h("output", { "data-readout": "sample", class: "sample-name" });
  /** @param {number} by samples */
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

/** The target of the sample. @param {import("../state/store.js").State} state */
function truth({ sample, data }) {
  const target = sample === "batch" ? undefined : data?.train.target[sample];
  if (target === undefined) return "";
  return data.task === "classification"
    ? ` · ${data.classes[target] ?? target}`
    : ` · ${number(target, 3)}`;
}
