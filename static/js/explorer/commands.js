/**
 * The commands of the page: what keys do, their words in the help, and the button that does the
 * same. Shortcuts, help sheet and buttons follow from this table.
 */

import { nextFigure } from "../core/dock-figures.js";
import { ROOT } from "../core/root.js";
import { moveSample, toggleBatch } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { find, slot } from "../ui/dom.js";
import { command } from "../ui/shortcuts.js";

/**
 * @typedef {Services & { ribbon: {step: (by: number)
 *   => void}, walker: import("../state/walker.js").Walker, working: {mark: () => void, back: () =>
 *   unknown, move: (by: number) => void, enlarge: () => void}, share: {open: () => void},
 *   comparing: {open: () => void}, top: {toggleDrawer: () => void}, help: {toggle: () => void},
 *   theme: {next: () => void}, visit: {wake: () => void}}} Parts
 */

/** @param {Parts} parts @returns {Command[]} in the order of the help */
export function commandsOf(parts) {
  const { store, player, undo, session, ribbon, walker, working } = parts;
  const { share, comparing, top, help, theme, visit } = parts;
  const { state } = store;
  const change = (/** @type {() => void} */ run) => () => {
    if (state.playing) player.pause();
    run();
  };
  const by = (/** @type {number} */ steps) => change(() => session.goBy(steps));
  const line = (/** @type {number} */ by) => () => ribbon.step(by);
  const entry = (/** @type {number} */ by) => () => working.move(by);
  const sample = (/** @type {number} */ by) => () => moveSample(store, by);
  const walk = (/** @type {Pass} */ pass) => () => walker.toggle(pass);
  const redo = change(() => undo.redo());
  /** Another page; on the first visit its door. @param {string} door @param {string} href */
  const open = (door, href) =>
    state.first ? find(`[data-door="${door}"]`, HTMLElement).click() : location.assign(href);
  function nextConvention() {
    const names = (state.catalog?.conventions ?? []).map(({ name }) => name);
    if (names.length)
      store.set({ convention: names[(names.indexOf(state.convention) + 1) % names.length] });
  }
  function chooseNothing() {
    const { selection, entry, path, source, projector, both, watch } = state;
    // what covers the page has another key, once its part is loaded
    if (both || watch !== null) return store.set({ both: false, watch: null });
    const chosen = selection || entry || path.length || source;
    store.set({ selection: null, entry: null, path: [], source: null });
    if (projector && !chosen) store.set({ projector: false });
  }
  const drawer = () => (state.first ? visit.wake() : top.toggleDrawer());
  const watch = () => store.set({ watch: state.watch === null ? 1 : null });
  return [
    command(TEXT.commands.lines, { ArrowLeft: line(-1), ArrowRight: line(1) }, { group: "lines" }),
    command(TEXT.commands.entries, { ArrowUp: entry(-1), ArrowDown: entry(1) }, { group: "lines" }),
    command(
      TEXT.commands.walkForward,
      { f: walk("forward") },
      { group: "walk", action: "walk-forward" },
    ),
    command(
      TEXT.commands.walkBackward,
      { r: walk("backward") },
      { group: "walk", action: "walk-backward" },
    ),
    command(TEXT.commands.play, { " ": () => player.toggle() }, { group: "training" }),
    command(TEXT.commands.steps, { ",": by(-1), ".": by(1) }, { group: "training" }),
    command(TEXT.commands.toStart, { Home: by(-Infinity) }, { group: "training" }),
    command(TEXT.commands.samples, { "[": sample(-1), "]": sample(1) }, { group: "choices" }),
    command(TEXT.commands.typeValue, {}, { shown: ["dbl-click", "Enter"] }),
    command(TEXT.commands.dragValue, {}, { shown: ["drag", "+", "−"] }),
    command(
      TEXT.commands.undo,
      { "Ctrl+z": change(() => undo.undo()), "Ctrl+Shift+z": redo, "Ctrl+y": redo },
      { group: "settings", shown: ["Ctrl+Z", "Ctrl+Shift+Z"] },
    ),
    command(TEXT.commands.experiment, { e: drawer }, { group: "settings", action: "experiment" }),
    command(TEXT.commands.share, { s: () => share.open() }, { group: "share" }),
    command(TEXT.commands.compare, { n: () => comparing.open() }, { group: "settings" }),
    command(
      TEXT.commands.middle,
      { h: () => store.set({ tab: nextFigure(state.tab) }) },
      { group: "figures" },
    ),
    command(TEXT.commands.wholeBatch, { b: () => toggleBatch(store) }, { group: "choices" }),
    command(TEXT.commands.convention, { c: nextConvention }, { group: "notation" }),
    command(TEXT.commands.submitted, { m: () => working.mark() }, { group: "own" }),
    command(
      TEXT.commands.jacobians,
      { j: () => store.set({ jacobians: !state.jacobians }) },
      { group: "notation" },
    ),
    command(TEXT.commands.picture, { v: () => working.enlarge() }, { action: "picture" }),
    command(TEXT.commands.pathBack, { Backspace: () => working.back() }),
    command(TEXT.commands.chooseNothing, { Escape: chooseNothing }),
    command(TEXT.commands.projector, { p: () => store.set({ projector: !state.projector }) }),
    command(TEXT.commands.theme, { t: () => theme.next() }),
    command(TEXT.commands.between, {}, { shown: ["Tab", "arrows"] }),
    command(TEXT.commands.watch, { w: watch }, { group: "pages" }),
    command(
      TEXT.commands.lessons,
      { l: () => open("learn", `${ROOT}lessons`) },
      { group: "pages" },
    ),
    command(
      TEXT.commands.check,
      { k: () => open("check", slot("check").href) },
      { group: "pages" },
    ),
    command(TEXT.commands.thisSheet, { "?": () => help.toggle() }, { action: "help" }),
  ];
}
