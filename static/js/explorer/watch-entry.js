/**
 * Beside a weight of the network: the way to watch it. On the first visit one weight is marked,
 * with its number and a question, and another one is once the pointer is on it; on the whole page
 * it is a button at the chosen edge.
 */
import { edge, parseElement } from "../core/elements.js";
import { number } from "../core/format.js";
import { entryId, idOf } from "../core/names.js";
import { gradientsVeiled } from "../core/veil.js";
import { isWatchable, steepest, weightNamed } from "../core/watched.js";
import { onlyRun } from "../state/paint.js";
import { sizesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { button, h, s, set, slot, write } from "../ui/dom.js";

/** @param {Services} services @param {Stage} stage */
export function mountWatchEntry({ store, painter }, stage) {
  const { state } = store;
  const overlay = slot("overlay");
  const area = /** @type {HTMLElement} */ (overlay.parentElement);
  const sign = s("g.first-weight", [
    s("path.first-edge"),
    s("path.first-leader"),
    s("circle", { r: 5 }),
  ]);
  const [line, leader, dot] = sign.children;
  const value = h("span.math");
  const callout = button(
    "watch-weight.callout",
    [
      value,
      h(
        "span.callout-asked",
        TEXT.first.more,
        " ",
        h("i", TEXT.first.or),
        " ",
        TEXT.first.less,
        " ",
        h("i", TEXT.first.asked),
      ),
    ],
    () => store.set({ watch: 1 }),
  );
  const press = button("watch-edge.watch-edge", TEXT.watch.watchThis, () =>
    store.set({ watch: 1, weight: nameOf(state.selection) }),
  );
  overlay.prepend(sign);
  area.append(callout, press);
  stage.onPlaced(() => painter.redraw("watch-entry"));

  /** The weight of an edge. @param {string | null} element */
  function nameOf(element) {
    const e = parseElement(element);
    return e?.kind === "edge" ? entryId(idOf("W", e.layer), e.from, e.to) : null;
  }

  store.on(["hover", "selection"], () => {
    const weight = state.first ? nameOf(state.hover ?? state.selection) : null;
    if (weight && state.first) store.set({ weight });
  });

  painter.add("watch-entry", 200, (_, changed) => {
    if (!state.first && onlyRun(state, changed)) return; // the button is of a place
    const { first, frame, trace, selection, weight } = state;
    const places = stage.geometry();
    const can =
      frame &&
      trace &&
      places?.mode === "graph" &&
      isWatchable(places.sizes) &&
      !gradientsVeiled(state);
    const name =
      !can || state.held ? null : first ? (weight ?? steepest(trace)) : nameOf(selection);
    const at = weightNamed(name);
    const shape = at && places ? places.shapeOf(edge(at.layer, at.from, at.to)) : null;
    const shown = at && shape?.kind === "line" && state.data && at.layer < sizesOf(state).length;
    callout.hidden = !shown || !first;
    press.hidden = !shown || first;
    set(sign, { visibility: shown && first ? null : "hidden" });
    if (!shown || !places) return;
    const [x, y] = [(shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2];
    if (!first) {
      press.style.left = `${Math.max(70, Math.min(places.width - 70, x))}px`;
      press.style.top = `${y + 8}px`;
      return;
    }
    const { W, units } = state.frame.layers[at.layer - 1];
    write(value, `𝑤 = ${number(W.data[at.from * units + at.to])}`);
    set(line, { d: `M${shape.x1} ${shape.y1}L${shape.x2} ${shape.y2}` });
    const { offsetWidth: width, offsetHeight: height } = callout;
    // below the units that the weight comes from; where it is too narrow, below the network
    const end = places.center(at.layer - 1, places.sizes[at.layer - 1] - 1).y + places.radius;
    const most = places.columns[at.layer] - places.radius - 8 - width;
    const left = Math.max(4, Math.min(most, x - 0.6 * width));
    const lowest = places.height - height - 4;
    const top = most < 4 ? places.height : Math.min(Math.max(y + 20, end + 12), lowest);
    Object.assign(callout.style, { left: `${left}px`, top: `${top}px` });
    set(leader, { d: `M${x} ${y}L${left + width / 2} ${top + height / 2}` });
    set(dot, { cx: x, cy: y });
  });
}
