/**
 * The commands of the page: what keys do, their words in the help, and the button that does the
 * same. Shortcuts, help sheet and buttons follow from this table.
 */

import { nextMiddle } from "../core/middle-figures.js";

/**
 * @typedef {{text: string, keys: Record<string, () => void>, shown?: string[], action?: string}}
 *   Command `keys`: by the name of the key, with "Ctrl+" where it is held. `shown`: how the help
 *   writes the keys, if not by their names; without `keys`, what the mouse or another part of the
 *   page does. `action`: the button with this `data-action` runs the first key's function.
 */

/**
 * @typedef {Pick<import("./services.js").Services, "store" | "player" | "undo" | "session"> & {
 *   ribbon: {step: (by: number) => void}, working: {mark: () => void, back: () => unknown},
 *   share: {open: () => void}, branch: {open: () => void}, top: {toggleDrawer: () => void},
 *   help: {toggle: () => void}, theme: {next: () => void}}} Parts of the page
 */

/**
 * @param {Parts} parts
 * @returns {Command[]} in the order of the help
 */
export function commandsOf({
  store,
  player,
  undo,
  session,
  ribbon,
  working,
  share,
  branch,
  top,
  help,
  theme,
}) {
  const { state } = store;
  const by = (/** @type {number} */ steps) => () => {
    if (state.playing) player.pause();
    session.goBy(steps);
  };
  const sample = (/** @type {number} */ offset) => () => {
    const n = state.data?.train.x.length;
    if (n) store.set({ sample: state.sample === "batch" ? 0 : (state.sample + offset + n) % n });
  };
  const change = (/** @type {() => void} */ run) => () => {
    if (state.playing) player.pause();
    run();
  };
  function nextConvention() {
    const names = (state.catalog?.conventions ?? []).map(({ name }) => name);
    if (names.length)
      store.set({ convention: names[(names.indexOf(state.convention) + 1) % names.length] });
  }
  return [
    {
      text: "line before, line after",
      keys: { ArrowLeft: () => ribbon.step(-1), ArrowRight: () => ribbon.step(1) },
    },
    { text: "play, pause", keys: { " ": () => player.toggle() } },
    { text: "one training step back, on", keys: { ",": by(-1), ".": by(1) } },
    { text: "to step 0", keys: { Home: by(-Infinity) } },
    { text: "sample before, sample after", keys: { "[": sample(-1), "]": sample(1) } },
    {
      text: "on an entry of W, b, x or the target: type another value",
      keys: {},
      shown: ["dbl-click", "Enter"],
    },
    { text: "on such an entry: change it", keys: {}, shown: ["drag", "+", "−"] },
    {
      text: "undo, redo a change to the experiment",
      keys: {
        "Ctrl+z": change(() => undo.undo()),
        "Ctrl+Shift+z": change(() => undo.redo()),
        "Ctrl+y": change(() => undo.redo()),
      },
      shown: ["Ctrl+Z", "Ctrl+Shift+Z"],
    },
    { text: "the experiment's form", keys: { e: () => top.toggleDrawer() }, action: "experiment" },
    { text: "share: link, NumPy, files", keys: { s: () => share.open() } },
    { text: "branch from this step", keys: { n: () => branch.open() } },
    {
      text: "gradient flow, health, cost nearby",
      keys: {
        h: () => store.set({ middle: nextMiddle(state.middle) }),
      },
    },
    {
      text: "one sample, whole batch",
      keys: { b: () => store.set({ sample: state.sample === "batch" ? 0 : "batch" }) },
    },
    { text: "next convention", keys: { c: nextConvention } },
    { text: "mark my own numbers of this line", keys: { m: () => working.mark() } },
    {
      text: "with or without Jacobians",
      keys: { j: () => store.set({ jacobians: !state.jacobians }) },
    },
    {
      text: "one back on the way to where a number came from",
      keys: { Backspace: () => working.back() },
    },
    {
      text: "choose nothing",
      keys: { Escape: () => store.set({ selection: null, entry: null, path: [], source: null }) },
    },
    {
      text: "projector: stage and working only, larger",
      keys: { p: () => store.set({ projector: !state.projector }) },
    },
    { text: "light, dark, as the system", keys: { t: () => theme.next() } },
    {
      text: "in the network: between neurons; in a matrix: between entries",
      keys: {},
      shown: ["Tab", "arrows"],
    },
    { text: "this sheet", keys: { "?": () => help.toggle() }, action: "help" },
  ];
}
