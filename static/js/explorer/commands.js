/**
 * The commands of the page: what keys do, their words in the help, and the button that does the
 * same. Shortcuts, help sheet and buttons follow from this table.
 */

import { nextFigure } from "../core/dock-figures.js";
import { ROOT } from "../core/root.js";
import { moveSample, toggleBatch } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { find, slot } from "../ui/dom.js";

/**
 * @typedef {{text: string, keys: Record<string, () => void>, shown?: string[], action?: string,
 *   group?: string}} Command `group`: of controls, with which a link hides it (hide.js). `keys`: by
 *   the name of the key, with "Ctrl+" where it is held. `shown`: how the help writes the keys, if
 *   not by their names; without `keys`, what the mouse or another part of the page does. `action`:
 *   the button with this `data-action` runs the first key's function.
 */

/**
 * @typedef {Pick<Services, "store" | "player" | "undo" | "session"> & { ribbon: {step: (by: number)
 *   => void}, walker: import("../state/walker.js").Walker, working: {mark: () => void, back: () =>
 *   unknown, move: (by: number) => void, enlarge: () => void}, share: {open: () => void},
 *   comparing: {open: () => void}, top: {toggleDrawer: () => void}, help: {toggle: () => void},
 *   theme: {next: () => void}, visit: {wake: () => void}}} Parts
 */

/** @param {Parts} parts @returns {Command[]} in the order of the help */
export function commandsOf({
  store,
  player,
  undo,
  session,
  ribbon,
  walker,
  working,
  share,
  comparing,
  top,
  help,
  theme,
  visit,
}) {
  const { state } = store;
  const by = (/** @type {number} */ steps) => () => {
    if (state.playing) player.pause();
    session.goBy(steps);
  };
  const sample = (/** @type {number} */ by) => () => moveSample(store, by);
  const change = (/** @type {() => void} */ run) => () => {
    if (state.playing) player.pause();
    run();
  };
  /** Another page; on the first visit its door. @param {string} door @param {string} href */
  const open = (door, href) =>
    state.first ? find(`[data-door="${door}"]`, HTMLElement).click() : location.assign(href);
  function nextConvention() {
    const names = (state.catalog?.conventions ?? []).map(({ name }) => name);
    if (names.length)
      store.set({ convention: names[(names.indexOf(state.convention) + 1) % names.length] });
  }
  return [
    {
      text: TEXT.commands.lines,
      group: "lines",
      keys: { ArrowLeft: () => ribbon.step(-1), ArrowRight: () => ribbon.step(1) },
    },
    {
      text: TEXT.commands.entries,
      group: "lines",
      keys: { ArrowUp: () => working.move(-1), ArrowDown: () => working.move(1) },
    },
    {
      text: TEXT.commands.walkForward,
      group: "walk",
      keys: { f: () => walker.toggle("forward") },
      action: "walk-forward",
    },
    {
      text: TEXT.commands.walkBackward,
      group: "walk",
      keys: { r: () => walker.toggle("backward") },
      action: "walk-backward",
    },
    { text: TEXT.commands.play, group: "training", keys: { " ": () => player.toggle() } },
    { text: TEXT.commands.steps, group: "training", keys: { ",": by(-1), ".": by(1) } },
    { text: TEXT.commands.toStart, group: "training", keys: { Home: by(-Infinity) } },
    { text: TEXT.commands.samples, group: "choices", keys: { "[": sample(-1), "]": sample(1) } },
    { text: TEXT.commands.typeValue, keys: {}, shown: ["dbl-click", "Enter"] },
    { text: TEXT.commands.dragValue, keys: {}, shown: ["drag", "+", "−"] },
    {
      text: TEXT.commands.undo,
      group: "settings",
      keys: {
        "Ctrl+z": change(() => undo.undo()),
        "Ctrl+Shift+z": change(() => undo.redo()),
        "Ctrl+y": change(() => undo.redo()),
      },
      shown: ["Ctrl+Z", "Ctrl+Shift+Z"],
    },
    {
      text: TEXT.commands.experiment,
      group: "settings",
      keys: { e: () => (state.first ? visit.wake() : top.toggleDrawer()) },
      action: "experiment",
    },
    { text: TEXT.commands.share, group: "share", keys: { s: () => share.open() } },
    { text: TEXT.commands.compare, group: "settings", keys: { n: () => comparing.open() } },
    {
      text: TEXT.commands.middle,
      group: "figures",
      keys: { h: () => store.set({ tab: nextFigure(state.tab) }) },
    },
    { text: TEXT.commands.wholeBatch, group: "choices", keys: { b: () => toggleBatch(store) } },
    { text: TEXT.commands.convention, group: "notation", keys: { c: nextConvention } },
    { text: TEXT.commands.submitted, group: "own", keys: { m: () => working.mark() } },
    {
      text: TEXT.commands.jacobians,
      group: "notation",
      keys: { j: () => store.set({ jacobians: !state.jacobians }) },
    },
    { text: TEXT.commands.picture, keys: { v: () => working.enlarge() }, action: "picture" },
    { text: TEXT.commands.pathBack, keys: { Backspace: () => working.back() } },
    {
      text: TEXT.commands.chooseNothing,
      keys: {
        Escape: () => {
          const { selection, entry, path, source, projector, both, watch } = state;
          // what covers the page has another key, once its part is loaded
          if (both || watch !== null) return store.set({ both: false, watch: null });
          const chosen = selection || entry || path.length || source;
          store.set({ selection: null, entry: null, path: [], source: null });
          if (projector && !chosen) store.set({ projector: false });
        },
      },
    },
    {
      text: TEXT.commands.projector,
      keys: { p: () => store.set({ projector: !state.projector }) },
    },
    { text: TEXT.commands.theme, keys: { t: () => theme.next() } },
    { text: TEXT.commands.between, keys: {}, shown: ["Tab", "arrows"] },
    {
      text: TEXT.commands.watch,
      group: "pages",
      keys: { w: () => store.set({ watch: state.watch === null ? 1 : null }) },
    },
    {
      text: TEXT.commands.lessons,
      group: "pages",
      keys: { l: () => open("learn", `${ROOT}lessons`) },
    },
    {
      text: TEXT.commands.check,
      group: "pages",
      keys: { k: () => open("check", slot("check").href) },
    },
    { text: TEXT.commands.thisSheet, keys: { "?": () => help.toggle() }, action: "help" },
  ];
}
