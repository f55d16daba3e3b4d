/**
 * The dock: the figures beside the network, one at a time. A figure is one file and one entry of
 * FIGURES; its section and its tabs follow. On a phone the network is one of the tabs.
 */
import { TABS } from "../../core/middle-figures.js";
import { TEXT } from "../../text/en.js";
import { h, set, slot, windowIs } from "../../ui/dom.js";
import { dataFigure } from "./data.js";
import { middleFigure } from "./middle.js";
import { trainingCurves } from "./training-curves.js";

/** @typedef {import("../services.js").DockFigure} DockFigure */
/** @typedef {import("../services.js").Place} Place */

/** @type {DockFigure[]} from left to right */
export const FIGURES = [dataFigure, middleFigure, trainingCurves];

/** @param {DockFigure} figure @returns {Place} */
function placeOf({ name, heading: text, label }) {
  const heading = h("h2", text);
  const tools = h("div.figure-tools", { "data-slot": `${name}-tools` });
  const box = h("div.plot", { "data-figure": name, role: "img", "aria-label": label });
  const section = h(
    "section.figure",
    { id: `figure-${name}` },
    h("header.figure-head", heading, tools),
    box,
  );
  return { section, heading, tools, box };
}

/**
 * Sections and tabs, still without figures.
 * @param {Pick<import("../services.js").Services, "store" | "painter">} services
 */
export function createDock({ store, painter }) {
  const places = new Map(FIGURES.map((figure) => [figure.name, placeOf(figure)]));
  const dock = slot("dock");
  for (const { section } of places.values()) dock.append(section);
  mountTabs(places, store, painter);
  return {
    /** Where a figure has its buttons. @param {string} name */
    tools: (name) => /** @type {Place} */ (places.get(name)).tools,
    /** @param {import("../services.js").FigureServices} services */
    mount(services) {
      for (const { name, mount } of FIGURES)
        mount(/** @type {Place} */ (places.get(name)), services);
    },
  };
}

const phone = windowIs("phone");

/**
 * One figure at a time.
 * @param {Map<string, Place>} places
 * @param {import("../../state/store.js").Store} store
 * @param {import("../../state/paint.js").Painter} painter
 */
function mountTabs(places, store, painter) {
  /** @type {Map<string, string>} the figure that a tab shows */
  const figures = new Map(FIGURES.flatMap(({ name, tabs }) => tabs.map((tab) => [tab.name, name])));
  const all = [
    { name: TABS[0], text: TEXT.dock.network, title: undefined },
    ...FIGURES.flatMap(({ tabs }) => tabs),
  ];
  const tabs = all.map(({ name, text, title }) => {
    const figure = figures.get(name);
    return h(
      "button",
      {
        role: "tab",
        id: `tab-${name}`,
        "data-tab": name,
        "aria-controls": figure ? `figure-${figure}` : "network",
        title,
        onclick: () => store.set({ tab: name }),
      },
      text,
    );
  });
  /** On a wide page the network is beside the first figure. @param {string} tab */
  const selected = (tab) => (tab === TABS[0] && !phone.matches ? FIGURES[0].name : tab);
  const desk = /** @type {HTMLElement} */ (slot("dock").parentElement);
  const draw = () => {
    const shown = selected(store.state.tab);
    for (const tab of tabs) {
      const on = tab.dataset.tab === shown;
      set(tab, { "aria-selected": String(on), tabindex: on ? "0" : "-1" });
    }
    desk.dataset.tab = shown;
    const figure = figures.get(shown) ?? FIGURES[0].name;
    for (const [each, { section }] of places) {
      section.dataset.current = String(each === figure);
      painter.redraw(each);
    }
    painter.redraw("network");
  };
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
}
