/**
 * Sends a student's answers. One is kept until the server has it: a reload loses none. It goes with
 * the time since it was sent, because a reveal waits for those that were sent before it.
 */

/** @typedef {{attempt: number, mark: RoomMark | null}} Receipt */
/** @typedef {Unsent & Receipt} Delivered */

/**
 * @param {{kept: Pick<import("./kept.js").Keeper, "of" | "put">, code: string,
 *   answer: (unsent: Unsent, sent: number) => Promise<Receipt>, clock?: () => number}} options
 *   answer: sends it to the room `code`; the same attempt twice counts once; clock: ms since 1970
 */
export function createDelivery({ kept, code, answer, clock = Date.now }) {
  /** @param {Unsent} unsent @returns {Promise<Delivered>} */
  async function deliver({ sent = clock(), ...unsent }) {
    try {
      const { attempt, mark } = await answer(unsent, performance.now() - (clock() - sent));
      return { ...unsent, attempt, mark };
    } finally {
      // also if it was refused: sending it again changes nothing
      kept.put(code, { unsent: null });
    }
  }

  return {
    send(/** @type {Unsent} */ unsent) {
      const timed = { ...unsent, sent: clock() };
      kept.put(code, { unsent: timed });
      return deliver(timed);
    },
    /** What an earlier page could not send. @returns {Promise<Delivered | null>} */
    async sendAgain() {
      const { unsent } = kept.of(code);
      return unsent ? deliver(unsent) : null;
    },
  };
}
