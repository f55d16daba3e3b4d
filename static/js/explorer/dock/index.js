/**
 * The dock: the figures beside the network, one at a time. A figure is one file, its words in
 * text/en/dock.js and its entry in MOUNT, or in LATER if it is loaded when it is shown first. On a
 * phone the network is one of the tabs.
 */
import { FIGURES, TABS } from "../../core/dock-figures.js";
import { once } from "../../core/once.js";
import { TEXT } from "../../text/en.js";
import { h, set, slot, windowIs } from "../../ui/dom.js";
import { worded } from "../words.js";
import { mountData } from "./data.js";
import { mountGradientFlow, mountTrainingCurves } from "./over-updates.js";

/** @type {Record<string, (place: Place, services: FigureServices) => void>} */
const MOUNT = {
  data: mountData,
  "gradient-flow": mountGradientFlow,
  "training-curves": mountTrainingCurves,
};
/** @type {Record<string, (place: Place, services: FigureServices) => Promise<void>>} */
const LATER = {
  health: async (place, services) => (await import("./health.js")).mountHealth(place, services),
  cost: async (place, services) => (await import("./cost.js")).mountCost(place, services),
  map: async (place, services) => (await import("./map.js")).mountMap(place, services),
};

/** @param {import("../../core/dock-figures.js").DockWords} words @returns {Place} */
function placeOf({ name, heading }) {
  const tools = h("div.figure-tools.side-by-side", { "data-slot": `${name}-tools` });
  const head = h("header.figure-head.side-by-side.wraps", h("h2", worded(heading)), tools);
  return { section: h("section.figure", { id: `figure-${name}` }, head), tools };
}

const phone = windowIs("phone");

/** Tabs and sections, still without figures. */
export function createDock(/** @type {Pick<Services, "store" | "painter">} */ { store, painter }) {
  const dock = slot("dock");
  const desk = /** @type {HTMLElement} */ (dock.parentElement);
  const places = new Map(FIGURES.map((figure) => [figure.name, placeOf(figure)]));
  for (const { section } of places.values()) dock.append(section);
  /** @type {Record<string, () => Promise<void>>} once there are services */
  const later = {};
  const tabs = TABS.map((name) => {
    const { text, title } = TEXT.dock.figures[name] ?? { text: TEXT.dock.network };
    const tab = {
      ...{ role: "tab", id: `tab-${name}`, "data-tab": name, title },
      "aria-controls": places.has(name) ? `figure-${name}` : name,
      onclick: () => store.set({ tab: name }),
    };
    return h("button.plain.smaller.unbroken", tab, text);
  });
  /** On a wide page the network is beside the first figure. @param {string} tab */
  const selected = (tab) => (places.has(tab) || phone.matches ? tab : FIGURES[0].name);
  /** @returns {Promise<void> | undefined} where the figure has to be loaded first */
  function draw() {
    const shown = selected(store.state.tab);
    for (const tab of tabs) {
      const on = tab.dataset.tab === shown;
      set(tab, { "aria-selected": String(on), tabindex: on ? "0" : "-1" });
    }
    desk.dataset.tab = shown;
    const figure = places.has(shown) ? shown : FIGURES[0].name;
    for (const [name, { section }] of places) section.dataset.current = String(name === figure);
    painter.redraw(figure); // it may have been drawn while it had no size
    painter.redraw("network");
    return later[figure]?.();
  }
  const bar = slot("tabs");
  bar.append(...tabs);
  bar.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.stopPropagation();
    const there = tabs.filter((tab) => tab.checkVisibility());
    const k = there.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = there[(k + by + there.length) % there.length];
    next.click();
    next.focus();
  });
  store.on(["tab"], draw);
  phone.addEventListener("change", draw);
  draw();
  return {
    /** @param {FigureServices} services @returns {Promise<void>} when the shown one is made */
    async mount(services) {
      for (const [name, place] of places)
        if (name in LATER) later[name] = once(() => LATER[name](place, services));
        else MOUNT[name](place, services);
      await draw();
    },
  };
}
