/** The convention of one's course: asked once, and kept in this browser. */

import { keep, kept, keptJson } from "./storage.js";

/** @typedef {{reduction: string, convention: string, step: "subtract" | "add"}} Course */

const KEY = "backprop-explorer.course";
const NONE = "none"; // asked, and not to be asked again

/** @returns {Course | null} */
export const course = () => {
  const stored = keptJson(KEY);
  return typeof stored?.reduction === "string" ? stored : null;
};

/** Whether it was asked; also those who have said no are not asked again. */
export const courseAsked = () => kept(KEY) !== null;

/** @param {Course | null} conventions null: there is none to be kept */
export const keepCourse = (conventions) => keep(KEY, JSON.stringify(conventions ?? NONE));

/** Ask again. */
export const forgetCourse = () => keep(KEY, null);
