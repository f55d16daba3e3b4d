/**
 * Numbers as a good textbook sets them: 4 significant digits, U+2212 minus, scientific only where
 * needed, columns aligned on the decimal point.
 */
import { TEXT } from "../text/en.js";

const MINUS = "\u2212";
/** @type {Record<string, string>} */
const SUPERSCRIPT = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};
const SUBSCRIPT = "₀₁₂₃₄₅₆₇₈₉";

/** @param {number | string} n */
export const superscript = (n) => [...String(n)].map((c) => SUPERSCRIPT[c] ?? c).join("");
/** @param {number | string} n */
export const subscript = (n) => String(n).replace(/\d/g, (digit) => SUBSCRIPT[Number(digit)]);
export const minus = (/** @type {string} */ text) => text.replace(/-/g, MINUS);

/** @param {number} value @returns {number} power of ten of the leading digit; 0 for 0 */
export const magnitude = (value) => (value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))));

/**
 * A single number.
 * @param {number | null | undefined} value null: the server's NaN or infinity
 * @param {number} [digits] significant digits
 */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return TEXT.core.notFinite;
  if (value === 0) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return minus(String(value));
  // Rounding may carry into the next power of ten (9.9996), so the magnitude is taken afterwards.
  const rounded = Number(value.toPrecision(digits));
  const power = magnitude(rounded);
  if (power < -4 || power > 5) return scientific(value, digits - 1);
  return minus(rounded.toFixed(Math.max(0, digits - 1 - power)));
}

/**
 * Digits with which two numbers are seen to be different: 0.02477 and 0.024765.
 * @param {number | null} p @param {number | null} q
 */
export const digitsApart = (p, q) =>
  p === q ? 4 : ([4, 5, 6, 7, 8, 9].find((digits) => number(p, digits) !== number(q, digits)) ?? 4);

/** @param {number} value @param {number} [decimals] e.g. −1.234·10⁻⁷ */
export function scientific(value, decimals = 2) {
  const [mantissa, power] = value.toExponential(decimals).split("e");
  return `${minus(mantissa)}·10${superscript(Number(power))}`;
}

/** A number as wide as the widest with a power of ten of one digit; "−0.0001234" is narrower. */
export const WIDEST = -1.234e-8;

/** @param {number} value an error such as 1.2e-16: only its order of magnitude says anything */
export function tiny(value) {
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(0).split("e");
  return `${mantissa}e${Number(power)}`; // as a program prints it, hyphen and all
}

/** @param {number | null} value as Python would print it, for "full precision on demand" */
export const full = (value) => (value === null ? TEXT.core.notFinite : minus(String(value)));

/**
 * A number as one types it, "−0,5" too.
 * @param {string} text
 * @returns {number} NaN if it is none, or none that is finite
 */
export function typedNumber(text) {
  const plain = text.trim().replaceAll(MINUS, "-").replace(",", ".");
  const value = plain === "" ? NaN : Number(plain);
  return Number.isFinite(value) ? value : NaN;
}

/**
 * A count: 12,345. Not with `toLocaleString`, whose first call takes 10 ms.
 * @param {number} value
 */
export const count = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * @typedef {{decimals: number, power: number | null, mixed?: boolean}} Style `power` null: plain
 *   decimals; a number: a power of ten taken out of the whole matrix, as on paper; `mixed`: sizes
 *   so different that each number is set by itself
 */

/**
 * How all numbers of one matrix are set, so that they align and can be compared at a glance.
 * @param {Iterable<number | null>} values
 * @returns {Style}
 */
export function styleOf(values) {
  let largest = 0;
  let smallest = Infinity;
  let whole = true;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    if (value !== 0) smallest = Math.min(smallest, Math.abs(value));
    whole &&= Number.isInteger(value);
  }
  if (largest === 0 || (whole && largest < 1e6)) return { decimals: 0, power: null };
  const power = magnitude(largest);
  if (power < -2 || power > 5)
    return power !== -3 && smallest < largest * 1e-3
      ? { decimals: 2, power: null, mixed: true }
      : { decimals: 3, power };
  return { decimals: Math.min(4, Math.max(0, 3 - power)), power: null };
}

/**
 * @param {number | null} value @param {Style} style
 * @returns {string} aligned with its neighbours when set right-aligned in tabular figures
 */
export function aligned(value, style) {
  if (value === null || Number.isNaN(value)) return "—";
  if (style.mixed) return value === 0 ? "0" : scientific(value, style.decimals);
  if (style.power !== null) return cell(value / 10 ** style.power, style.decimals);
  return cell(value, style.decimals);
}

/** @param {number} value @param {number} decimals */
function cell(value, decimals) {
  const text = value.toFixed(decimals);
  // "-0.0000" would claim a sign that cannot be seen; a value that is not zero must not look like
  // zero
  if (Number(text) === 0) {
    if (value === 0) return decimals ? (0).toFixed(decimals) : "0";
    return `${value < 0 ? MINUS : ""}${Math.abs(value).toExponential(0).replace("-", MINUS)}`;
  }
  return minus(text);
}

/** @param {number | null} value in brackets where a sign would follow an operator */
export const factor = (value, digits = 4) =>
  value !== null && value < 0 ? `(${number(value, digits)})` : number(value, digits);

/**
 * @param {number | null} value in brackets where it is more than a single number: under a root
 *   or a line, to a power
 */
export const operand = (value, digits = 4) =>
  /[·−]/.test(number(value, digits)) ? `(${number(value, digits)})` : number(value, digits);

/** @param {number[]} dims @returns {string} "(3×2)", "" for a scalar */
export const shape = (dims) => (dims.length ? `(${dims.join("×")})` : TEXT.core.scalar);
