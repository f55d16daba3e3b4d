/**
 * Axes in the units of the data: the network sees standardised numbers, but a title such as "height
 * (cm)" is beside numbers of the table.
 */
import { minus, superscript } from "../core/format.js";

/**
 * @typedef {{mean: number, scale: number}} Units an original number is `mean + scale ·
 *   standardised`
 */

/** @param {Data} data @param {number} i of a feature @returns {Units} */
export const featureUnits = ({ feature_mean: mean, feature_scale: scale }, i) => ({
  mean: mean?.[i] ?? 0,
  scale: scale?.[i] ?? 1,
});

/** Of the first target, where there are several. @param {Data} data @returns {Units} */
export const targetUnits = ({ target_mean: mean, target_scale: scale }) => ({
  mean: [mean].flat()[0] ?? 0,
  scale: [scale].flat()[0] ?? 1,
});

/**
 * The number of the table, without the rounding errors of standardising.
 * @param {number} value as the network sees it
 * @param {Units} units
 */
export function original(value, { mean, scale }) {
  const decimals = 13 - Math.ceil(Math.log10(Math.max(Math.abs(mean), scale)));
  return Number((mean + scale * value).toFixed(Math.max(0, Math.min(100, decimals))));
}

/**
 * Round numbers within a range, at most `most` of them (4 or more).
 * @param {number[]} range @param {number} [most]
 */
export function ticks([low, high], most = 9) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 4));
  const factor = [1, 2, 5, 10].find((k) => (high - low) / (k * power) <= most) ?? 20;
  const stride = factor * power;
  const first = Math.ceil(low / stride);
  const values = [];
  for (let k = 0; k <= most; k++) {
    const value = (first + k) * stride;
    if (value <= high + 1e-9 * stride) values.push(Number(value.toPrecision(12)));
  }
  return [...new Set(values)];
}

/** A round number in full, the very large and very small with a power of ten. */
export function tickText(/** @type {number} */ value) {
  if (value === 0 || (Math.abs(value) < 1e6 && Math.abs(value) >= 1e-4))
    return minus(String(value));
  const [mantissa, power] = value.toExponential().split("e");
  return `${minus(mantissa)}·10${superscript(Number(power))}`;
}

/**
 * Ticks of a Plotly axis whose numbers are standardised.
 * @param {number[]} range standardised
 * @param {Units} units @param {number} most
 */
export function ticksIn(range, units, most) {
  const values = ticks(
    range.map((value) => original(value, units)),
    most,
  );
  return {
    tickmode: "array",
    tickvals: values.map((value) => (value - units.mean) / units.scale),
    ticktext: values.map(tickText),
  };
}
