/** The lines of one step, in order, grouped and coloured by phase. */

import { PHASES, spoken } from "../core/lines.js";
import { nameOf, shortName } from "../core/names.js";
import { lineOf, neighbour } from "../core/trace.js";
import { NOT_SHOWN, veiled } from "../core/veil.js";
import { onlyRun } from "../state/paint.js";
import { TEXT } from "../text/en.js";
import { button, disable, h, math, panel, scrolling, set, slot, write } from "../ui/dom.js";
import { worded } from "./words.js";

/** @type {Record<string, string>} */
const TITLES = TEXT.stage.phases;

const MOST_CELLS = 120; // that are drawn; of more, those around the current line
const TURNED = 40; // cells after which others are drawn

/** The cells around one of them, and at either end one for those that are left out.
 * @param {RibbonCell[]} cells @param {number} at */
function around(cells, at) {
  if (cells.length <= MOST_CELLS) return cells;
  const first = TURNED * Math.max(0, Math.floor(at / TURNED) - 1);
  const last = Math.min(cells.length, first + MOST_CELLS);
  /** @param {number} k @param {number} left @returns {RibbonCell[]} */
  const others = (k, left) =>
    left > 0
      ? [{ ...cells[k], name: `… ${left}`, symbol: undefined, box: undefined, title: place(k) }]
      : [];
  const place = (/** @type {number} */ k) => TEXT.working.lineOf(k + 1, cells.length);
  return [
    ...others(first - 1, first),
    ...cells.slice(first, last),
    ...others(last, cells.length - last),
  ];
}

/** @param {State} state @returns {RibbonCell[]} */
const everyLine = ({ trace }) =>
  trace.lines.map((line) => ({
    ...{ id: line.id, phase: line.phase, name: shortName(line), title: nameOf(line) },
  }));

/**
 * @param {Services} services
 * @param {{head?: Child, cellsOf?: (state: State) => RibbonCell[]}} options head: before the lines
 */
export function mountRibbon({ store, painter }, { head = null, cellsOf = everyLine }) {
  const root = panel("ribbon");
  /** @param {number} by lines */
  const step = (by) => {
    const { state } = store;
    const lines = state.trace && { lines: cellsOf(state) };
    store.set({ line: neighbour(lines, state.line, by), entry: null });
  };
  const previous = button("line-previous.turn.plain", "‹", () => step(-1), {
    title: TEXT.stage.previousLineKey,
    "aria-label": TEXT.stage.previousLine,
  });
  const next = button("line-next.turn.plain", "›", () => step(1), {
    title: TEXT.stage.nextLineKey,
    "aria-label": TEXT.stage.nextLine,
  });
  const track = h("div.track");
  const place = h("span.ribbon-place");
  root.append(h("div.ribbon-head", head, h("div.ribbon-turns", previous, place, next)), track);
  /** @type {Map<string, HTMLElement>} */
  let items = new Map();
  let key = "";

  track.addEventListener("click", ({ target }) => {
    const item = target instanceof Element ? target.closest("[data-line]") : null;
    const id = item?.getAttribute("data-line");
    if (id) store.set({ line: id, entry: null });
  });

  function build(/** @type {RibbonCell[]} */ cells) {
    items = new Map();
    const groups = PHASES.map((phase) => {
      const ofPhase = cells.filter((cell) => cell.phase === phase);
      if (!ofPhase.length) return null;
      const lines = h("div.lines");
      let into = lines;
      let before = /** @type {string | undefined} */ (undefined);
      for (const { id, name, symbol, title, box } of ofPhase) {
        const item = h(
          "button.line.math",
          {
            ...{ "data-line": id, "data-phase": phase, tabindex: "-1" },
            ...{ "aria-label": title, title },
          },
          symbol ? math(symbol) : name,
        );
        if (box !== before) {
          into = box ? h("div.parts", h("span.parts-of.math", box)) : lines;
          if (box) lines.append(into);
        }
        before = box;
        into.append(item);
        items.set(id, item);
      }
      return h(
        "div.phase[role=group]",
        { "data-phase": phase, "aria-label": phase },
        h("span.phase-name.fine.unbroken", worded(TITLES[phase])),
        lines,
      );
    });
    track.replaceChildren(...groups.filter((group) => group !== null));
  }

  /** Bring the current line to the middle. @param {ScrollBehavior} behavior */
  function centre(behavior) {
    const current = items.get(store.state.line);
    if (!current || track.scrollWidth <= track.clientWidth) return;
    const { offsetLeft, offsetWidth } = current;
    const left = offsetLeft - track.offsetLeft - track.clientWidth / 2 + offsetWidth / 2;
    track.scrollTo({ left, behavior });
  }
  new ResizeObserver(() => centre("auto")).observe(track);

  painter.add("ribbon", 100, (state, changed) => {
    if (!state.trace) return;
    const all = cellsOf(state);
    const at = all.findIndex(({ id }) => id === state.line);
    const cells = around(all, at);
    const ids = cells.map(({ id, box }) => id + (box ?? "")).join();
    if (ids !== key) {
      build(cells);
      key = ids;
    } else if (onlyRun(state, changed)) return;
    const current = lineOf(state.trace, state.line);
    for (const { id, title } of cells) {
      const item = items.get(id);
      if (!item) continue;
      set(item, {
        "aria-current": id === state.line ? "step" : null,
        "data-held": state.held?.lines.has(id) || null,
        tabindex: id === state.line ? "0" : "-1",
        "data-read": current?.inputs.includes(id),
      });
      if (!changed.has("veil") && !changed.has("trace") && !state.veil) continue;
      const said = veiled(state, id) ? `${title}, ${NOT_SHOWN}` : title;
      set(item, { "aria-label": said, title: said, "data-veiled": said !== title });
    }
    // A key has chosen another line than the one with the focus.
    if (track.contains(document.activeElement))
      items.get(state.line)?.focus({ preventScroll: true });
    // when all panels are drawn: the page is laid out once
    queueMicrotask(() => centre(changed.has("start") ? "auto" : scrolling()));
    set(root, { "data-phase": all[at]?.phase ?? "given" });
    write(place, TEXT.working.lineOf(at + 1, all.length));
    disable(previous, at === 0);
    disable(next, at === all.length - 1);
    if (changed.has("line") && current) {
      const hidden = veiled(state, current.id);
      write(slot("announce"), hidden ? `${current.spoken}, ${NOT_SHOWN}` : spoken(current));
    }
  });
  return { step };
}
