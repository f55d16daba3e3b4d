/**
 * Outlines over the network: what the current line reads and writes, what is chosen, what the
 * pointer is on. When the line changes, pulses move once from what is read to what is written, see
 * pulse.js.
 */

import { elementOf, elementsOf, exists, parseElement } from "../core/elements.js";
import { reads } from "../core/entries.js";
import { lineOf, variable } from "../core/trace.js";
import { carryTime, PACES } from "../core/walk.js";
import { outline } from "../figures/shapes.js";
import { onlyRun } from "../state/paint.js";
import { s, slot, still } from "../ui/dom.js";
import { createShapes } from "./drawn-shapes.js";
import { arrow, BRIEF, pulse } from "./pulse.js";

/** @typedef {{reads: string[], writes: string[]}} Touched elements */

/**
 * Elements of the network figure that show a variable of the line.
 * @param {Given | undefined} array @param {number} depth
 */
const allOf = (array, depth) => elementsOf(array, array?.shape.map(() => null) ?? [], depth);

/** @param {Services} services @param {Stage} stage */
export function mountOverlay({ painter }, stage) {
  const svg = slot("overlay");
  const [drawLine, drawChosen, drawPointed] = ["line", "chosen", "pointed"].map((name) =>
    createShapes(svg, `over-${name}`),
  );
  const dots = svg.appendChild(s("g.over-dots"));
  svg.prepend(svg.querySelector(".over-line")); // below the numbers
  stage.onPlaced(() => painter.redraw("overlay"));

  painter.add("overlay", 120, (state, changed) => {
    if (onlyRun(state, changed)) return; // outlines are of places, not of numbers
    const places = stage.geometry();
    if (!places || !state.frame) return;
    const depth = state.frame.layers.length;
    /** @param {string[]} elements @param {string} name @param {number} grow @returns {Shape[]} */
    const around = (elements, name, grow) =>
      elements.flatMap((element) => {
        const shape = exists(element, places.sizes) ? places.shapeOf(element) : null;
        return shape ? [{ ...outline(shape, name, grow), data: { "data-element": element } }] : [];
      });
    const line = lineOf(state.trace, state.line);
    const pointed = line ? pointedEntry(line, state, depth) : [];
    const touched = line ? touchedBy(line, state.trace, depth) : { reads: [], writes: [] };
    if (line) {
      svg.dataset.phase = line.phase;
      if (changed.has("line") && !changed.has("start") && !state.playing && !still()) {
        const duration = state.walking ? carryTime(PACES[state.walkPace]) : BRIEF;
        pulse(dots, state, line, touched.writes, places, duration);
      }
    }
    drawLine(
      places.mode === "heat"
        ? boxes(touched, places)
        : state.playing || places.mode !== "graph"
          ? []
          : [
              ...around(touched.reads, "reads", places.tiles ? 1 : 3),
              ...around(touched.writes, "writes", places.tiles ? 2 : 4),
              ...arrow(touched, places),
            ],
    );
    drawChosen(around(state.selection ? [state.selection] : [], "chosen", 3));
    drawPointed([
      ...pointed.flatMap(({ elements, name }) => around(elements, name, 3)),
      ...around(state.hover ? [state.hover] : [], "pointed", 3),
    ]);
  });
}

/** @param {Line} line @param {Trace} trace @param {number} depth @returns {Touched} */
function touchedBy(line, trace, depth) {
  const reads = line.inputs.flatMap((id) => allOf(variable(trace, id), depth));
  const writes = allOf(line, depth);
  const written = new Set(writes);
  return { reads: [...new Set(reads)].filter((element) => !written.has(element)), writes };
}

/**
 * In heat maps whole strips and matrices are framed, not each cell.
 * @param {Touched} touched @param {HeatGeometry} places @returns {Shape[]}
 */
function boxes({ reads, writes }, places) {
  const framed = new Set();
  /** @param {string[]} elements @param {string} name */
  const frame = (elements, name) =>
    elements.flatMap((element) => {
      const e = parseElement(element);
      const key = `${e?.kind}${e?.layer}`;
      if (!e || framed.has(key)) return [];
      framed.add(key);
      const box = e.kind === "neuron" ? places.strips[e.layer] : places.matrices[e.layer - 1];
      return box ? [outline({ ...box, kind: "rect" }, name)] : [];
    });
  return [...frame(writes, "writes"), ...frame(reads, "reads")];
}

/**
 * The entry of a matrix that is pointed at: itself, and the entries it is computed from.
 * @param {Line} line @param {State} state @param {number} depth
 * @returns {{elements: string[], name: string}[]}
 */
function pointedEntry(line, state, depth) {
  const pointed =
    state.hoverEntry ?? (state.entry ? { variable: line.id, index: state.entry } : null);
  if (!pointed) return [];
  const element = elementOf(variable(state.trace, pointed.variable), pointed.index, depth);
  const read = pointed.variable === line.id ? reads(line, pointed.index) : [];
  return [
    ...read.map((pattern, k) => ({
      elements: elementsOf(variable(state.trace, line.inputs[k]), pattern, depth),
      name: "entry-reads",
    })),
    { elements: element ? [element] : [], name: "entry" },
  ];
}
