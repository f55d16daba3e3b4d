/**
 * The picture of the line beside its sum: the same chosen entry, its numbers in a drawing. The
 * drawings are loaded after the first numbers are on screen.
 */
import { elementOf, parseElement } from "../core/elements.js";
import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { leftOut, lineOf, variable } from "../core/trace.js";
import { NOT_SHOWN, veiled } from "../core/veil.js";
import { chosenEntry, depthOf, pointedEntry } from "../state/entry.js";
import { awaitsNumbers } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { titledDialog } from "../ui/dialog.js";
import { button, closest, h, patch, s, set, still, write } from "../ui/dom.js";
import { entryName } from "../ui/written-out.js";
import { indexFrom } from "./cells.js";
import { createShapes } from "./drawn-shapes.js";
import { worded } from "./words.js";

const LETTER = 13; // height of a letter in a drawing
const LEAST = [300, 132]; // width and height of a drawing, in its units

/** @param {Services} services */
export function createPicture({ store, painter }) {
  const { state } = store;
  /** @type {typeof import("../pictures/index.js").pictureOf | null} */
  let pictureOf = null;
  /** @type {typeof import("../pictures/held.js").consequences | null} */
  let consequences = null;
  /** @type {typeof import("../pictures/index.js").motions | null} */
  let motionOf = null;
  /** @type {Animation[]} */
  let moving = [];
  /** @type {string[]} line and entry that are drawn */
  let drawn = [];
  const title = h("h3", TEXT.pictures.picture);
  const chosen = h("span.math");
  const turn = (/** @type {string} */ name, /** @type {number} */ by, /** @type {string} */ sign) =>
    button(`entry-${name}.turn`, sign, () => move(by), {
      "aria-label": by > 0 ? TEXT.pictures.next : TEXT.pictures.previous,
    });
  const [before, after] = [turn("previous", -1, "‹"), turn("next", 1, "›")];
  const larger = button("picture.turn", "⤢", () => enlarge(), {
    title: TEXT.pictures.larger,
    "aria-label": TEXT.pictures.larger,
  });
  const svg = s("svg[role=img]", { "aria-label": TEXT.pictures.picture });
  const draw = createShapes(svg);
  const plot = h("div.picture-plot", svg);
  const said = h("p.picture-said.soft", TEXT.pictures.loading);
  const element = h(
    "div.picture",
    h(
      "div.picture-head.side-by-side.wraps",
      title,
      h("div.picture-turns.soft.unbroken.side-by-side", before, chosen, after, larger),
    ),
    plot,
    said,
  );
  const dialog = titledDialog({ name: "picture-dialog", title: TEXT.pictures.picture });
  /** @type {View["kept"]} */
  const kept = { trace: null, key: "", value: null };
  const size = { width: 0, height: 0, letter: LETTER };

  /** In matrices, sum, picture and network. @param {Line} line @param {number[]} entry */
  function choose(line, entry) {
    const element = state.frame && elementOf(line, entry, depthOf(state));
    store.set({ entry, hoverEntry: null, selection: element ?? state.selection });
  }

  /** @param {number} by entries of the line on, row by row */
  function move(by) {
    const line = state.trace && lineOf(state.trace, state.line);
    if (!state.trace || !line?.shape.length) return;
    const entry = [...chosenEntry(state, line)];
    for (let axis = entry.length - 1; axis >= 0; axis--) {
      entry[axis] += by;
      if (entry[axis] >= 0 && entry[axis] < line.shape[axis]) break;
      entry[axis] = by > 0 ? 0 : line.shape[axis] - 1;
    }
    choose(line, entry);
  }

  /** Into the full window, or back. */
  function enlarge() {
    if (dialog.open) return dialog.close();
    const place = h("div.picture-place");
    element.replaceWith(place);
    dialog.append(element);
    dialog.showModal();
    dialog.addEventListener("close", () => place.replaceWith(element), { once: true });
  }
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // the page behind it does not move
    if (event.key === "v") dialog.close();
  });

  /** @param {EventTarget | null} target @returns {{variable: string, index: number[]} | null} */
  const entryAt = (target) => {
    const drawn = closest(target, "[data-of]");
    const id = drawn?.getAttribute("data-of");
    return drawn && id ? { variable: id, index: indexFrom(drawn, "data-entry") } : null;
  };
  svg.addEventListener("pointermove", (event) => {
    const pointed = entryAt(event.target);
    if (pointed?.variable === state.line) store.set({ hoverEntry: pointed });
  });
  svg.addEventListener("pointerleave", () => store.set({ hoverEntry: null }));
  svg.addEventListener("click", ({ target }) => {
    const pointed = entryAt(target);
    const line = lineOf(state.trace, state.line);
    const there = elementOf(
      variable(state.trace, pointed?.variable ?? ""),
      pointed?.index ?? [],
      2,
    );
    if (state.held && pointed) store.set({ line: pointed.variable, entry: pointed.index });
    else if (line && pointed?.variable === line.id) choose(line, pointed.index);
    else if (there && state.data?.image_shape) store.set({ selection: there });
  });

  new ResizeObserver(() => {
    const { clientWidth, clientHeight } = plot;
    Object.assign(size, { width: clientWidth, height: clientHeight });
    size.letter = parseFloat(getComputedStyle(svg).fontSize) || LETTER; // outside of the page: none
    painter.redraw("picture");
  }).observe(plot);

  painter.add("picture", 0, () => {
    if (!state.trace || !pictureOf || awaitsNumbers(state)) return;
    const { trace } = state;
    const line = lineOf(trace, state.line);
    if (!line || leftOut(trace, line.id).length) return; // its numbers have not come yet
    const hidden = veiled(state, line.id);
    const onScreen = size.height > 0;
    const { held, heldValue } = state;
    for (const each of [before, after]) each.hidden = !line.shape.length || hidden || held !== null;
    const index = pointedEntry(state, line);
    write(chosen, line.shape.length && !held ? entryName(line, index) : "");
    const scale = size.letter / LETTER;
    // what is smaller is drawn smaller
    const [width, height] = [
      Math.max(LEAST[0], size.width / scale),
      Math.max(LEAST[1], size.height / scale),
    ];
    const selected = parseElement(state.selection);
    const image = state.data?.image_shape;
    const pixel =
      selected?.kind === "edge" && selected.layer === 1
        ? selected.from
        : selected?.kind === "neuron" && !selected.layer
          ? selected.unit
          : null;
    const view = { line, trace, index, width, height, image, pixel, playing: state.playing, kept };
    const known = (/** @type {string} */ id) => !veiled(state, id);
    const drawing =
      hidden || !onScreen
        ? null
        : held
          ? consequences?.({ ...view, known }, held, heldValue, state.data.train.x.length)
          : pictureOf({ ...view, known });
    const none = hidden && onScreen ? NOT_SHOWN : "";
    set(svg, {
      viewBox: `0 0 ${width.toFixed(1)} ${height.toFixed(1)}`,
      "data-picture": drawing?.family ?? "",
      "data-line": line.id,
      "aria-label": drawing
        ? `${drawing.title}. ${entryName(line, index)} = ` +
          `${number(at(line.value, index))}. ${drawing.said}`
        : none,
    });
    set(element, { "data-phase": line.phase });
    write(title, drawing?.title ?? "");
    patch(said, ...worded(drawing?.said ?? none));
    draw(drawing?.shapes ?? []);
    const now = [line.id, index.join()];
    if (!state.playing && now.join() === drawn.join()) return;
    for (const each of moving) each.cancel(); // its element is another one's now
    const opened = drawn.length && drawn[0] !== line.id && !state.playing && !held;
    moving = opened && drawing && !still() ? (motionOf?.(svg) ?? []) : [];
    drawn = now;
  });

  store.on(["held"], async () => {
    consequences ??= (await import("../pictures/held.js")).consequences;
    painter.redraw("picture");
  });

  return {
    element,
    enlarge,
    move,
    /** The drawings. */
    async load() {
      ({ pictureOf, motions: motionOf } = await import("../pictures/index.js"));
      painter.redraw("picture");
    },
  };
}
