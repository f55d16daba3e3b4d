/**
 * The dock: the figures below the network, side by side, or one at a time on a phone. A figure is
 * one file and one entry of FIGURES; its section and its tab follow.
 */
import { h, set, slot } from "../../ui/dom.js";
import { dataFigure } from "./data.js";
import { middleFigure } from "./middle.js";
import { trainingCurves } from "./training-curves.js";

/** @typedef {import("../services.js").DockFigure} DockFigure */
/** @typedef {import("../services.js").Place} Place */

/** @type {DockFigure[]} from left to right */
export const FIGURES = [dataFigure, middleFigure, trainingCurves];

/** @param {DockFigure} figure @returns {Place} */
function placeOf({ name, heading: text, label }) {
  const heading = h("h2", {}, text);
  const tools = h("div", { class: "figure-tools", "data-slot": `${name}-tools` });
  const box = h("div", { class: "plot", "data-figure": name, role: "img", "aria-label": label });
  const section = h(
    "section",
    { class: "figure", id: `figure-${name}` },
    h("header", { class: "figure-head" }, heading, tools),
    box,
  );
  return { section, heading, tools, box };
}

/**
 * Sections and tabs, still without figures.
 * @param {import("../../state/paint.js").Painter} painter
 */
export function createDock(painter) {
  const places = new Map(FIGURES.map((figure) => [figure.name, placeOf(figure)]));
  const dock = slot("dock");
  dock.style.setProperty("--figures", String(FIGURES.length));
  for (const { section } of places.values()) dock.append(section);
  mountTabs(places, painter);
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

/**
 * On a phone one figure at a time.
 * @param {Map<string, Place>} places
 * @param {import("../../state/paint.js").Painter} painter
 */
function mountTabs(places, painter) {
  /** @type {HTMLButtonElement[]} */
  const tabs = FIGURES.map(({ name, tab }) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `figure-${name}`,
        onclick: () => open(name),
      },
      tab,
    ),
  );
  /** @param {string} name */
  function open(name) {
    for (const tab of tabs) {
      const on = tab.id === `tab-${name}`;
      set(tab, { "aria-selected": String(on), tabindex: on ? "0" : "-1" });
    }
    for (const [each, { section }] of places) {
      section.dataset.current = String(each === name);
      painter.redraw(each);
    }
  }
  const bar = slot("tabs");
  bar.append(...tabs);
  bar.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.stopPropagation();
    const k = tabs.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = tabs[(k + by + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });
  open(FIGURES[0].name);
}
