/** The network figure. */
import { number } from "../core/format.js";
import { idOf, named, nameOf } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { costVeiled, outputVeiled, quantityVeiled } from "../core/veil.js";
import { modeOf } from "../figures/geometry.js";
import { cellShapes, edgeShapes, numberShapes, unitShapes } from "../figures/network.js";
import { coloursOf, networkFigure } from "../figures/network-figure.js";
import {
  captionShapes,
  labelledGeometry,
  labelShapes,
  letterOf,
} from "../figures/network-labels.js";
import { paintShapes } from "../figures/shapes.js";
import { picturedUnits, pictureGeometry } from "../figures/templates.js";
import { moveSample } from "../state/samples.js";
import { awaitsNumbers, edgeQuantity, shownValues, sizesOf, valuesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { createCanvas } from "../ui/canvas.js";
import { button, choice, figure, h, set, slot, write } from "../ui/dom.js";
import { createPlot } from "../ui/plot.js";
import { palette } from "../ui/theme.js";
import { createShapes } from "./drawn-shapes.js";
import { mountNetworkPointer } from "./network-pointer.js";
import { spokenQuantity } from "./quantities.js";
import { createTemplates } from "./templates.js";
import { createUnitResponses, haveResponses } from "./unit-responses.js";

/** @param {Services & Plots} services @returns {Stage} */
export function mountStage(services) {
  const { store, painter, Plotly } = services;
  const box = figure("network");
  const plot = createPlot(Plotly, box, () => painter.redraw("network"));
  const canvas = createCanvas(box, "edges");
  const overlay = slot("overlay");
  const [drawGrounds, drawNumbers, drawCaptions, drawLabels] = [
    ...["pills", "numbers", "captions", "over-labels"],
  ].map((name) => createShapes(overlay, name));
  const responses = createUnitResponses();
  const templates = createTemplates(services);
  const output = createOutputCard(/** @type {HTMLElement} */ (box.parentElement));
  /** @type {Geometry | null} */
  let places = null;
  /** @type {((places: Geometry) => void)[]} */
  const listeners = [];
  let drawnKey = "";

  mountStageBar(store, painter); // drawn first: its height is the figure's, too
  painter.add("network", 0, draw, ["sample"]); // the frame of another one follows
  function draw(/** @type {Page} */ state) {
    if (!state.frame || !state.data || !plot.visible || (places && awaitsNumbers(state))) return;
    const { width, height } = plot.size();
    const sizes = sizesOf(state);
    const values = shownValues(state);
    const units = picturedUnits(state, values.layers[1]?.values ?? null);
    const tiles = haveResponses(state) && modeOf(sizes) === "graph";
    const key = [
      sizes,
      state.frame.layers.map((l) => l.activation),
      width,
      height,
      document.documentElement.dataset.theme,
      state.data.features.join(),
      tiles,
      units,
    ].join("|");
    if (key !== drawnKey || !places) {
      const { layers } = state.frame;
      const letter = letterOf(innerWidth);
      const image = state.data.image_shape ?? [];
      places = units
        ? pictureGeometry(sizes, image, units, width, height)
        : labelledGeometry(sizes, state, { width, height, tiles, letter });
      drawLabels(labelShapes(places, layers, state.data, palette(), letter));
      const shapes =
        places.mode === "graph"
          ? unitShapes(values, places, palette())
          : places.mode === "heat"
            ? cellShapes(values, places, palette())
            : [];
      plot.draw(networkFigure(shapes, places, palette()));
      drawnKey = key;
      for (const run of listeners) run(places);
    } else if (places.mode === "heat") {
      const z = cellShapes(values, places, palette()).map(({ rows }) => rows);
      plot.restyle({ z }, [...z.keys()]);
    } else if (places.mode === "graph" && (!tiles || !state.playing))
      // under the responses only those of layers that are not computed yet can be seen
      plot.recolour(coloursOf(unitShapes(values, places, palette())));
    const context = canvas.clear(width, height);
    if (places.mode === "graph") paintShapes(context, edgeShapes(values, places, palette()));
    const { grounds, numbers } = numberShapes(values, places, palette());
    drawGrounds(grounds);
    drawNumbers(numbers);
    drawCaptions(captionShapes(places, values.layers, palette()));
    if (tiles) responses.draw(state, places, values.layers);
    else responses.clear(places);
    if (places.mode === "pictures") templates.draw(places, values);
    else templates.hide(null);
    output.draw(state, places, values.layers);
    set(box, { "aria-label": spoken(state, sizes, values.layers) });
  }

  mountNetworkPointer(store, box, () => places);
  return { geometry: () => places, onPlaced: (run) => listeners.push(run) };
}

/**
 * What a screen reader says of the figure.
 * @param {State} state @param {number[]} sizes @param {Shown[]} layers
 */
function spoken(state, sizes, layers) {
  const { role, quantity: shown } = layers[layers.length - 1];
  // the output is computed by a later line
  const before = role === "pending" || (role === "writes" && shown === "z");
  const output =
    before || quantityVeiled(state, "a", sizes.length - 1)
      ? null
      : valuesOf(state, "a", sizes.length - 1);
  const said =
    output && output.length <= 4
      ? TEXT.stage.output(Array.from(output, (v) => number(v, 3)).join(", "))
      : "";
  const names = [
    ...new Set(
      layers
        .slice(1)
        .flatMap(({ variable }) =>
          variable ? [spokenQuantity(variable.quantity) ?? variable.spoken] : [],
        ),
    ),
  ];
  return TEXT.stage.networkNow(
    sizes.join("-"),
    state.frame.step,
    names.join(", ") || TEXT.stage.nothingYet,
    spokenQuantity(edgeQuantity(state)),
    said,
  );
}

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
function mountStageBar(store, painter) {
  const neurons = choice(
    TEXT.stage.neuronsShow,
    NEURONS,
    (value) => store.set({ neurons: value }),
    { "data-control": "neurons" },
  );
  const edges = choice(TEXT.stage.edgesShow, EDGES, (value) => store.set({ edges: value }), {
    "data-control": "edges",
  });
  const readout = h("output.sample-name.shortened[data-readout=sample]");
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
    const batch = state.sample === "batch";
    const size = state.frame?.batch?.size ?? "…";
    write(readout, batch ? TEXT.stage.batchOf(size) : `${state.sample}${truth(state)}`);
    const said = readout.textContent;
    set(readout, {
      "aria-label": batch ? TEXT.stage.wholeBatch : TEXT.stage.sampleNamed(said),
      title: batch ? TEXT.stage.samplesOfUpdate : TEXT.stage.trainingSample(said),
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

const LEAST = 24; // half a side of a unit beside which there is room

/** The number of the sample's target; null where there is none. @param {State} state */
function targetOf({ sample, data }) {
  const target = sample === "batch" ? undefined : data.train.target[sample];
  return target === undefined ? null : Array.isArray(target) ? target[0] : target;
}

function createOutputCard(/** @type {HTMLElement} */ area) {
  const names = [h("span.math"), h("span.math", "𝑦")];
  const values = [h("strong"), h("strong")];
  const cells = names.map((name, k) => h("span.output-cell", name, values[k]));
  const cost = h("span.output-cost[data-phase=cost]");
  const was = h("span.soft");
  const element = h(
    "div.output-card.smaller.unbroken[aria-hidden=true][hidden]",
    h("div.output-cells", cells),
    cost,
    was,
  );
  area.append(element);

  return {
    /** @param {State} state @param {Geometry} places @param {Shown[]} layers */
    draw(state, places, layers) {
      const { sizes, tiles, radius } = places;
      const last = sizes.length - 1;
      const target = targetOf(state);
      element.hidden =
        !tiles ||
        sizes[last] !== 1 ||
        radius < (state.first ? LEAST / 2 : LEAST) ||
        target === null;
      if (element.hidden || target === null) return;
      const { x, y } = places.center(last, 0);
      element.style.left = `${x}px`;
      element.style.top = `${y + radius + 22}px`;
      const { role, quantity } = layers[last];
      const before = role === "pending" || (role === "writes" && quantity === "z");
      const veiled = outputVeiled(state);
      const output = before || veiled ? null : (valuesOf(state, "a", last)?.[0] ?? null);
      const said = state.first
        ? [TEXT.first.itSays, TEXT.first.itShouldSay]
        : [nameOf(named(idOf("a", last))), nameOf(named("y"))];
      for (const [k, name] of names.entries()) write(name, said[k]);
      write(values[0], veiled ? "?" : output === null ? TEXT.stage.notYet : number(output));
      write(values[1], number(target));
      const classes = state.data.task === "classification";
      set(cells[0], {
        "data-of-class": classes && output !== null ? String(+(output >= 0.5)) : null,
      });
      set(cells[1], { "data-of-class": classes ? String(target) : null });
      const line = lineOf(state.trace, "C");
      const reached = state.trace?.lines.findIndex(({ id }) => id === state.line);
      const known = line && (state.held !== null || reached >= state.trace.lines.indexOf(line));
      const value = known && !costVeiled(state) ? variable(state.trace, "C")?.value : null;
      write(cost, value === null || value === undefined ? "" : TEXT.stage.costIs(number(value)));
      const old =
        state.held && value !== null ? variable(state.held.before.trace, "C")?.value : null;
      write(was, typeof old === "number" ? TEXT.hold.was(number(old)) : "");
    },
  };
}
