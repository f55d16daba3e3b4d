/**
 * Dragging a number: an edge of the network, or an entry of the working. A card shows the cost
 * along it; what the page shows meanwhile is computed here, see held.js. Esc puts it back.
 */
import { parseElement, patternOf } from "../core/elements.js";
import { number } from "../core/format.js";
import { idOf } from "../core/names.js";
import { variable } from "../core/trace.js";
import { numberShapes, numberWidth } from "../figures/network.js";
import { middleOf, textShape } from "../figures/shapes.js";
import { depthOf } from "../state/entry.js";
import { onlyRun } from "../state/paint.js";
import { shownNeurons } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { button, figure, h, s, set, slot, windowIs, write } from "../ui/dom.js";
import { takeKeys } from "../ui/shortcuts.js";
import { palette } from "../ui/theme.js";
import { entryName } from "../ui/written-out.js";
import { createShapes } from "./drawn-shapes.js";

const START = 4; // pixels before a press becomes a drag
const PIXEL = 0.01;
const STEP = 0.01; // of an arrow key; with Shift ten times as much
const REACH = 1.2; // of the curve to both sides, doubled where the value leaves it
const POINTS = 40;
const BUDGET = 5; // ms in which a frame computes points of the curve
const SIZE = [214, 118]; // of the curve
const LEAST = 76; // pixels between two layers for a number from before
/** Points of the curve, from coarse to fine. */
const ORDER = [
  ...new Set(
    [40, 20, 10, 5, 2, 1].flatMap((by) =>
      Array.from({ length: POINTS / by + 1 }, (_, k) => Math.min(POINTS, k * by)),
    ),
  ),
];
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/**
 * @typedef {{id: string, index: number[], along?: number, pixel?: number}} Pressed an entry of a
 *   given; along: where its edge was pressed, from 0 to 1; pixel: how much one is
 */

/** @param {Services} services @param {Branching} branching */
export function mountHold({ store, painter, player, hold }, branching) {
  const { state } = store;
  /** @type {typeof import("../pictures/held.js").costAlong | null} */
  let costAlong = null;
  /**
   * @type {Pressed & {root: Element, x: number, y: number, pointer: number,
   *   from: number | null} | null}
   */
  let press = null;
  let moved = false; // by the last press
  let along = 0.5;
  /** @type {{of: Hold | null, reach: number, cost: number[], left: number[]}} */
  let curve = { of: null, reach: 0, cost: [], left: [] };

  const name = h("strong");
  const now = h("span.math.hold-now[data-readout=held]");
  const was = h("span.soft");
  const svg = s("svg[data-control=held]", {
    ...{ viewBox: `0 0 ${SIZE.join(" ")}`, tabindex: "0", role: "slider" },
  });
  const draw = createShapes(svg);
  const slope = h("p.hold-slope");
  const card = h(
    "div.hold-card[role=group][hidden][data-slot=hold]",
    h("div.hold-text", name, h("p", now, " ", was), slope),
    svg,
    h(
      "div.hold-buttons.unbroken",
      button("put-back.small", [TEXT.hold.putBack, " ", h("kbd", TEXT.ui.keys.Escape)], putBack),
      button("keep-copy.small", TEXT.hold.keep, keep),
    ),
  );
  const link = s("path");
  const links = s("svg.hold-link[aria-hidden=true]", link);
  document.body.append(links, card);

  function putBack() {
    const inside = card.contains(document.activeElement);
    hold.putBack();
    if (inside) figure("network").focus({ preventScroll: true });
  }
  function keep() {
    const { held, heldValue } = state;
    if (!held) return;
    const { step } = held.before.frame;
    hold.putBack();
    return branching.branch([{ set: held.set, to: heldValue }], step);
  }
  takeKeys(document, (event) => {
    if (!state.held || document.querySelector("dialog[open], :popover-open")) return false;
    if (event.key === "Escape") putBack();
    else if (svg === event.target && KEYS[event.key])
      hold.to(state.heldValue + KEYS[event.key] * STEP * (event.shiftKey ? 10 : 1));
    else return false;
    return true;
  });

  /**
   * What a press in an element drags.
   * @param {Element} root @param {(event: PointerEvent) => Pressed | null} entryAt
   */
  function draggable(root, entryAt) {
    root.addEventListener("pointerdown", (each) => {
      const event = /** @type {PointerEvent} */ (each);
      const entry = event.button === 0 ? entryAt(event) : null;
      if (!entry) return;
      press = {
        ...entry,
        root,
        x: event.clientX,
        y: event.clientY,
        pointer: event.pointerId,
        from: null,
      };
    });
  }
  draggable(
    svg,
    () => state.held && { ...state.held, along, pixel: (2 * curve.reach) / svg.clientWidth },
  );
  addEventListener("pointermove", (event) => {
    if (press?.pointer !== event.pointerId) return;
    const by = event.clientX - press.x;
    const begins = press.from === null;
    if (begins && (Math.abs(by) < START || Math.abs(by) < Math.abs(event.clientY - press.y)))
      return;
    if (begins && state.playing) player.pause();
    // what is shown may have changed meanwhile, as after a pause
    if (!hold.take(press.id, press.index)) return;
    if (begins) {
      along = press.along ?? 0.5;
      document.body.classList.add("dragging");
      // what it passes over is neither searched for nor pointed at
      press.root.setPointerCapture(event.pointerId);
    }
    moved = true;
    press.from ??= state.heldValue;
    hold.to(press.from + by * (press.pixel ?? PIXEL) * (event.shiftKey ? 0.1 : 1));
  });
  addEventListener("pointerdown", () => (moved = false), true);
  const end = () => {
    if (press?.from != null) {
      tell();
      svg.focus({ preventScroll: true }); // arrow keys go on
    }
    press = null;
    document.body.classList.remove("dragging");
  };
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  // the end of a drag is no click
  addEventListener("click", (event) => moved && event.detail && event.stopPropagation(), true);

  const nameOf = (/** @type {Hold} */ { id, index }) => {
    const array = variable(state.trace, id);
    return array ? entryName(array, index) : id;
  };
  /** @param {{layer: number, from: number, to: number}} edge */
  const weightName = ({ layer, from, to }) =>
    TEXT.hold.weight(
      layer > 1 ? TEXT.hold.unit(from) : (state.data?.features[from] ?? TEXT.core.inputNamed(from)),
      to,
    );
  function tell() {
    if (state.held)
      write(slot("announce"), TEXT.working.setTo(nameOf(state.held), number(state.heldValue)));
  }

  /** Costs at places along the number; of those that take long some more in each frame.
   * @param {Hold} held @param {number} value */
  function alongOf(held, value) {
    let reach = curve.of === held ? curve.reach : REACH;
    while (Math.abs(value - held.was) > 0.9 * reach) reach *= 2;
    if (curve.of !== held || curve.reach !== reach)
      curve = { of: held, reach, cost: new Array(POINTS + 1).fill(NaN), left: [...ORDER] };
    const cost = held.all ?? held.one;
    const until = performance.now() + BUDGET;
    do {
      const k = curve.left.shift();
      if (k === undefined) break;
      curve.cost[k] = cost(held.was + reach * ((2 * k) / POINTS - 1));
    } while (performance.now() < until);
    if (curve.left.length) painter.redraw("hold");
    const near = 1e-4;
    return {
      ...{
        reach,
        cost: curve.cost,
        was: held.was,
        value,
        before: cost(held.was),
        now: cost(value),
      },
      slope: (cost(value + near) - cost(value - near)) / (2 * near),
    };
  }

  painter.add("hold", 0, (_, changed) => {
    const { held, heldValue: value } = state;
    card.hidden = !held;
    document.body.dataset.held = String(Boolean(held));
    if (!held) return set(link, { d: "" });
    const element = parseElement(state.selection);
    write(
      name,
      element?.kind === "edge" && held.layer !== null ? weightName(element) : nameOf(held),
    );
    write(now, `${held.id[0] === "W" ? "𝑤" : nameOf(held)} = ${number(value)}`);
    write(was, TEXT.hold.was(number(held.was)));
    const path = alongOf(held, value);
    write(slope, TEXT.hold.slope(number(path.slope, 3), Number(path.slope < 0)));
    const all = held.all ? state.data?.train.x.length : null;
    const title = all ? TEXT.hold.costOfAll(all) : TEXT.hold.costHere;
    if (costAlong) draw(costAlong({ ...path, title, width: SIZE[0], height: SIZE[1] }));
    set(svg, {
      "aria-label": `${name.textContent}. ${title}`,
      "aria-valuemin": held.was - path.reach,
      "aria-valuemax": held.was + path.reach,
      "aria-valuenow": value,
      "aria-valuetext": TEXT.hold.spoken(number(value), number(path.now)),
    });
    set(card, { "aria-label": TEXT.hold.card });
    // it reads where things are, which takes long
    if (!onlyRun(state, changed)) place(link, card);
  });

  /** @type {(link: Element, card: HTMLElement) => void} */
  let place = () => {};

  store.on(["held"], async () => {
    costAlong ??= (await import("../pictures/held.js")).costAlong;
    painter.redraw("hold");
  });

  return {
    draggable,
    /** Edges of the network, and what is drawn over it. */
    onStage(/** @type {Stage} */ stage) {
      const box = figure("network");
      const area = /** @type {HTMLElement} */ (box.parentElement);
      const overlay = slot("overlay");
      const dot = overlay.appendChild(
        s("g.held", s("circle.held-halo", { r: 14 }), s("circle.held-dot", { r: 7 })),
      );
      const drawWas = createShapes(overlay, "was");
      /** @param {string | null} element @returns {Pressed | null} */
      function weightOf(element) {
        const e = parseElement(element);
        const array = e?.kind === "edge" ? variable(state.trace, idOf("W", e.layer)) : undefined;
        const index = array && patternOf(element, array, depthOf(/** @type {State} */ (state)));
        return array && index ? { id: array.id, index: index.map(Number) } : null;
      }
      draggable(area, (event) => {
        const bounds = area.getBoundingClientRect();
        const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
        const element = stage.geometry()?.hit(x, y) ?? null;
        const shape = element && stage.geometry()?.shapeOf(element);
        const weight = weightOf(element);
        if (!weight || !shape || state.first) return null;
        const part = shape.kind === "line" ? (x - shape.x1) / (shape.x2 - shape.x1) : 0.5;
        return { ...weight, along: Math.max(0, Math.min(1, part)) };
      });
      box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        const enter = event.key === "Enter" && !event.defaultPrevented;
        const pressed = enter ? weightOf(state.selection) : null;
        if (!pressed || !hold.take(pressed.id, pressed.index)) return;
        event.preventDefault();
        along = 0.5;
        painter.drawn().then(() => svg.focus({ preventScroll: true }));
      });
      place = (link, card) => {
        const places = stage.geometry();
        const shape = state.selection && places?.shapeOf(state.selection);
        set(dot, { visibility: shape ? null : "hidden" });
        if (!shape) return set(link, { d: "" });
        const [x, y] = middleOf(shape, along);
        for (const circle of dot.children) set(circle, { cx: x, cy: y });
        Object.assign(card.style, { left: "", top: "" });
        if (!windowIs("wide").matches) return set(link, { d: "" }); // it is above the page
        const bounds = area.getBoundingClientRect();
        const [px, py] = [bounds.left + x, bounds.top + y];
        const { offsetWidth: width, offsetHeight: height } = card;
        // over the settings, or where there are none at the other side of the network
        const left =
          bounds.left > width / 2
            ? 16
            : px > bounds.left + bounds.width / 2
              ? bounds.left + 8
              : bounds.right - width - 8;
        const lowest = Math.max(bounds.top, bounds.bottom - height);
        const top = Math.max(bounds.top + 4, Math.min(lowest, py - 0.72 * height));
        Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
        const near = left + width < px ? left + width : left;
        const middle = (near + px) / 2;
        const from = Math.max(top + 20, Math.min(top + height - 20, py + 30));
        set(link, { d: `M${near} ${from}C${middle} ${from} ${middle} ${py} ${px} ${py}` });
      };
      painter.add("held", 0, () => {
        const places = stage.geometry();
        const { held } = state;
        set(dot, { visibility: held ? dot.getAttribute("visibility") : "hidden" });
        const wide = places && places.columns[1] - places.columns[0] - 2 * places.radius > LEAST;
        if (!held || !places || !wide || !state.frame) return drawWas([]);
        const edges = state.frame.layers.map(() => ({ data: [] }));
        const [values, before] = [state, { ...state, ...held.before }].map((each) => ({
          ...{ layers: shownNeurons(/** @type {State} */ (each)), edges },
        }));
        const colours = palette();
        const old = numberShapes(before, places, colours).numbers;
        drawWas(
          numberShapes(values, places, colours).numbers.flatMap((each, k) => {
            const text = old[k]?.text ?? each.text;
            if (text === each.text) return [];
            const half = numberWidth(each.text, each.size) / 2 + 5;
            const right = each.x + half + LEAST < places.width;
            const x = right ? each.x + half : each.x - half;
            const shape = textShape(TEXT.hold.was(text), x, each.y, colours.soft, 12, colours);
            const side = right ? "starts" : "ends";
            return [{ ...shape, style: `label label-was label-${side}` }];
          }),
        );
      });
    },
  };
}

/** @typedef {ReturnType<typeof mountHold>} Dragging */
