/** What the lesson pages ask the server. */
import { Problem } from "../server/api.js";

/** @param {Api} api @param {string} name @param {string} seed */
export function createServer(api, name, seed) {
  const path = `/lessons/${encodeURIComponent(name)}`;
  /** @template T @param {Promise<T>} answer @returns {Promise<T | Refusal>} */
  const orRefused = async (answer) => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Problem && [403, 422].includes(error.status))
        return { refused: error.reasons };
      throw error;
    }
  };
  /**
   * @param {"answer" | "solution" | "hint"} route @param {object} body
   * @param {AbortSignal} [signal]
   */
  const post = (route, body, signal) =>
    orRefused(api.post(`${path}/${route}`, { seed, ...body }, signal));
  return {
    /** @param {AbortSignal} [signal] @returns {Promise<Summary[]>} */
    list: async (signal) => (await api.get("/lessons", {}, signal)).lessons,
    /**
     * The lesson with the cards that answers open.
     * @param {Record<string, Answer>} answers by card @param {AbortSignal} [signal]
     * @returns {Promise<Lesson | Refusal>}
     */
    lesson: (answers, signal) =>
      orRefused(
        Object.keys(answers).length
          ? api.post(`${path}/cards`, { seed, answers }, signal)
          : api.get(path, { seed }, signal),
      ),
    /** @returns {Promise<Sheet | Refusal>} */
    sheet: () => orRefused(api.get(`${path}/sheet`, { seed })),
    /**
     * @param {string} card @param {number} number counted from 1 @param {AbortSignal} [signal]
     * @returns {Promise<Hint | Refusal>}
     */
    hint: (card, number, signal) => post("hint", { card, number }, signal),
    /**
     * @param {string} card @param {Answer} answer @param {AbortSignal} [signal]
     * @returns {Promise<AnswerMark | Refusal>}
     */
    mark: (card, answer, signal) => post("answer", { card, answer }, signal),
    /**
     * @param {string} card @param {Answer | null} tried an answer that was tried
     * @param {AbortSignal} [signal] @returns {Promise<Solution | Refusal>}
     */
    solution: (card, tried, signal) => post("solution", { card, tried }, signal),
  };
}

/** @typedef {ReturnType<typeof createServer>} Server */
