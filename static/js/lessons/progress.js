/**
 * A reader's progress, kept in this browser alone, by lesson, seed and card. Where a browser keeps
 * nothing (private mode), it lasts as long as the page, and the page says so.
 *
 * Cards are kept by name. Version 1 kept them by position: such entries are renamed when their
 * lesson is opened, because only the lesson knows the names of its cards.
 */
import { isObject } from "../core/leaves.js";
import { keep, keptJson } from "../core/storage.js";
import { readSeed } from "./seed.js";

const KEY = "backprop-explorer.lessons";
export const VERSION = 3;
const READABLE = [1, 2, VERSION];
const RESULTS = ["alone", "hint", "shown"]; // the better first
// Characters. The largest array that a lesson asks has 32 numbers; a lecturer may ask more.
const LONGEST_ANSWER = 20000;
export const END = "end"; // stands for the page after the last card

/**
 * at: the name of the shown card, END, or a position of version 1; null: the first card
 * @typedef {{at: string | number | null, cards: Record<string, Kept>, digest?: string}} Place
 *   digest: of the lesson's files when it was open last
 */
/**
 * @typedef {{version: number, seed: string | null,
 *   lessons: Record<string, Record<string, Place>>}} Book
 */

/** @returns {Book} */
const empty = () => ({ version: VERSION, seed: null, lessons: {} });
/** @param {unknown} value @param {number} [most] @returns {value is number} */
const whole = (value, most = 1e6) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
const CARD = /^[a-z0-9-]{1,60}$/;
const DIGEST = /^[0-9a-f]{1,64}$/;
const MISTAKE = /^[a-z0-9_]{1,60}$/;
const POSITION = /^\d{1,4}$/;
/** Text gets a prefix, so that no seed is a property that every object has, such as __proto__. */
const keyOf = (/** @type {string} */ seed) => (/^[0-9]+$/.test(seed) ? seed : `text:${seed}`);

/** @param {unknown} at @returns {Place["at"]} */
const placeOf = (at) =>
  whole(at, 9999) || (typeof at === "string" && CARD.test(at) && !POSITION.test(at)) ? at : null;

/**
 * The valid part of stored or imported data; null if it is not progress at all.
 * @param {unknown} data from a file @returns {Book | null}
 */
export function tidy(data) {
  if (!isObject(data) || !isObject(data.lessons)) return null;
  if (!READABLE.some((version) => version === data.version)) return null;
  const book = empty();
  book.seed = ["number", "string"].includes(typeof data.seed) ? readSeed(data.seed) : null;
  for (const [name, seeds] of Object.entries(data.lessons)) {
    if (!/^[a-z0-9-]{1,80}$/.test(name) || !isObject(seeds)) continue;
    for (const [key, kept] of Object.entries(seeds)) {
      const seed = readSeed(key.replace(/^text:/, ""));
      if (seed === null || keyOf(seed) !== key || !isObject(kept) || !isObject(kept.cards))
        continue;
      /** @type {Record<string, Kept>} */
      const cards = {};
      for (const [card, record] of Object.entries(kept.cards)) {
        if (!CARD.test(card) || !isObject(record)) continue;
        cards[card] = {
          result: RESULTS.find((result) => result === record.result) ?? null,
          tries: whole(record.tries) ? record.tries : 0,
          hint: record.hint === true,
          answer: bounded(record.answer),
          ...(whole(record.day) && { day: record.day }),
          mistake:
            typeof record.mistake === "string" && MISTAKE.test(record.mistake)
              ? record.mistake
              : null,
        };
      }
      book.lessons[name] ??= {};
      const digest = DIGEST.exec(String(kept.digest))?.[0];
      book.lessons[name][key] = { at: placeOf(kept.at), cards, ...(digest && { digest }) };
    }
  }
  return book;
}

/** @param {unknown} answer @returns {unknown} null if it is too long to be kept */
const bounded = (answer) =>
  JSON.stringify(answer ?? null).length <= LONGEST_ANSWER ? (answer ?? null) : null;

/** Whether `one` has the better result. @param {Kept} one @param {Kept | undefined} other */
const isBetter = (one, other) => !other || rank(one) < rank(other);
/** @param {Kept} kept */
const rank = ({ result }) => (result ? RESULTS.indexOf(result) : RESULTS.length);

/** The better results of both. @param {Book} ours @param {Book} other @returns {Book} */
export function merge(ours, other) {
  const book = structuredClone(ours);
  book.seed ??= other.seed;
  for (const [name, seeds] of Object.entries(other.lessons)) {
    for (const [seed, theirs] of Object.entries(seeds)) {
      book.lessons[name] ??= {};
      book.lessons[name][seed] ??= { at: theirs.at, cards: {} };
      const mine = book.lessons[name][seed];
      for (const [card, kept] of Object.entries(theirs.cards)) {
        if (isBetter(kept, mine.cards[card])) mine.cards[card] = kept;
      }
    }
  }
  return book;
}

/**
 * Replace the positions of version 1 by names.
 * @param {Place} place @param {string[]} names of the lesson's cards, in order
 */
export function rename(place, names) {
  for (const [position, kept] of Object.entries(place.cards)) {
    if (!POSITION.test(position)) continue;
    delete place.cards[position];
    const name = names[Number(position)];
    if (name && isBetter(kept, place.cards[name])) place.cards[name] = kept;
  }
  if (typeof place.at === "number") place.at = names[place.at] ?? END;
}

export function openProgress() {
  let keeps = keep(`${KEY}.try`, "1") && keep(`${KEY}.try`, null);
  let book = empty();

  /** Read each time, because another window may have written. */
  function read() {
    if (keeps) book = tidy(keptJson(KEY)) ?? empty(); // not ours, or damaged
    return book;
  }

  function write() {
    keeps &&= keep(KEY, JSON.stringify(book));
  }

  /** @param {string} name @param {string} seed @returns {Place} */
  const of = (name, seed) => {
    const { lessons } = read();
    lessons[name] ??= {};
    lessons[name][keyOf(seed)] ??= { at: null, cards: {} };
    return lessons[name][keyOf(seed)];
  };

  return {
    /** Whether this browser keeps it. */
    get kept() {
      return keeps;
    },
    /** The seed that was used last. */
    get seed() {
      return read().seed;
    },
    set seed(seed) {
      read().seed = seed;
      write();
    },
    /** @param {string} name @param {string} seed */
    of,
    /** Keep under its name from now on what was kept under the earlier name of a lesson. */
    adopt(/** @type {{name: string, was: string}[]} */ lessons) {
      const { lessons: kept } = read();
      for (const { name, was } of lessons) {
        if (!was || !kept[was]) continue;
        const earlier = { ...empty(), lessons: { [name]: kept[was] } };
        delete kept[was];
        book = merge(book, earlier);
        write();
      }
    },
    /**
     * Keep by name from now on what was kept by position.
     * @param {string} name @param {string} seed
     * @param {string[]} names of the lesson's cards, in order
     * @param {string} digest of the lesson's files
     */
    rename(name, seed, names, digest) {
      const place = of(name, seed);
      rename(place, names);
      place.digest = digest;
      write();
    },
    /**
     * @param {string} name @param {string} seed @param {string} card @param {Partial<Kept>} change
     */
    put(name, seed, card, change) {
      const { cards } = of(name, seed);
      const fresh = { result: null, tries: 0, hint: false, answer: null };
      cards[card] = { ...fresh, ...(card in cards ? cards[card] : {}), ...change };
      cards[card].answer = bounded(cards[card].answer);
      write();
    },
    /**
     * Keep which card is shown.
     * @param {string} name @param {string} seed @param {string} at its name, or END
     */
    stand(name, seed, at) {
      of(name, seed).at = at;
      write();
    },
    /**
     * How many questions are done, and of how many of them the answer was shown.
     * @param {string} name @param {string} seed @returns {{done: number, shown: number}}
     */
    count(name, seed) {
      const entries = Object.entries(of(name, seed).cards);
      // one card may be there under its position and under its name: count the longer list
      const lists = [true, false].map((named) =>
        entries.filter(([card]) => POSITION.test(card) !== named).map(([, { result }]) => result),
      );
      /** @param {(result: string | null) => boolean} is */
      const most = (is) => Math.max(...lists.map((results) => results.filter(is).length));
      return { done: most((result) => result !== null), shown: most((r) => r === "shown") };
    },
    /** @param {string} student a number of their choice, or "" @returns {string} JSON */
    exported: (student) =>
      JSON.stringify(
        {
          about: "Backprop Explorer: progress in the lessons",
          ...(student && { student }),
          ...read(),
        },
        null,
        2,
      ),
    /** @param {string} text @returns {number | null} lessons in it; null if it is not ours */
    take(text) {
      let other = null;
      try {
        other = tidy(JSON.parse(text));
      } catch {
        // not JSON
      }
      if (!other) return null;
      book = merge(read(), other);
      write();
      return Object.keys(other.lessons).length;
    },
    forget() {
      book = empty();
      write();
    },
  };
}

/** @typedef {ReturnType<typeof openProgress>} Progress */
