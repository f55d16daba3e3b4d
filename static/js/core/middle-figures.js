/**
 * What the middle figure of the dock can show. The names are those of the address and of the scenes
 * of lessons.
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

/** The one after it, the first after the last. @param {string} name */
export const nextMiddle = (name) =>
  MIDDLE_NAMES[(MIDDLE_NAMES.indexOf(name) + 1) % MIDDLE_NAMES.length];
