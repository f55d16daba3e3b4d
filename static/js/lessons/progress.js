/**
 * How far somebody has come, kept in this browser alone: by lesson, seed and card. Where a browser keeps nothing
 * (private mode), it lasts as long as the page, and the page says so.
 */

const KEY = "backprop-explorer.lessons";
export const VERSION = 1;
const RESULTS = ["alone", "hint", "shown"]; // the better first
const MAX_SEED = 2 ** 31 - 1;
const LONGEST_ANSWER = 2000; // characters

/**
 * @typedef {{result: string | null, tries: number, hint: boolean, answer: any}} Kept
 * result: answered "alone" or with a "hint", or "shown"; null: not yet
 * @typedef {{version: number, seed: number | null, lessons: Record<string, Record<string, {at: number, cards: Record<string, Kept>}>>}} Book
 */

/** @returns {Book} */
const empty = () => ({ version: VERSION, seed: null, lessons: {} });
const isObject = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
const whole = (value, most = 1e6) => Number.isInteger(value) && value >= 0 && value <= most;

/** @param {any} text @returns {number | null} a seed as it stands in an address or a field */
export function readSeed(text) {
  const trimmed = String(text ?? "").trim();
  return /^\d{1,10}$/.test(trimmed) && Number(trimmed) <= MAX_SEED ? Number(trimmed) : null;
}

/** What has the right form of what was stored or imported; null if it is not a book at all. @param {any} data @returns {Book | null} */
export function tidy(data) {
  if (!isObject(data) || data.version !== VERSION || !isObject(data.lessons)) return null;
  const book = empty();
  book.seed = whole(data.seed, MAX_SEED) ? data.seed : null;
  for (const [name, seeds] of Object.entries(data.lessons)) {
    if (!/^[a-z0-9-]{1,80}$/.test(name) || !isObject(seeds)) continue;
    for (const [seed, kept] of Object.entries(seeds)) {
      if (readSeed(seed) === null || !isObject(kept) || !isObject(kept.cards)) continue;
      const cards = {};
      for (const [card, own] of Object.entries(kept.cards)) {
        if (!/^\d{1,4}$/.test(card) || !isObject(own)) continue;
        cards[card] = { result: RESULTS.includes(own.result) ? own.result : null, tries: whole(own.tries) ? own.tries : 0, hint: own.hint === true, answer: bounded(own.answer) };
      }
      ((book.lessons[name] ??= {})[seed] = { at: whole(kept.at, 9999) ? kept.at : 0, cards });
    }
  }
  return book;
}

const bounded = (answer) => (JSON.stringify(answer ?? null).length <= LONGEST_ANSWER ? (answer ?? null) : null);

/** Of two that are kept, what was done better stays. @param {Book} own @param {Book} other @returns {Book} */
export function merge(own, other) {
  const book = structuredClone(own);
  book.seed ??= other.seed;
  for (const [name, seeds] of Object.entries(other.lessons)) {
    for (const [seed, theirs] of Object.entries(seeds)) {
      const mine = ((book.lessons[name] ??= {})[seed] ??= { at: theirs.at, cards: {} });
      for (const [card, kept] of Object.entries(theirs.cards)) {
        const before = mine.cards[card];
        const place = (one) => (one?.result ? RESULTS.indexOf(one.result) : RESULTS.length);
        if (!before || place(kept) < place(before)) mine.cards[card] = kept;
      }
    }
  }
  return book;
}

/** @param {Storage | undefined} [storage] replaced in tests */
export function openProgress(storage) {
  let kept = true;
  let book = empty();
  try {
    storage ??= window.localStorage;
    storage.setItem(`${KEY}.try`, "1");
    storage.removeItem(`${KEY}.try`);
  } catch {
    kept = false;
  }

  /** Read anew each time: another window may have gone on. */
  function read() {
    if (!kept) return book;
    try {
      book = tidy(JSON.parse(storage.getItem(KEY) ?? "null")) ?? empty();
    } catch {
      book = empty(); // not ours, or damaged
    }
    return book;
  }

  function write() {
    if (!kept) return;
    try {
      storage.setItem(KEY, JSON.stringify(book));
    } catch {
      kept = false; // full, or forbidden meanwhile
    }
  }

  const of = (name, seed) => ((read().lessons[name] ??= {})[String(seed)] ??= { at: 0, cards: {} });

  return {
    /** Whether this browser keeps it. */
    get kept() {
      return kept;
    },
    /** The seed that was used last. */
    get seed() {
      return read().seed;
    },
    set seed(seed) {
      read().seed = seed;
      write();
    },
    /** @param {string} name @param {number} seed */
    of,
    /** @param {string} name @param {number} seed @param {number} card @param {Partial<Kept>} change */
    put(name, seed, card, change) {
      const { cards } = of(name, seed);
      cards[card] = { result: null, tries: 0, hint: false, answer: null, ...cards[card], ...change };
      cards[card].answer = bounded(cards[card].answer);
      write();
    },
    /** The card that is looked at. @param {string} name @param {number} seed @param {number} at */
    stand(name, seed, at) {
      of(name, seed).at = at;
      write();
    },
    /** @param {string} name @param {number} seed @returns {{done: number, shown: number}} how many questions, and how many of them were shown */
    count(name, seed) {
      const results = Object.values(of(name, seed).cards).map(({ result }) => result);
      return { done: results.filter(Boolean).length, shown: results.filter((result) => result === "shown").length };
    },
    /** @returns {string} JSON, to be taken to another browser */
    exported: () => JSON.stringify({ about: "Backprop Explorer: progress in the lessons", ...read() }, null, 2),
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

/** The seed of the address, else the one used last, else 1. @param {string} search @param {Progress} progress */
export const seedOf = (search, progress) => readSeed(new URLSearchParams(search).get("seed")) ?? progress.seed ?? 1;
