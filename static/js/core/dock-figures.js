/** The figures of the dock. Their names are those of addresses and of the scenes of lessons. */

import { TEXT } from "../text/en.js";

/** @typedef {{name: string, text: string, heading: string, title?: string}} DockWords */

/** @type {DockWords[]} in the order of the tabs; text: on the tab, title: its tooltip */
export const FIGURES = Object.entries(TEXT.dock.figures).map(([name, words]) => ({
  name,
  ...words,
}));

/** All tabs, in order. "network" is one on a phone; elsewhere it stands for the first figure. */
export const TABS = ["network", ...FIGURES.map(({ name }) => name)];

/** What a key goes through: all figures but the first and the last. */
const CYCLE = TABS.slice(2, -1);

/** The figure after a tab. @param {string} name */
export const nextFigure = (name) => CYCLE[(CYCLE.indexOf(name) + 1) % CYCLE.length];
