/** Light, dark, or as the system has it; and the colours of the theme for the figures. */
import { keep, kept } from "../core/storage.js";
import { TEXT } from "../text/en.js";
import { find, set } from "./dom.js";

const KEY = "backprop-explorer.theme";
const ORDER = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

/**
 * For pages without a store: call `run` with whether the theme is dark, now and each time the
 * system's theme changes.
 */
export function followTheme(/** @type {(dark: boolean) => void} */ run) {
  const tell = () => {
    const theme = kept(KEY);
    run(theme === "dark" || (theme !== "light" && system.matches));
  };
  tell();
  system.addEventListener("change", tell);
}

export function mountTheme(/** @type {Store} */ store) {
  const apply = () => {
    const { theme } = store.state;
    document.documentElement.dataset.theme =
      theme === "auto" ? (system.matches ? "dark" : "light") : theme;
  };
  const before = kept(KEY);
  if (before !== null && ORDER.includes(before)) store.set({ theme: before });
  apply();
  store.on(["theme"], () => {
    keep(KEY, store.state.theme);
    apply();
  });
  const button = find('[data-action="theme"]', HTMLButtonElement);
  const next = () => ORDER[(ORDER.indexOf(store.state.theme) + 1) % ORDER.length];
  const name = () =>
    set(button, {
      title: TEXT.ui.theme(TEXT.ui.themes[store.state.theme], TEXT.ui.themes[next()]),
    });
  const change = () => store.set({ theme: next() });
  button.addEventListener("click", change);
  store.on(["theme"], name);
  name();
  // the figures take their colours from the store's point of view: tell them when the system
  // changes
  system.addEventListener("change", () => {
    if (store.state.theme !== "auto") return;
    store.set({ theme: system.matches ? "dark" : "light" });
    store.set({ theme: "auto" });
  });
  return { next: change };
}

const contrast = matchMedia("(prefers-contrast: more)");
/** @type {{theme: string, colours: Palette} | null} */
let known = null;

/**
 * The colours of the theme that is on; computed styles are read once for each.
 * @returns {Palette}
 */
export function palette() {
  const { theme: chosen } = document.documentElement.dataset;
  const theme = `${chosen} ${contrast.matches} ${innerWidth} ${innerHeight}`;
  if (known?.theme !== theme) known = { theme, colours: coloursNow() };
  return known.colours;
}

/** @returns {Palette} */
function coloursNow() {
  const style = getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => {
    const value = style.getPropertyValue(`--${name}`).trim();
    const both = /^light-dark\((.*), (.*)\)$/.exec(value);
    return both ? both[style.colorScheme === "dark" ? 2 : 1] : value;
  };
  const phases = Object.fromEntries(
    ["forward", "cost", "backward", "update"].map((name) => [name, token(name)]),
  );
  const plain = ["paper", "wash", "ink", "soft", "rule", "positive", "negative", "zero"];
  /** @type {any} any: by its names */
  const tokens = Object.fromEntries([...plain, "sans", "math"].map((name) => [name, token(name)]));
  return {
    ...tokens,
    sheet: full(token("sheet")),
    strongRule: token("rule-strong"),
    positiveStrong: token("positive-strong"),
    negativeStrong: token("negative-strong"),
    phases,
    classes: Array.from({ length: 10 }, (_, k) => token(`class-${k}`)),
    type: 0.75 * (parseFloat(style.fontSize) || 16),
  };
}

/** #abc as #aabbcc. @param {string} hex */
const full = (hex) => (hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : hex);
