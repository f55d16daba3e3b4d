/**
 * Outlines over the network: what the current line reads and writes, what is chosen, what the
 * pointer is on. When the line changes, pulses move once from what is read to what is written, see
 * pulse.js.
 */

import { elementOf, elementsOf, exists, parseElement } from "../core/elements.js";
import { reads } from "../core/entries.js";
import { lineOf, variable } from "../core/trace.js";
import { carryTime, PACES } from "../core/walk.js";
import { onlyRun } from "../state/paint.js";
import { s, slot, still } from "../ui/dom.js";
import { arrow, BRIEF, outline, pulse } from "./pulse.js";

/** @typedef {{reads: string[], writes: string[]}} Touched elements */

/**
 * Elements of the network figure that show a variable of the line.
 * @param {Given | undefined} array @param {number} depth
 */
const allOf = (array, depth) => elementsOf(array, array?.shape.map(() => null) ?? [], depth);

/** @param {Services} services @param {Stage} stage */
export function mountOverlay({ painter }, stage) {
  const svg = slot("overlay");
  const layers = ["line", "chosen", "pointed", "dots"].map((name) =>
    svg.appendChild(s("g", { class: `over-${name}` })),
  );
  const [ofLine, ofChoice, ofPointer, dots] = layers;
  svg.prepend(ofLine); // below the numbers
  stage.onPlaced(() => painter.redraw("overlay"));

  painter.add("overlay", 120, (state, changed) => {
    if (onlyRun(state, changed)) return; // outlines are of places, not of numbers
    const places = stage.geometry();
    for (const layer of layers.slice(0, 3)) layer.replaceChildren();
    if (!places || !state.frame) return;
    const depth = state.frame.layers.length;
    /**
     * @param {Element} layer @param {string[]} elements @param {string} name @param {number} grow
     */
    const put = (layer, elements, name, grow) => {
      for (const element of elements) {
        const shape = places.shapeOf(element);
        if (shape && exists(element, places.sizes))
          layer.append(outline(shape, { class: name, "data-element": element }, grow));
      }
    };
    const line = lineOf(state.trace, state.line);
    if (line) {
      svg.dataset.phase = line.phase;
      const touched = touchedBy(line, state.trace, depth);
      if (!state.playing && places.mode === "graph") {
        put(ofLine, touched.reads, "reads", places.tiles ? 1 : 3);
        put(ofLine, touched.writes, "writes", places.tiles ? 2 : 4);
        arrow(ofLine, touched, places);
      } else if (places.mode === "heat") boxes(ofLine, touched, places);
      if (changed.has("line") && !changed.has("start") && !state.playing && !still()) {
        const duration = state.walking ? carryTime(PACES[state.walkPace]) : BRIEF;
        pulse(dots, state, line, touched.writes, places, duration);
      }
      pointedEntry(line, state, depth, (elements, name) => put(ofPointer, elements, name, 3));
    }
    if (state.selection) put(ofChoice, [state.selection], "chosen", 3);
    if (state.hover) put(ofPointer, [state.hover], "pointed", 3);
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
 * In heat maps whole strips and maps are framed, not each cell.
 * @param {Element} layer @param {Touched} touched @param {HeatGeometry} places
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
      const box = e.kind === "neuron" ? places.strips[e.layer] : places.matrices[e.layer - 1];
      if (box) layer.append(outline({ ...box, kind: "box" }, { class: name }));
    }
  };
  frame(writes, "writes");
  frame(reads, "reads");
}

/**
 * The entry of a matrix that is pointed at: itself, and the entries it is computed from.
 * @param {Line} line @param {State} state @param {number} depth
 * @param {(elements: string[], name: string) => void} put
 */
function pointedEntry(line, state, depth, put) {
  const pointed =
    state.hoverEntry ?? (state.entry ? { variable: line.id, index: state.entry } : null);
  if (!pointed) return;
  const element = elementOf(variable(state.trace, pointed.variable), pointed.index, depth);
  if (pointed.variable === line.id) {
    reads(line, pointed.index).forEach((pattern, k) => {
      put(elementsOf(variable(state.trace, line.inputs[k]), pattern, depth), "entry-reads");
    });
  }
  if (element) put([element], "entry");
}
