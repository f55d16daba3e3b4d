/** The requests of one room. The key and the token go into headers. */
import { Problem } from "../server/api.js";
import { TEXT } from "../text/en.js";

const MOST_AGE = 3600; // seconds
const SLOW = 3000; // ms after which a request that waits is told

/** Seconds since a time of `performance.now()`. @param {number} time */
const since = (time) => Math.min(MOST_AGE, (performance.now() - time) / 1000);

export const pathOf = (/** @type {string} */ code) => `/rooms/${encodeURIComponent(code)}`;

/**
 * Open a room.
 * @param {Api} api @param {RoomScene | null} scene
 * @param {number | null} students how many are expected
 * @returns {Promise<{code: string, key: string, screen: string}>}
 */
export const openRoom = (api, scene, students) =>
  api.request("POST", "/rooms", { body: { scene, students } });

/**
 * The same server, and a notice while a request waits.
 * @param {Api} api @param {Store} store @returns {Api}
 */
export const noticed = (api, store) => ({
  ...api,
  async request(...all) {
    /** @type {Failure} */
    const waiting = { kind: "lost", text: TEXT.server.waiting };
    const timer = setTimeout(() => store.state.failure ?? store.set({ failure: waiting }), SLOW);
    try {
      return await api.request(...all);
    } finally {
      clearTimeout(timer);
      if (store.state.failure === waiting) store.set({ failure: null });
    }
  },
});

/**
 * What a request answers, or null and a notice if it is refused.
 * @template T @param {Store} store @param {() => Promise<T>} run @returns {Promise<T | null>}
 */
export async function unlessRefused(store, run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    store.set({ failure: { kind: "error", text: error.message } });
    return null;
  }
}

/**
 * @param {Api} api @param {string} code
 * @param {{key?: string, token?: string, screen?: string}} [secrets]
 */
export function createRoom(api, code, { key, token, screen } = {}) {
  const path = pathOf(code);
  /** @type {Record<string, string>} */
  const headers = {
    ...(key ? { "X-Room-Key": key } : {}),
    ...(token ? { "X-Student-Token": token } : {}),
    ...(screen ? { "X-Screen-Token": screen } : {}),
  };
  /** @param {string} method @param {string} rest @param {object} [body] */
  const ask = (method, rest, body) => api.request(method, path + rest, { body, headers });
  return {
    /** @returns {Promise<RoomState>} */
    state: () => ask("GET", ""),
    /** @param {number} [number] @returns {Promise<Tally>} */
    tally: (number) => ask("GET", number ? `/tally?question=${number}` : "/tally"),
    /** What the hall sees. @returns {Promise<Schemas["ScreenState"]>} */
    screen: () => ask("GET", "/screen"),
    /** @param {string} [known] the token from before @returns {Promise<{token: string}>} */
    join: (known) => ask("POST", "/students", known ? { token: known } : {}),
    /** @param {RoomScene | null} scene @param {boolean} hold @returns {Promise<RoomState>} */
    show: (scene, hold) => ask("PUT", "/scene", { scene, hold }),
    place: (/** @type {{line?: string, card?: string}} */ place) => ask("PUT", "/place", place),
    offer: (/** @type {string | null} */ view) => ask("PUT", "/offer", { view }),
    /** @param {QuestionRequest} question @returns {Promise<SharedQuestion>} */
    ask: (question) => ask("POST", "/questions", question),
    /**
     * @param {number} number @param {string | null} [seed] of a student's numbers, for the lecturer
     * @returns {Promise<StudentQuestion>}
     */
    question: (number, seed) =>
      ask("GET", `/questions/${number}${seed ? "?seed=" : ""}${encodeURIComponent(seed ?? "")}`),
    /**
     * @param {number} number @param {QuestionState} state
     * @param {number} [pressed] when: answers that were sent before are still taken
     * @param {number} [seconds] how long it is open from now on @returns {Promise<RoomState>}
     */
    setState: (number, state, pressed = performance.now(), seconds = undefined) =>
      ask("PUT", `/questions/${number}`, { state, seconds, age: since(pressed) }),
    /** Ask a second time. @param {number} question @returns {Promise<SharedQuestion>} */
    again: (question) => ask("POST", "/rounds", { question }),
    /** @param {boolean} bars @returns {Promise<RoomState>} */
    bars: (bars) => ask("PUT", "/screen", { bars }),
    /** @param {boolean} open @returns {Promise<RoomState>} */
    door: (open) => ask("PUT", "/door", { open }),
    /** @returns {Promise<{removed: number}>} */
    removeSilent: () => ask("DELETE", "/students"),
    /** @returns {Promise<Schemas["RoomRecord"]>} */
    record: () => ask("GET", "/record"),
    /**
     * @param {Unsent} answer @param {number} sent when
     * @returns {Promise<{attempt: number, mark: RoomMark | null}>}
     */
    answer: (answer, sent) => ask("POST", "/answers", { ...answer, age: since(sent) }),
    end: () => ask("DELETE", ""),
    /** The tally of all questions as a file. */
    table: async () => (await api.file(`${path}/tally.csv`, {}, headers)).blob,
  };
}

/** @typedef {ReturnType<typeof createRoom>} RoomClient */
