/**
 * Marks over the network: what the current line reads and writes, what is chosen, what is pointed
 * at. When the line changes, dots move once from what is read to what is written.
 */

import { elementOf, elementsOf, exists, neuron, parseElement } from "../core/elements.js";
import { reads } from "../core/entries.js";
import { lineOf, shapeOfInput } from "../core/trace.js";
import { networkLabels } from "../figures/network-labels.js";
import { s, slot } from "../ui/dom.js";

const DURATION = 240;
const MOST_DOTS = 160;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @typedef {import("../state/store.js").State} State */
/** @typedef {import("../core/wire.js").Line} Line */
/** @typedef {import("../core/wire.js").Trace} Trace */
/** @typedef {import("../core/elements.js").Context} Context */
/** @typedef {import("../figures/geometry.js").Geometry} Geometry */
/** @typedef {import("../figures/geometry.js").MapsGeometry} MapsGeometry */
/** @typedef {import("../figures/geometry.js").Shape} Shape */
/** @typedef {{reads: string[], writes: string[]}} Touched elements */

/**
 * @param {Shape} shape
 * @param {Record<string, string>} attributes
 * @param {number} [grow] pixels that a circle is larger than the neuron
 */
function mark(shape, attributes, grow = 0) {
  if (shape.kind === "circle")
    return s("circle", { cx: shape.x, cy: shape.y, r: shape.r + grow, ...attributes });
  if (shape.kind === "segment")
    return s("line", { x1: shape.x1, y1: shape.y1, x2: shape.x2, y2: shape.y2, ...attributes });
  return s("rect", {
    x: shape.x - 1,
    y: shape.y - 1,
    width: shape.width + 2,
    height: shape.height + 2,
    ...attributes,
  });
}

/**
 * Elements of the network figure that show a variable of the line.
 * @param {string} variable
 * @param {number[]} shape
 * @param {Context} context
 */
function elementsOfVariable(variable, shape, context) {
  return elementsOf(
    variable,
    shape.map(() => null),
    shape,
    context,
  );
}

/**
 * @param {Pick<import("./services.js").Services, "store" | "painter">} services
 * @param {import("./stage.js").Stage} stage
 */
export function mountOverlay({ store, painter }, stage) {
  const svg = slot("overlay");
  const layers = ["labels", "line", "chosen", "pointed", "dots"].map((name) =>
    svg.appendChild(s("g", { class: `marks-${name}` })),
  );
  const [labels, lineMarks, chosenMarks, pointedMarks, dots] = layers;
  stage.onPlaced((places) => {
    const { data, frame } = store.state;
    labels.replaceChildren(
      ...networkLabels(places, frame.layers, data).map(({ x, y, text, kind }) => {
        const label = s("text", { x, y, class: `label label-${kind}` });
        label.textContent = text;
        return label;
      }),
    );
    painter.redraw("overlay");
  });

  painter.add({
    name: "overlay",
    fields: ["line", "trace", "selection", "hover", "hoverEntry", "entry", "frame", "experiment"],
    reads: ["playing"],
    every: 120,
    draw(state, changed) {
      const places = stage.geometry();
      for (const layer of layers.slice(1, 4)) layer.replaceChildren();
      if (!places || !state.frame) return;
      const depth = state.frame.layers.length;
      const context = { convention: state.trace?.convention ?? state.convention, depth };
      /**
       * @param {Element} layer
       * @param {string[]} elements
       * @param {string} name
       * @param {number} grow
       */
      const put = (layer, elements, name, grow) => {
        for (const element of elements) {
          const shape = places.shapeOf(element);
          if (shape && exists(element, places.sizes))
            layer.append(mark(shape, { class: name }, grow));
        }
      };
      const line = lineOf(state.trace, state.line);
      if (line) {
        svg.dataset.phase = line.phase;
        const touched = touchedBy(line, state.trace, context);
        if (!state.playing && places.mode === "graph") {
          put(lineMarks, touched.reads, "reads", 3);
          put(lineMarks, touched.writes, "writes", 4);
        } else if (places.mode === "maps") boxes(lineMarks, touched, places);
        if (changed.has("line") && !changed.has("start") && !state.playing && !still.matches)
          pulse(dots, touched, places);
        pointedEntry(line, state, context, (elements, name) =>
          put(pointedMarks, elements, name, 3),
        );
      }
      if (state.selection) put(chosenMarks, [state.selection], "chosen", 3);
      if (state.hover) put(pointedMarks, [state.hover], "pointed", 3);
    },
  });
}

/** @param {Line} line @param {Trace} trace @param {Context} context @returns {Touched} */
function touchedBy(line, trace, context) {
  const reads = line.inputs.flatMap((id) =>
    elementsOfVariable(id, shapeOfInput(trace, id), context),
  );
  const writes = line.id === "C" ? [] : elementsOfVariable(line.id, line.shape, context);
  const written = new Set(writes);
  return { reads: [...new Set(reads)].filter((element) => !written.has(element)), writes };
}

/**
 * In heat maps whole strips and maps are framed, not each cell.
 * @param {Element} layer
 * @param {Touched} touched
 * @param {MapsGeometry} places
 */
function boxes(layer, { reads, writes }, places) {
  const framed = new Set();
  /** @param {string[]} elements @param {string} name */
  const frame = (elements, name) => {
    for (const element of elements) {
      const e = parseElement(element);
      const key = `${e?.kind}${e?.layer}`;
      if (!e || framed.has(key)) continue;
      framed.add(key);
      const box = e.kind === "neuron" ? places.strips[e.layer] : places.maps[e.layer - 1];
      if (box) layer.append(mark({ ...box, kind: "box" }, { class: name }));
    }
  };
  frame(writes, "writes");
  frame(reads, "reads");
}

/**
 * The entry of a matrix that is pointed at: itself, and the entries it is computed from.
 * @param {Line} line
 * @param {State} state
 * @param {Context} context
 * @param {(elements: string[], name: string) => void} put
 */
function pointedEntry(line, state, context, put) {
  const pointed =
    state.hoverEntry ?? (state.entry ? { variable: line.id, index: state.entry } : null);
  if (!pointed) return;
  const element = elementOf(pointed.variable, pointed.index, context);
  if (pointed.variable === line.id) {
    reads(line, pointed.index).forEach((pattern, k) => {
      const shape = shapeOfInput(state.trace, line.inputs[k]);
      if (pattern.length === shape.length)
        put(elementsOf(line.inputs[k], pattern, shape, context), "entry-reads");
    });
  }
  if (element) put([element], "entry");
}

/**
 * The middle of an element.
 * @param {Geometry} places
 * @param {string} element
 * @returns {[number, number]}
 */
function middleOf(places, element) {
  const shape = places.shapeOf(element);
  if (!shape) return [0, 0];
  if (shape.kind === "circle") return [shape.x, shape.y];
  if (shape.kind === "segment") return [(shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2];
  return [shape.x + shape.width / 2, shape.y + shape.height / 2];
}

/**
 * Dots from what is read to what is written, once.
 * @param {Element} layer
 * @param {Touched} touched
 * @param {Geometry} places
 */
function pulse(layer, { reads, writes }, places) {
  const neurons = reads.filter((element) => element[0] === "n");
  /** @type {[[number, number], [number, number]][]} */
  const paths = [];
  for (const target of writes) {
    const to = parseElement(target);
    for (const source of neurons) {
      // an edge's gradient comes from its own two ends only
      if (
        to?.kind === "edge" &&
        source !== neuron(to.layer, to.to) &&
        source !== neuron(to.layer - 1, to.from)
      )
        continue;
      paths.push([middleOf(places, source), middleOf(places, target)]);
    }
  }
  const stride = Math.max(1, Math.ceil(paths.length / MOST_DOTS));
  for (let i = 0; i < paths.length; i += stride) {
    const [[x1, y1], [x2, y2]] = paths[i];
    const dot = s("circle", { r: 3.6, class: "dot" });
    layer.append(dot);
    const animation = dot.animate(
      [
        { transform: `translate(${x1}px, ${y1}px)`, opacity: 0.9 },
        { transform: `translate(${x2}px, ${y2}px)`, opacity: 0.9 },
      ],
      { duration: DURATION, easing: "ease-in-out" },
    );
    animation.onfinish = animation.oncancel = () => dot.remove();
  }
  if (!paths.length)
    for (const target of writes.slice(0, MOST_DOTS)) swell(layer, places.shapeOf(target));
}

/**
 * Where nothing moves (an activation, entry by entry), a ring around what is written.
 * @param {Element} layer
 * @param {Shape | null} shape
 */
function swell(layer, shape) {
  if (!shape) return;
  const ring = mark(shape, { class: "swell" }, 2);
  layer.append(ring);
  const animation = ring.animate(
    [
      { opacity: 0.9, strokeWidth: "2px" },
      { opacity: 0, strokeWidth: "14px" },
    ],
    { duration: DURATION, easing: "ease-out" },
  );
  animation.onfinish = animation.oncancel = () => ring.remove();
}
