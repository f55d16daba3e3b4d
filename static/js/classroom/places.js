/** Tells the server where a student is. */

// ms until a place is reported: a class that follows does not report all at once
const SOON = 500;
const WITHIN = 2000;

/**
 * @typedef {{line?: string, card?: string}} Place
 * @param {(place: Place) => Promise<unknown>} send
 * @returns {(place: Place, always: boolean) => void} sends a place; `always`: also one sent before
 */
export function createReporter(send) {
  let told = "";
  /** @type {string | null} */
  let waiting = null;
  let again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return (place, always) => {
    // Stays due until it is sent: a run that plays calls this at each frame and must not cancel it.
    again ||= always;
    const text = JSON.stringify(place);
    if (text === waiting) return;
    clearTimeout(timer);
    waiting = null;
    if (text === told && !again) return;
    waiting = text;
    timer = setTimeout(
      () => {
        told = text;
        waiting = null;
        again = false;
        // What is lost is told again half a minute later.
        send(place).catch(() => {});
      },
      SOON + Math.random() * (WITHIN - SOON),
    );
  };
}
