/**
 * Everything known of a run: the curves, merged from the pieces that frames bring. Going back keeps
 * what lies ahead, so that the whole run stays on screen and can be scrubbed.
 */

/** @type {("cost_train" | "cost_test" | "score_train" | "score_test")[]} */
const SCALARS = ["cost_train", "cost_test", "score_train", "score_test"];
/** @type {("W_norm" | "z_norm")[]} */
const PER_LAYER = ["W_norm", "z_norm"];

/**
 * @typedef {{step: number[], cost_train: number[], cost_test: number[], score_train: number[],
 *   score_test: number[], W_norm: number[][], z_norm: number[][], reached: number, end: number |
 *   null}} RunHistory W_norm and z_norm are [layer][point]; `reached` is the furthest step seen,
 *   `end` the last finite one if the run diverged
 */

/** @param {number} layers @returns {RunHistory} */
export const emptyHistory = (layers) => ({
  step: [],
  cost_train: [],
  cost_test: [],
  score_train: [],
  score_test: [],
  W_norm: Array.from({ length: layers }, () => []),
  z_norm: Array.from({ length: layers }, () => []),
  reached: 0,
  end: null,
});

/** @param {RunHistory | null} history last step whose curves we have; what to send as `since` */
export const since = (history) =>
  history?.step.length ? history.step[history.step.length - 1] : undefined;

/**
 * @param {RunHistory} history @param {Frame} frame
 * @returns {RunHistory} a new object if anything was added (lists are extended in place: they only
 *   ever grow)
 */
export function extend(history, frame) {
  const curves = frame.curves;
  const reached = Math.max(history.reached, frame.step);
  const end = frame.diverged ? frame.step : history.end;
  const last = history.step.length ? history.step[history.step.length - 1] : -1;
  const steps = curves?.step?.data ?? [];
  let from = 0;
  while (from < steps.length && steps[from] <= last) from++;
  if (from === steps.length)
    return reached === history.reached && end === history.end
      ? history
      : { ...history, reached, end };
  for (let i = from; i < steps.length; i++) {
    history.step.push(steps[i]);
    for (const name of SCALARS) history[name].push(curves?.[name]?.data[i] ?? NaN);
    for (const name of PER_LAYER) {
      const layers = history[name].length;
      for (let l = 0; l < layers; l++)
        history[name][l].push(curves?.[name]?.data[i * layers + l] ?? NaN);
    }
  }
  return { ...history, reached, end };
}

/**
 * Right end of the slider: a round number beyond what was reached, so that the scale moves seldom.
 */
export function horizon(/** @type {number} */ reached) {
  let end = 100;
  while (end < reached) end *= String(end)[0] === "2" ? 2.5 : 2;
  return end;
}
