/** The time that a question is still open, second by second. */

/**
 * @returns {(question: {seconds_left: number | null} | null | undefined,
 *   show: (left: number | null) => void) => void} question: as the server told it just now; show:
 *   with null where there is no such time
 */
export function createCountDown() {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let running;
  return (question, show) => {
    clearInterval(running);
    const left = question?.seconds_left ?? null;
    if (left === null) return show(null);
    const end = performance.now() + 1000 * left;
    const tick = () => show(Math.max(0, Math.round((end - performance.now()) / 1000)));
    running = setInterval(tick, 1000);
    tick();
  };
}
