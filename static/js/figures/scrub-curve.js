/** The cost over the steps, as the line above the slider of steps: one SVG path each. */

const MOST = 240; // points: more than the slider has room for

/**
 * @param {RunHistory} history @param {"cost_train" | "cost_test"} name
 * @param {number} end step at the right end
 * @returns {string} the `d` of a path in a picture of 1 × 1, empty without two points
 */
export function scrubPath(history, name, end) {
  const { step } = history;
  const finite = [...history.cost_train, ...history.cost_test].filter(Number.isFinite);
  const top = finite.reduce((most, value) => Math.max(most, value), 0) || 1;
  const stride = Math.max(1, Math.ceil(step.length / MOST));
  const points = [];
  for (let k = 0; k < step.length; k += stride) {
    const value = history[name][k];
    if (Number.isFinite(value))
      points.push(`${(step[k] / end).toFixed(4)} ${(1 - value / top).toFixed(4)}`);
  }
  return points.length > 1 ? `M${points.join("L")}` : "";
}
