/** What the lesson pages ask the server. */
import { Problem } from "../server/api.js";

/** @param {import("../server/api.js").Api} api @param {string} name @param {string} seed */
export function createServer(api, name, seed) {
  const path = `/lessons/${encodeURIComponent(name)}`;
  /** What the server says; `{refused}` in words where it does not take what was given. */
  const post = async (route, body, signal) => {
    try {
      return await api.post(`${path}/${route}`, { seed, ...body }, signal);
    } catch (error) {
      if (error instanceof Problem && [403, 422].includes(error.status))
        return { refused: error.errors.map(({ message }) => message).join("; ") || error.message };
      throw error;
    }
  };
  return {
    /** @param {AbortSignal} [signal] */
    list: async (signal) => (await api.get("/lessons", {}, signal)).lessons,
    /** @param {AbortSignal} [signal] */
    lesson: (signal) => api.get(path, { seed }, signal),
    /** The mark of an answer. @param {string} card @param {any} answer @param {AbortSignal} [signal] */
    mark: (card, answer, signal) => post("answer", { card, answer }, signal),
    /** @param {string} card @param {any} tried an answer that was tried @param {AbortSignal} [signal] */
    solution: (card, tried, signal) => post("solution", { card, tried }, signal),
  };
}

/** @typedef {ReturnType<typeof createServer>} Server */
