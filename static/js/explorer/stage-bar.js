/** Above the network: which quantities it shows, and the sample. */

import { number } from "../core/format.js";
import { moveSample } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, set, slot, write } from "../ui/dom.js";

const NEURONS = [
  { value: "line", text: TEXT.stage.line, title: TEXT.stage.aboutLine },
  { value: "a", text: "𝑎", title: TEXT.stage.activation, math: true },
  { value: "z", text: "𝑧", title: TEXT.stage.weightedSum, math: true },
  { value: "dC_da", text: "∂𝐶/∂𝑎", title: TEXT.stage.gradientOfA, math: true },
  { value: "dC_dz", text: "∂𝐶/∂𝑧", title: TEXT.stage.gradientOfZ, math: true },
];
const EDGES = [
  { value: "line", text: TEXT.stage.line, title: TEXT.stage.aboutLine },
  { value: "W", text: "𝑊", title: TEXT.stage.weights, math: true },
  { value: "dC_dW", text: "∂𝐶/∂𝑊", title: TEXT.stage.gradientOfW, math: true },
];
/** @param {Store} store @param {Painter} painter */
export function mountStageBar(store, painter) {
  const neurons = choice(
    TEXT.stage.neuronsShow,
    NEURONS,
    (value) => store.set({ neurons: value }),
    { "data-control": "neurons" },
  );
  const edges = choice(TEXT.stage.edgesShow, EDGES, (value) => store.set({ edges: value }), {
    "data-control": "edges",
  });
  const readout = h("output.sample-name[data-readout=sample]");
  slot("stage-bar").append(
    h("label.picker.soft.side-by-side", h("span", TEXT.stage.neuronsLabel), neurons.element),
    h("label.picker.soft.side-by-side", h("span", TEXT.stage.edgesLabel), edges.element),
    h(
      "div.sample.side-by-side[role=group]",
      { "aria-label": TEXT.stage.sample },
      h("span.soft[aria-hidden=true]", TEXT.stage.sampleLabel),
      button("sample-previous.small", "‹", () => moveSample(store, -1), {
        "aria-label": TEXT.stage.previousSample,
      }),
      readout,
      button("sample-next.small", "›", () => moveSample(store, 1), {
        "aria-label": TEXT.stage.nextSample,
      }),
    ),
  );
  painter.add("stage-bar", 0, (state) => {
    neurons.show(state.neurons);
    edges.show(state.edges);
    write(
      readout,
      state.sample === "batch"
        ? TEXT.stage.batchOf(state.frame?.batch?.size ?? "…")
        : `${state.sample}${truth(state)}`,
    );
    set(readout, {
      "aria-label":
        state.sample === "batch"
          ? TEXT.stage.wholeBatch
          : TEXT.stage.sampleNamed(readout.textContent),
      title:
        state.sample === "batch"
          ? TEXT.stage.samplesOfUpdate
          : TEXT.stage.trainingSample(readout.textContent),
    });
  });
}

/** The target of the sample. @param {Page} state */
function truth({ sample, data }) {
  const target = sample === "batch" ? undefined : data?.train.target[sample];
  if (!data || target === undefined) return "";
  return data.task === "classification"
    ? ` · ${data.classes[target] ?? target}`
    : ` · ${number(target, 3)}`;
}
