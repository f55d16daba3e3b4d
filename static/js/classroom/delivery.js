/** Sends a student's answers. One is kept until the server has it: a reload loses none. */

/** @typedef {{attempt: number, mark: RoomMark | null}} Receipt */
/** @typedef {Unsent & Receipt} Delivered */

/**
 * @param {{kept: Pick<import("./kept.js").KeptRooms, "of" | "put">, code: string,
 *   answer: (unsent: Unsent) => Promise<Receipt>}} options answer: sends it to
 *   the room `code`; the same attempt twice counts once
 */
export function createDelivery({ kept, code, answer }) {
  /** @param {Unsent} unsent @returns {Promise<Delivered>} */
  async function deliver(unsent) {
    try {
      const { attempt, mark } = await answer(unsent);
      return { ...unsent, attempt, mark };
    } finally {
      // also if it was refused: sending it again changes nothing
      kept.put(code, { unsent: null });
    }
  }

  return {
    send(/** @type {Unsent} */ unsent) {
      kept.put(code, { unsent });
      return deliver(unsent);
    },
    /** What an earlier page could not send. @returns {Promise<Delivered | null>} */
    async sendAgain() {
      const { unsent } = kept.of(code);
      return unsent ? deliver(unsent) : null;
    },
  };
}
