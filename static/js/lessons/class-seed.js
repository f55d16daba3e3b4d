/**
 * Numbers for each student of a class: the seed is made in the browser of the class's name and a
 * text of the student, such as a name or number. The text is kept in this browser and sent
 * nowhere; the seed is a number of 31 bits.
 */
import { isObject } from "../core/leaves.js";
import { keep, keptJson } from "../core/storage.js";
import { readSeed } from "./seed.js";

const KEY = "backprop-explorer.class";
const PRIME = 0x01000193;

/**
 * FNV-1a over the characters, mixed at the end; not `crypto.subtle`, which browsers offer on secure
 * pages only, and a server in a classroom is reached by http.
 * @param {string} text @param {number} start
 */
function hash(text, start) {
  let mixed = start;
  for (const byte of new TextEncoder().encode(text)) mixed = Math.imul(mixed ^ byte, PRIME) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 0;
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Spelling that people vary: case and blanks. @param {string} text */
const tidy = (text) => readSeed(text.toLowerCase().replace(/\s+/g, " "));

/**
 * @param {string} course the name of the class @param {string} student a student's text
 * @returns {string | null} null if a text is empty or too long
 */
export function classSeed(course, student) {
  const [first, second] = [tidy(course), tidy(student)];
  if (first === null || second === null) return null;
  return String(hash(second, hash(first, 0x811c9dc5)) & 0x7fffffff);
}

/** The class of an address. @param {string} search */
export const classOf = (search) => readSeed(new URLSearchParams(search).get("class"));

/** @param {string} path @param {string} course */
export const withClass = (path, course) => `${path}?class=${encodeURIComponent(course)}`;

/** The student's texts by class. */
const stored = () => {
  const texts = keptJson(KEY);
  return isObject(texts) ? texts : {};
};

/** @param {string} course @returns {string | null} */
export const studentTextOf = (course) => {
  const text = stored()[`class:${course}`];
  return typeof text === "string" ? text : null;
};

/** @param {string} course @param {string} text */
export const keepText = (course, text) =>
  keep(KEY, JSON.stringify({ ...stored(), [`class:${course}`]: text }));
