/**
 * The lines of one step, in order, grouped and coloured by phase.
 */

import { PHASES, spoken } from "../core/lines.js";
import { nameOf, shortName } from "../core/names.js";
import { lineOf, neighbour } from "../core/trace.js";
import { NOT_SHOWN, veiled } from "../core/veil.js";
import { onlyRun } from "../state/paint.js";
import { TEXT } from "../text/en.js";
import { button, disable, h, panel, scrolling, set, slot, write } from "../ui/dom.js";
import { createNumbersSwitch } from "./whose-numbers.js";

/** @type {Record<string, string>} */
const TITLES = TEXT.stage.phases;

/** @param {Pick<Services, "store" | "painter">} services */
export function mountRibbon({ store, painter }) {
  const root = panel("ribbon");
  /** @param {number} by lines */
  const step = (by) =>
    store.set({ line: neighbour(store.state.trace, store.state.line, by), entry: null });
  const previous = button("line-previous.turn", "‹", () => step(-1), {
    title: TEXT.stage.previousLineKey,
    "aria-label": TEXT.stage.previousLine,
  });
  const next = button("line-next.turn", "›", () => step(1), {
    title: TEXT.stage.nextLineKey,
    "aria-label": TEXT.stage.nextLine,
  });
  const track = h("div.track");
  const place = h("span.ribbon-place");
  root.append(
    h(
      "div.ribbon-head",
      createNumbersSwitch(store, painter),
      h("div.ribbon-turns", previous, place, next),
    ),
    track,
  );
  /** @type {Map<string, HTMLElement>} */
  let items = new Map();
  let key = "";

  track.addEventListener("click", ({ target }) => {
    const item = target instanceof Element ? target.closest("[data-line]") : null;
    const id = item?.getAttribute("data-line");
    if (id) store.set({ line: id, entry: null });
  });

  /** @param {Trace} trace */
  function build(trace) {
    items = new Map();
    const groups = PHASES.map((phase) => {
      const lines = trace.lines.filter((line) => line.phase === phase);
      if (!lines.length) return null;
      const buttons = lines.map((line) => {
        const item = h(
          "button.line.math",
          {
            "data-line": line.id,
            "data-phase": phase,
            "aria-label": nameOf(line),
            title: nameOf(line),
            tabindex: "-1",
          },
          shortName(line),
        );
        items.set(line.id, item);
        return item;
      });
      return h(
        "div.phase",
        { "data-phase": phase, role: "group", "aria-label": phase },
        h("span.phase-name", TITLES[phase]),
        h("div.lines", buttons),
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

  painter.add({
    name: "ribbon",
    every: 100,
    draw(state, changed) {
      if (!state.trace) return;
      const ids = state.trace.lines.map((line) => line.id).join();
      if (ids !== key) {
        build(state.trace);
        key = ids;
      } else if (onlyRun(state, changed)) return;
      for (const line of state.trace.lines) {
        const { id } = line;
        const item = items.get(id);
        if (!item) continue;
        set(item, {
          "aria-current": id === state.line ? "step" : null,
          tabindex: id === state.line ? "0" : "-1",
        });
        if (!changed.has("veil") && !changed.has("trace") && !state.veil) continue;
        const name = nameOf(line);
        const said = veiled(state, id) ? `${name}, ${NOT_SHOWN}` : name;
        set(item, { "aria-label": said, title: said, "data-veiled": said !== name });
      }
      // A key has chosen another line than the one with the focus.
      if (track.contains(document.activeElement))
        items.get(state.line)?.focus({ preventScroll: true });
      centre(changed.has("start") ? "auto" : scrolling());
      const { lines } = state.trace;
      const at = lines.findIndex(({ id }) => id === state.line);
      set(root, { "data-phase": lines[at]?.phase ?? "given" });
      write(place, TEXT.working.lineOf(at + 1, lines.length));
      disable(previous, lines[0].id === state.line);
      disable(next, lines[lines.length - 1].id === state.line);
      if (changed.has("line")) {
        const line = lineOf(state.trace, state.line);
        if (line)
          write(
            slot("announce"),
            veiled(state, line.id) ? `${line.spoken}, ${NOT_SHOWN}` : spoken(line),
          );
      }
    },
  });
  return { step };
}
