/** The requests of one room. The key and the token go into headers. */
import { API } from "../core/root.js";
import { follow } from "./stream.js";

/** @typedef {import("./stream.js").Link} Link */

/** @param {string} code */
export const pathOf = (code) => `/rooms/${encodeURIComponent(code)}`;

/**
 * Open a room.
 * @param {Api} api
 * @param {RoomScene | null} scene
 * @param {number | null} students how many are expected
 * @returns {Promise<{code: string, key: string}>}
 */
export const openRoom = (api, scene, students) =>
  api.request("POST", "/rooms", { body: { scene, students } });

/** @param {Api} api @param {string} code @param {{key?: string, token?: string}} [secrets] */
export function createRoom(api, code, { key, token } = {}) {
  const path = pathOf(code);
  /** @type {Record<string, string>} */
  const headers = {
    ...(key ? { "X-Room-Key": key } : {}),
    ...(token ? { "X-Student-Token": token } : {}),
  };
  /** @param {string} method @param {string} rest @param {object} [body] */
  const ask = (method, rest, body) => api.request(method, path + rest, { body, headers });
  /** @returns {Promise<RoomState>} */
  const state = () => ask("GET", "");
  /** @param {number} [number] @returns {Promise<Tally>} */
  const tally = (number) => ask("GET", number ? `/tally?question=${number}` : "/tally");
  return {
    state,
    /** @param {(room: RoomState) => void} heard @param {(link: Link) => void} became */
    follow: (heard, became) =>
      follow(`${API}${path}/events`, { headers, heard, became, poll: state }),
    /** @param {(tally: Tally) => void} heard */
    followTally: (heard) =>
      follow(`${API}${path}/tally/events`, { headers, heard, became() {}, poll: tally }),
    /** @param {string} [known] the token from before @returns {Promise<{token: string}>} */
    join: (known) => ask("POST", "/students", known ? { token: known } : {}),
    /** @param {RoomScene | null} scene @param {boolean} hold @returns {Promise<RoomState>} */
    show: (scene, hold) => ask("PUT", "/scene", { scene, hold }),
    /** @param {{line?: string, card?: string}} place */
    place: (place) => ask("PUT", "/place", place),
    /** @param {string | null} view */
    offer: (view) => ask("PUT", "/offer", { view }),
    /** @param {QuestionRequest} question @returns {Promise<SharedQuestion>} */
    ask: (question) => ask("POST", "/questions", question),
    /**
     * @param {number} number @param {string | null} [seed] of a student's numbers, for the lecturer
     * @returns {Promise<StudentQuestion>}
     */
    question: (number, seed) =>
      ask("GET", `/questions/${number}${seed ? "?seed=" : ""}${encodeURIComponent(seed ?? "")}`),
    /** @param {number} number @param {QuestionState} state @returns {Promise<RoomState>} */
    setState: (number, state) => ask("PUT", `/questions/${number}`, { state }),
    /** @param {Unsent} answer @returns {Promise<{attempt: number, mark: RoomMark | null}>} */
    answer: (answer) => ask("POST", "/answers", answer),
    tally,
    end: () => ask("DELETE", ""),
    /** The tally of all questions as a file. */
    table: async () => (await api.file(`${path}/tally.csv`, {}, headers)).blob,
  };
}

/** @typedef {ReturnType<typeof createRoom>} RoomClient */
