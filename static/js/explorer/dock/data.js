/**
 * Data and prediction; of images the chosen one, unless the plane is chosen. A click chooses the
 * nearest training sample.
 */
import { classesSaid } from "../../core/dense.js";
import { number } from "../../core/format.js";
import { outputVeiled } from "../../core/veil.js";
import {
  CURVE,
  dataFigure as figureOf,
  predictionUpdate,
  ringed,
  ringUpdate,
} from "../../figures/data.js";
import { into, lineShape, planeOf } from "../../figures/plane.js";
import { onlyRun } from "../../state/paint.js";
import { chooseSample } from "../../state/samples.js";
import { TEXT } from "../../text/en.js";
import { h, s, set, write } from "../../ui/dom.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { createShapes } from "../drawn-shapes.js";
import { greyPixels } from "../templates.js";
import { showsImage, writeDataTools } from "./data-tools.js";
import { clearIfVeiled, onParts, plotBox } from "./plots.js";

const NAME = "data";
const REGION = 1; // of the images
const REACH = 14; // pixels between a click and a point

/**
 * The training sample nearest to a click, also where a test point lies over it.
 * @param {PlotElement} box @param {MouseEvent} event @returns {number | null}
 */
function sampleAt(box, event) {
  const { xaxis, yaxis } = box._fullLayout ?? {};
  if (!xaxis) return null;
  const bounds = box.getBoundingClientRect();
  const x = event.clientX - bounds.left - xaxis._offset;
  const y = event.clientY - bounds.top - yaxis._offset;
  let nearest = REACH;
  /** @type {number | null} */
  let sample = null;
  for (const trace of (box.data ?? []).filter(({ meta }) => meta === "train")) {
    trace.x.forEach((/** @type {number} */ value, /** @type {number} */ i) => {
      const distance = Math.hypot(xaxis.c2p(value) - x, yaxis.c2p(trace.y[i]) - y);
      if (distance < nearest) [nearest, sample] = [distance, trace.customdata[i]];
    });
  }
  return sample;
}

/** What a screen reader says of the points. @param {State} state */
function spokenPoints({ data, frame: { step, score } }) {
  const test = data.test.x.length ? TEXT.figures.andTestPoints(data.test.x.length) : "";
  const said = score ? `; ${score.name} ${onParts(score, data)}` : "";
  return TEXT.figures.points(data.train.x.length, test, step, said);
}

/** @param {Place} place @param {FigureServices} services */
export function mountData({ section, tools }, { store, painter, session, Plotly }) {
  const box = section.appendChild(plotBox(NAME));
  const pictures = createSamplePictures(store);
  section.append(pictures.element);
  // the border as it is, and before a number was held
  const borders = section.appendChild(s("svg.borders[aria-hidden=true]"));
  const [drawWas, drawNow] = ["was", "now"].map((name) => createShapes(borders, name));
  const plot = createPlot(Plotly, box, () => painter.redraw(NAME));
  // of what is drawn: while it is the same, only the prediction and the ring have moved
  let key = "";
  /** @type {Boundary | null} */
  let drawn = null;
  /** @type {number | "batch" | null} */
  let around = null; // the sample with the ring
  /** @type {unknown[]} what the tools are of */
  let tooled = [];

  box.addEventListener("click", (event) => {
    const { state } = store;
    if (!state.data || showsImage(state) || outputVeiled(state)) return;
    const sample = sampleAt(box, event);
    if (sample !== null) chooseSample(store, sample);
  });

  /** @param {State} state @param {Boundary} boundary */
  function drawPoints(state, boundary) {
    const { frame, data, sample } = state;
    const { width, height } = plot.size();
    const rings =
      sample === "batch" ? `batch ${state.playing ? "" : frame.step}` : ringed(data, sample);
    const now = [
      state.experiment.id,
      rings,
      boundary.axes,
      boundary.kind,
      width,
      height,
      document.documentElement.dataset.theme,
    ].join("|");
    if (now !== key) {
      const batch = frame.batch?.rows ?? [];
      plot.draw(figureOf(data, boundary, palette(), { width, height, sample, batch }));
    } else {
      const { restyle, source } =
        boundary === drawn ? {} : predictionUpdate(boundary, palette(), data);
      if (restyle) plot.restyle(restyle, [CURVE]);
      if (source) plot.repaint(REGION, source);
      const moved = sample === around ? {} : ringUpdate(data, sample, boundary);
      if (Object.keys(moved).length) plot.relayout(moved);
    }
    [key, drawn, around] = [now, boundary, sample];
    set(box, { "aria-label": spokenPoints(state) });
  }

  /** @param {State} state @param {Set<string>} changed */
  function drawBorders(state, changed) {
    const { held, frame, veil, data } = state;
    const { _size: size } = /** @type {PlotElement} */ (box)._fullLayout ?? {};
    const shown = held?.layer != null && !veil && size && frame.boundary?.kind !== "classes";
    /** @param {Boundary} boundary @param {string} style @returns {Shape} */
    const line = (boundary, style) => {
      const inside = { x: 0, y: 0, w: size.w, h: size.h };
      return {
        ...lineShape(boundary, palette(), into(inside, planeOf(data, boundary).ranges)),
        style,
      };
    };
    if (!onlyRun(state, changed)) {
      set(borders, { hidden: shown ? null : true });
      if (!shown) return;
      const [left, top] = [box.offsetLeft + size.l, box.offsetTop + size.t];
      Object.assign(borders.style, { left: `${left}px`, top: `${top}px` });
      set(borders, { width: size.w, height: size.h });
      const { boundary } = held.before.frame;
      if (boundary)
        drawWas([
          line(boundary, "border-was"),
          { kind: "text", text: TEXT.hold.thinBefore, x: 6, y: 14 },
        ]);
    }
    if (shown && frame.boundary) drawNow([line(frame.boundary, "border-now")]);
  }

  function writeToolsOnce(/** @type {State} */ state) {
    const now = [state.data, state.axes, state.view];
    if (now.some((each, k) => each !== tooled[k])) writeDataTools(tools, state, { store, session });
    tooled = now;
  }

  painter.add(NAME, 90, (state, changed) => {
    const { frame, data } = state;
    if (!frame || !data) return;
    const image = showsImage(state) && !outputVeiled(state);
    [box.hidden, pictures.element.hidden] = [image, !image];
    if (image) {
      writeToolsOnce(state);
      set(borders, { hidden: true });
      return pictures.draw(state);
    }
    if (!plot.visible) return;
    if (data !== tooled[0]) key = ""; // points have moved
    writeToolsOnce(state);
    if (clearIfVeiled(box, plot, outputVeiled(state))) key = "";
    else if (frame.boundary) drawPoints(state, frame.boundary);
    drawBorders(state, changed);
  });
}

const MOST = 40;

function createSamplePictures(/** @type {Store} */ store) {
  const element = h("div.sample-pictures[data-slot=pictures][hidden]");
  const items = Array.from({ length: MOST }, (_, k) => {
    const canvas = h("canvas[aria-hidden=true]");
    const said = h("span");
    const caption = h("span", h("span.word", TEXT.templates.says), said);
    const item = h(
      "button.sample-picture",
      { onclick: () => chooseSample(store, first + k) },
      canvas,
      caption,
    );
    return { item, canvas, said };
  });
  element.append(...items.map(({ item }) => item));
  let first = 0;
  let key = "";

  return {
    element,
    draw(/** @type {State} */ { data, frame, trace, sample }) {
      const { x, target } = data.train;
      if (typeof sample === "number") first = MOST * Math.floor(sample / MOST);
      const rows = x.slice(first, first + MOST);
      const image = data.image_shape ?? [1, 1];
      const now = [first, document.documentElement.dataset.theme, palette().ink, x.length].join();
      const said = trace && classesSaid(trace, frame.layers, rows);
      items.forEach(({ item, canvas, said: caption }, k) => {
        item.hidden = k >= rows.length;
        if (item.hidden) return;
        if (now !== key) {
          [canvas.width, canvas.height] = [image[1], image[0]];
          const pixels = greyPixels(image, rows[k], data, palette());
          canvas.getContext("2d")?.putImageData(pixels, 0, 0);
        }
        const predicted = said?.[k];
        const [name, truth] = [predicted, target[first + k]].map((each) =>
          String(data.classes[each ?? -1] ?? ""),
        );
        write(caption, predicted === undefined ? "" : name);
        const words = TEXT.templates.picture(first + k, truth, name);
        set(item, {
          ...{ "data-sample": first + k, "aria-label": words, title: words },
          "data-wrong": predicted !== undefined && predicted !== target[first + k],
          "aria-pressed": String(sample === first + k),
        });
      });
      key = now;
    },
  };
}
