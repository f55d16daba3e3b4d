/** What the lesson pages ask the server. */
import { Problem } from "../api.js";

/** @param {import("../api.js").Api} api @param {string} name @param {number} seed */
export function createServer(api, name, seed) {
  const path = `/lessons/${encodeURIComponent(name)}`;
  return {
    /** @param {AbortSignal} [signal] */
    list: async (signal) => (await api.get("/lessons", {}, signal)).lessons,
    /** @param {AbortSignal} [signal] */
    lesson: (signal) => api.get(path, { seed }, signal),
    /**
     * The mark of an answer; `{refused}` in words where it cannot be read.
     * @param {number} card @param {any} answer @param {AbortSignal} [signal]
     */
    mark: async (card, answer, signal) => {
      try {
        return await api.post(`${path}/answer`, { seed, card, answer }, signal);
      } catch (error) {
        if (error instanceof Problem && error.status === 422) return { refused: error.errors.map(({ message }) => message).join("; ") || error.message };
        throw error;
      }
    },
    /** @param {number} card @param {AbortSignal} [signal] */
    solution: (card, signal) => api.get(`${path}/solution`, { seed, card }, signal),
  };
}

/** @typedef {ReturnType<typeof createServer>} Server */
