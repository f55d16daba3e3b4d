/** The time that a question is still open, second by second. */

/** @type {ReturnType<typeof setInterval> | undefined} the page shows one */
let running;

/**
 * @param {{seconds_left: number | null} | null | undefined} question as the server told it just now
 * @param {(left: number | null) => void} show null: there is no such time
 */
export function countDown(question, show) {
  clearInterval(running);
  const left = question?.seconds_left ?? null;
  if (left === null) return show(null);
  const end = performance.now() + 1000 * left;
  const tick = () => show(Math.max(0, Math.round((end - performance.now()) / 1000)));
  running = setInterval(tick, 1000);
  tick();
}
