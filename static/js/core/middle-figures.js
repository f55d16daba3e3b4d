/**
 * The tabs of the figures, one of which is shown. The names are those of the address and of the
 * scenes of lessons. The middle figures share one place in the dock.
 */

import { TEXT } from "../text/en.js";

/** @typedef {{name: string, text: string, heading: string, title?: string}} MiddleFigure */

/** @type {MiddleFigure[]} text: on its button, title: its tooltip */
export const MIDDLE_FIGURES = [
  { name: "gradient-flow", text: TEXT.dock.flow, heading: TEXT.dock.flowHeading },
  {
    name: "health",
    text: TEXT.dock.health,
    heading: TEXT.dock.healthHeading,
    title: TEXT.dock.healthTitle,
  },
  {
    name: "cost",
    text: TEXT.dock.cost,
    heading: TEXT.dock.costHeading,
    title: TEXT.dock.costTitle,
  },
  { name: "map", text: TEXT.dock.map, heading: TEXT.dock.mapHeading, title: TEXT.dock.mapTitle },
];

export const MIDDLE_NAMES = MIDDLE_FIGURES.map(({ name }) => name);

/** All tabs, in order. "network" is one on a phone; on wider pages it stands for "data". */
export const TABS = ["network", "data", ...MIDDLE_NAMES, "training-curves"];

/**
 * The middle figure after a tab, the first after the last and after any other tab.
 * @param {string} name
 */
export const nextMiddle = (name) =>
  MIDDLE_NAMES[(MIDDLE_NAMES.indexOf(name) + 1) % MIDDLE_NAMES.length];
