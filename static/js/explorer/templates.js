/** The network over pictures: weights of units as pictures, bars of outputs, see templates.js. */
import { parseElement } from "../core/elements.js";
import { number } from "../core/format.js";
import { lineOf } from "../core/trace.js";
import { colourTable } from "../figures/bitmap.js";
import { calm } from "../figures/colour.js";
import { edgeStyles, LEVELS } from "../figures/network.js";
import { textShape } from "../figures/shapes.js";
import { edgePath } from "../figures/templates.js";
import { responseColours } from "../figures/unit-responses.js";
import { chosenEntry } from "../state/entry.js";
import { edgeQuantity } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { createCanvas } from "../ui/canvas.js";
import { choice, h, slot, write } from "../ui/dom.js";
import { palette } from "../ui/theme.js";
import { createShapes } from "./drawn-shapes.js";

/**
 * Pixels of pictures beside each other.
 * @param {number[]} shape rows and columns @param {number} count of pictures
 * @param {(picture: number, pixel: number) => number} colour from 0 to 255
 * @param {[number, number, number][]} colours
 */
export function pixelsOf([rows, columns], count, colour, colours) {
  const image = new ImageData(columns * count, rows);
  for (let picture = 0; picture < count; picture++)
    for (let pixel = 0; pixel < rows * columns; pixel++) {
      const [row, column] = [Math.floor(pixel / columns), pixel % columns];
      const at = 4 * (row * columns * count + picture * columns + column);
      const rgb = colours[Math.max(0, Math.min(255, Math.round(colour(picture, pixel)) || 0))];
      for (let c = 0; c < 3; c++) image.data[at + c] = rgb[c];
      image.data[at + 3] = 255;
    }
  return image;
}

/** @typedef {import("../figures/templates.js").Box} Box */

/** @param {Services} services */
export function createTemplates({ store, session, painter }) {
  const { state } = store;
  const canvas = createCanvas(slot("overlay"), "unit-responses");
  const [drawLabels, drawNumbers] = ["labels", "numbers"].map((name) =>
    createShapes(slot("overlay"), `templates-${name}`),
  );
  const small = document.createElement("canvas");
  const of = choice(
    TEXT.templates.show,
    [
      { value: "weights", text: TEXT.templates.weights },
      { value: "change", text: TEXT.templates.change },
    ],
    (value) => store.set({ templates: value }),
    { "data-control": "templates" },
  );
  const more = h("p.templates-more.soft.fine.unbroken");
  const bar = h("div.templates-bar.side-by-side", of.element);
  slot("overlay").before(bar, more);
  /** Weights of the first layer at update 0. @type {{id: string, W: ArrayLike<number> | null}} */
  let start = { id: "", W: null };

  async function loadStart() {
    const { id } = state.experiment ?? { id: "" };
    if (start.id === id) return;
    start = { id, W: null };
    const frame = await session.ask("start", (signal) =>
      session.fetchFrame(0, "parameters", signal),
    );
    if (frame && start.id === id) start.W = frame.layers[0].W.data;
    painter.redraw("network");
  }

  const hide = (/** @type {PictureGeometry | null} */ places) => {
    bar.hidden = more.hidden = !places;
    if (places) return;
    drawLabels([]);
    drawNumbers([]);
  };

  /**
   * @param {PictureGeometry} places
   * @param {{layers: Shown[], edges: {data: ArrayLike<number>}[]}} values
   */
  function draw(places, { layers, edges }) {
    hide(places);
    const { data, sample, selection, hover, templates } = /** @type {State} */ (state);
    const colours = palette();
    const { image, units, input, later } = places;
    const [bars] = later;
    const context = canvas.clear(places.width, places.height);
    context.imageSmoothingEnabled = false;
    const count = places.sizes[1];
    const changed = templates === "change" && edgeQuantity(/** @type {State} */ (state)) === "W";
    if (changed) loadStart();
    of.show(templates);
    // of a deep network there is no room for the switch beside the heads
    const deep = later.length > 1;
    const under = deep ? input : units[0];
    bar.style.left = `${under.x}px`;
    more.style.left = `${units[0].x}px`;
    bar.classList.toggle("below-input", deep);
    bar.style.top = deep ? `${input.y + input.height + 12}px` : "";
    bar.style.width = `${Math.max(...units.map(({ x, width }) => x + width)) - units[0].x}px`;
    const W = edges[0].data;
    const first = changed && start.id === state.experiment?.id ? start.W : null;
    /** @param {number} unit @param {number} pixel */
    const weight = (unit, pixel) =>
      W[pixel * count + unit] - (changed ? (first?.[pixel * count + unit] ?? NaN) : 0);
    let most = 0;
    for (const { unit } of units)
      for (let k = 0; k < places.sizes[0]; k++)
        most = Math.max(most, Math.abs(weight(unit, k)) || 0);
    const reach = calm(most);
    const some = units.length < count ? TEXT.templates.largest(units.length, count) : "";
    const range = places.below > 20 ? TEXT.templates.range(number(reach, 2)) : "";
    write(
      more,
      [deep ? TEXT.templates.deep : "", some, deep ? "" : range].filter(Boolean).join(" · "),
    );
    const table = responseColours(colours);
    const load = (/** @type {ImageData} */ pixels) => {
      [small.width, small.height] = [pixels.width, pixels.height];
      small.getContext("2d")?.putImageData(pixels, 0, 0);
    };
    /** @param {Box} box @param {string} stroke */
    const frame = ({ x, y, width, height }, stroke) => {
      [context.lineWidth, context.strokeStyle] = [1, stroke];
      context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
    };
    /** As long as a part of the largest value. @param {Box} box @param {number | null} value
     * @param {number} most */
    const fill = ({ x, y, width, height }, value, most) => {
      context.fillStyle = colours.wash;
      context.fillRect(x, y, width, height);
      if (!value) return;
      context.fillStyle = value < 0 ? colours.negativeStrong : colours.phases.forward;
      context.fillRect(x, y, width * Math.min(1, Math.abs(value) / most), height);
    };

    // the input, from white to ink
    load(greyPixels(image, layers[0].values ?? [], data, colours));
    context.drawImage(small, input.x, input.y, input.width, input.height);
    frame(input, colours.strongRule);

    const colour = (/** @type {number} */ k, /** @type {number} */ pixel) =>
      127.5 * (1 + weight(units[k].unit, pixel) / reach);
    load(pixelsOf(image, units.length, colour, table));
    const outputs = layers[1].values;
    const largest = Math.max(...Array.from(outputs ?? [], Math.abs), 1e-300);
    /** @type {Extract<Shape, {kind: "text"}>[]} */
    const texts = [];
    units.forEach(({ unit, x, y, width, height }, k) => {
      const value = outputs?.[unit] ?? null;
      context.globalAlpha = value === 0 ? 0.45 : 1;
      context.drawImage(small, k * image[1], 0, image[1], image[0], x, y, width, height);
      frame({ x, y, width, height }, colours.strongRule);
      context.globalAlpha = 1;
      fill({ x, y: y + height + 4, width, height: 4 }, value, largest);
      const base = y + height + 17;
      if (width > 30) texts.push(said(String(unit), x + 3, y + 9, "starts.label-unit"));
      if (value !== null && value !== 0 && places.numbers)
        texts.push({
          ...said(number(value, 2), x + width, base, "ends"),
          data: { "data-neuron": `1.${unit}`, "data-quantity": layers[1].quantity },
        });
    });

    // the chosen unit's edges, or those of the largest output
    const element = parseElement(hover) ?? parseElement(selection);
    const asked =
      element?.kind === "edge" && element.layer === 1
        ? element.to
        : element?.kind === "neuron" && element.layer === 1
          ? element.unit
          : element?.kind === "edge"
            ? element.from
            : null;
    const size = (/** @type {number} */ unit) => Math.abs(outputs?.[unit] ?? 0);
    const line = lineOf(state.trace, state.line);
    const written = line?.layer === 1 ? chosenEntry(/** @type {State} */ (state), line) : null;
    const ofLine = line && written?.[line.axes.indexOf(TEXT.core.unit)];
    const chosen =
      [asked, ofLine, largestOf(units, size)].find((unit) => typeof unit === "number") ?? 0;
    const V = edges[1].data;
    const [widest, styles] = [calm(Math.max(...Array.from(V, Math.abs), 0)), edgeStyles(colours)];
    for (let k = 0; k < bars.length; k++) {
      const path = edgePath(places, chosen, k);
      if (!path || !V.length) break;
      drawEdge(V[chosen * bars.length + k], widest, path.d);
      if (k) continue;
      [context.lineWidth, context.strokeStyle] = [1.6, colours.phases.forward];
      context.stroke(new Path2D(`M${path.x} ${path.y + 4}V${path.y}H${path.end}`));
    }
    const box = units.find(({ unit }) => unit === chosen);
    if (box)
      frame(
        { ...box, x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2 },
        colours.phases.forward,
      );

    for (const [k, boxes] of later.slice(0, -1).entries()) drawBetween(boxes, k + 2);

    // the outputs
    const last = layers[layers.length - 1];
    const top =
      last.quantity === "a" ? 1 : Math.max(...Array.from(last.values ?? [], Math.abs), 1e-300);
    const fraction = (/** @type {number} */ value) =>
      last.quantity === "a" && Math.abs(value) < 0.00095 ? "0.00" : number(value, 2);
    const truth = sample === "batch" ? -1 : data.train.target[sample];
    later[later.length - 1].forEach(({ x, y, width, height }, k) => {
      const value = last.values?.[k] ?? null;
      const thick = Math.min(18, height - 6);
      const [left, long] = [x + 20, width - 72];
      const up = y + (height - thick) / 2;
      fill({ x: left, y: up, width: long, height: thick }, value, top);
      if (k === truth)
        frame({ x: x - 1, y: y + 1, width: width + 1, height: height - 3 }, colours.ink);
      texts.push(said(data.classes[k] ?? String(k), x + 14, y + height / 2, "ends.label-unit"));
      if (value !== null)
        texts.push({
          ...said(fraction(value), x + width - 4, y + height / 2, "ends"),
          data: { "data-neuron": `${layers.length - 1}.${k}`, "data-quantity": last.quantity },
        });
    });
    drawLabels(texts.filter((text) => !text.data));
    drawNumbers(texts.filter((text) => text.data));
    /**
     * A layer between: a bar for each unit, its number where there is room, and the edges of the
     * chosen one.
     * @param {Box[]} boxes @param {number} layer
     */
    function drawBetween(boxes, layer) {
      const { values, quantity } = layers[layer];
      const most = Math.max(...Array.from(values ?? [], Math.abs), 1e-300);
      boxes.forEach(({ x, y, width, height }, k) => {
        const value = values?.[k] ?? null;
        const thick = Math.max(1, Math.min(12, height - 2));
        const up = y + (height - thick) / 2;
        const written = height >= 14 && width > 50;
        fill({ x, y: up, width: written ? width - 44 : width, height: thick }, value, most);
        if (value && written)
          texts.push({
            ...said(number(value, 2), x + width, y + height / 2, "ends"),
            data: { "data-neuron": `${layer}.${k}`, "data-quantity": quantity },
          });
      });
      const from = element?.kind === "neuron" && element.layer === layer ? element.unit : null;
      if (from === null) return;
      frame(boxes[from], colours.phases.forward);
      const V = edges[layer].data;
      const next = later[layer - 1];
      const [widest, box] = [calm(Math.max(...Array.from(V, Math.abs), 0)), boxes[from]];
      const [x1, y1] = [box.x + box.width + 2, box.y + box.height / 2];
      next.forEach(({ x, y, height }, k) => {
        const [x2, y2, half] = [x - 3, y + height / 2, (x1 + x - 3) / 2];
        const d = `M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}`;
        drawEdge(V[from * next.length + k], widest, d);
      });
    }
    /** @param {number} value @param {number} widest @param {string} d */
    function drawEdge(value, widest, d) {
      const level = Math.min(LEVELS - 1, Math.floor((Math.abs(value) / widest) * LEVELS)) || 0;
      const style = styles[value < 0 ? level : LEVELS + level];
      [context.lineWidth, context.strokeStyle] = [style.width, style.stroke];
      context.stroke(new Path2D(d));
    }
    /** @param {string} text @param {number} x @param {number} y @param {string} style */
    function said(text, x, y, style) {
      const [end, name = "number-small"] = style.split(".");
      return {
        ...textShape(text, x, y, colours.ink, 12, colours),
        style: `label label-${end} ${name}`,
      };
    }
  }
  return { draw, hide };
}

/** @param {{unit: number}[]} units @param {(unit: number) => number} size */
const largestOf = (units, size) =>
  units.reduce((best, { unit }) => (size(unit) > size(best) ? unit : best), units[0].unit);

/**
 * A sample as a picture, from white to ink.
 * @param {number[]} image rows and columns @param {ArrayLike<number>} x as the network reads it
 * @param {Data} data @param {Palette} colours
 */
export function greyPixels(image, x, { feature_mean: mean, feature_scale: scale }, colours) {
  const ink = Array.from(x, (v, k) => v * (scale?.[k] ?? 1) + (mean?.[k] ?? 0));
  const black = Math.max(...ink, 1e-9);
  const greys = colourTable([
    [0, colours.sheet],
    [1, colours.ink],
  ]);
  return pixelsOf(image, 1, (_, k) => (255 * ink[k]) / black, greys);
}
