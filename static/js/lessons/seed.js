/**
 * Seeds of lessons: a number from 0 to 2³¹ − 1, or any text, which the server hashes. The same
 * rules as in `app/backprop_explorer/lessons/seed.py`; a test compares the two.
 */
import { TEXT } from "../text/en.js";

const MAX_SEED = 2 ** 31 - 1;
export const MAX_CHARACTERS = 100;
export const NEEDED = TEXT.lesson.seedNeeded(MAX_CHARACTERS);
const UNSEEN = /^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$/gu; // at the ends

/**
 * The normal form of a seed from an address, a field or a file.
 * @param {unknown} typed
 * @returns {string | null} null if it is none: empty, too long or not valid Unicode
 */
export function readSeed(typed) {
  const raw = String(typed ?? "");
  if (raw.length > 20 * MAX_CHARACTERS || !raw.isWellFormed()) return null;
  const text = raw.normalize("NFC").replace(UNSEEN, "");
  if (!text || [...text].length > MAX_CHARACTERS) return null;
  return /^[0-9]+$/.test(text) && BigInt(text) <= MAX_SEED ? String(BigInt(text)) : text;
}

/**
 * The seed of the address, else the one used last, else 1.
 * @param {string} search @param {{seed: string | null}} progress
 */
export const seedOf = (search, progress) =>
  readSeed(new URLSearchParams(search).get("seed")) ?? progress.seed ?? "1";

/** What is wrong with the seed of an address; empty if nothing is. @param {string} search */
export function seedProblem(search) {
  const seed = new URLSearchParams(search).get("seed");
  return seed && readSeed(seed) === null ? TEXT.lesson.seedProblem(NEEDED) : "";
}

/** The next number, or the text followed by the next number. @param {string} seed */
export function nextSeed(seed) {
  if (/^[0-9]+$/.test(seed) && Number(seed) < MAX_SEED) return String(Number(seed) + 1);
  const [, head = seed, count] = /^(.*?)(?: ([0-9]{1,6}))?$/su.exec(seed) ?? [];
  const tail = ` ${Number(count ?? 1) + 1}`;
  return [...head].slice(0, MAX_CHARACTERS - tail.length).join("") + tail;
}

/** @param {string} path @param {string} seed @param {string} [rest] */
export const withSeed = (path, seed, rest = "") =>
  `${path}?seed=${encodeURIComponent(seed)}${rest}`;
