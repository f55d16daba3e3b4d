/** The network figure. */

import { number } from "../core/format.js";
import { quantityVeiled } from "../core/veil.js";
import { geometry, modeOf } from "../figures/geometry.js";
import { cellShapes, edgeShapes, numberShapes, unitShapes } from "../figures/network.js";
import { coloursOf, networkFigure } from "../figures/network-figure.js";
import {
  captionShapes,
  headsOf,
  labelShapes,
  letterOf,
  sideRoom,
} from "../figures/network-labels.js";
import { paintShapes } from "../figures/shapes.js";
import { picturedUnits, pictureGeometry } from "../figures/templates.js";
import {
  awaitsNumbers,
  edgeQuantity,
  shownEdges,
  shownNeurons,
  sizesOf,
  valuesOf,
} from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { createCanvas } from "../ui/canvas.js";
import { figure, set, slot } from "../ui/dom.js";
import { createPlot } from "../ui/plot.js";
import { palette } from "../ui/theme.js";
import { mountNetworkPointer } from "./network-pointer.js";
import { createShapes } from "./network-texts.js";
import { createOutputCard } from "./output-card.js";
import { spokenQuantity } from "./quantities.js";
import { mountStageBar } from "./stage-bar.js";
import { createTemplates } from "./templates.js";
import { createUnitResponses, haveResponses } from "./unit-responses.js";

/**
 * `geometry` is null before the first drawing; `onPlaced` is called with each new one.
 * @typedef {{geometry: () => Geometry | null, onPlaced: (run: (places: Geometry) => void) => void}}
 *   Stage
 */

/** Edges of which nothing may be shown have no numbers. @param {State} state */
const shownValues = (state) => ({
  layers: shownNeurons(state),
  edges: shownEdges(state).map((edges) => edges ?? { data: [] }),
});

/** @param {Pick<Services, "store" | "painter" | "session"> & Plots} services @returns {Stage} */
export function mountStage({ store, painter, session, Plotly }) {
  const box = figure("network");
  const plot = createPlot(Plotly, box, () => painter.redraw("network"));
  const canvas = createCanvas(box, "edges");
  const overlay = slot("overlay");
  const [drawGrounds, drawNumbers, drawCaptions, drawLabels] = [
    ...["pills", "numbers", "captions", "over-labels"],
  ].map((name) => createShapes(overlay, name));
  const responses = createUnitResponses();
  const templates = createTemplates({ store, session, painter });
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
        : geometry(
            sizes,
            width,
            height,
            sideRoom(sizes, state.data, layers, letter),
            (across) => headsOf(sizes, across, layers, letter),
            tiles,
          );
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
