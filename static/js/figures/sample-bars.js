/** A bar for each sample of the batch, in units of an SVG that is 100 high. */
import { hardestOf } from "../core/sample-parts.js";

const FEWEST = 12; // positions for bars, so that few are not as wide as blocks
const EDGE = 4; // above and below
const SMALLEST = 0.8; // height

/** Width in bars. @param {number} count */
export const widthOf = (count) => Math.max(FEWEST, count);

/** Left end of the first bar. @param {number} count */
export const leftOf = (count) => (widthOf(count) - count) / 2;

/**
 * Position of the bar at a fraction of the width; it may be outside of the bars.
 * @param {number} fraction from 0 to 1
 * @param {number} count
 */
export const positionAt = (fraction, count) =>
  Math.floor(fraction * widthOf(count) - leftOf(count));

/**
 * @param {(number | null)[]} values of the samples, null: not finite
 * @param {number[]} order samples from left to right
 * @returns {{zero: number, bars: {sample: number, x: number, y: number, height: number,
 *   below: boolean, hardest: boolean}[]}}
 */
export function sampleBars(values, order) {
  const parts = values.map((part) => part ?? 0);
  const [low, high] = [Math.min(0, ...parts), Math.max(0, ...parts)];
  const scale = (100 - 2 * EDGE) / (high - low || 1);
  const zero = EDGE + high * scale;
  const hardest = hardestOf(parts);
  const bars = order.map((sample, position) => {
    const height = Math.max(SMALLEST, Math.abs(parts[sample]) * scale);
    const below = parts[sample] < 0;
    const x = leftOf(parts.length) + position;
    return {
      sample,
      x,
      y: below ? zero : zero - height,
      height,
      below,
      hardest: sample === hardest,
    };
  });
  return { zero, bars };
}
