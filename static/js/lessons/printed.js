/**
 * Numbers in a grid of fields, and arrays as NumPy prints them: from one to the other. An answer is
 * sent as text, so that the digits that were typed are the digits that are marked.
 */

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,5})?$/i;

/**
 * A typed number as Python writes it, or null. Both minus signs and a decimal comma are accepted.
 */
export function numeral(/** @type {string} */ text) {
  const plain = text
    .trim()
    .replace(/\u2212/g, "-")
    .replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
  return NUMBER.test(plain) ? plain : null;
}

/** @param {number[]} shape */
export const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

/**
 * Numerals as nested brackets.
 * @param {string[]} numerals in row-major order @param {number[]} shape @returns {string}
 */
export function bracketed(numerals, shape) {
  if (!shape.length) return numerals[0];
  const inner = shape.slice(1);
  const size = sizeOf(inner);
  const parts = Array.from({ length: shape[0] }, (_, k) =>
    bracketed(numerals.slice(k * size, (k + 1) * size), inner),
  );
  return `[${parts.join(", ")}]`;
}

/** Decimal commas as points, where blanks already separate the numbers: "[0,5 0,25]". */
const pointed = (/** @type {string} */ text) =>
  !/\.|,(?!\d)|,\d+,/.test(text) && /\d\s+[+-]?\d/.test(text) ? text.replaceAll(",", ".") : text;

/**
 * Read one array in the usual forms. Null for any other form, which the server reads.
 * @param {string} text "array([[0.1, 0.2], [0.3, 0.4]])", "[[0.1 0.2]\n [0.3 0.4]]", "0.5"
 * @returns {{shape: number[], numerals: string[]} | null}
 */
export function readPrinted(text) {
  const bare = text
    .trim()
    .replace(/^[A-Za-z_]\w*\s*=\s*/, "")
    .replace(/^(?:np\.|numpy\.)?array\(([\s\S]*?)(?:,\s*dtype\s*=\s*[\w.]+)?\)$/, "$1")
    .replace(/^(?:np\.)?float64\(([^()]*)\)$/, "$1");
  const tokens = pointed(bare.replace(/\u2212/g, "-")).match(/[[\]]|[^\s,[\]]+/g) ?? [];
  /** @type {string[]} */
  const numerals = [];
  let at = 0;
  /** @param {number} depth @returns {number[] | null} the shape */
  function read(depth) {
    if (tokens[at] !== "[") {
      const token = tokens[at++];
      if (token === undefined || !NUMBER.test(token)) return null;
      numerals.push(token);
      return [];
    }
    at += 1;
    let inner = null;
    let count = 0;
    while (tokens[at] !== "]") {
      if (at >= tokens.length || depth > 8) return null;
      const shape = read(depth + 1);
      if (!shape || (inner && shape.join() !== inner.join())) return null;
      inner ??= shape;
      count += 1;
    }
    at += 1;
    return inner ? [count, ...inner] : null;
  }
  const shape = read(0);
  return shape && at === tokens.length ? { shape, numerals } : null;
}

/** A number of an answer that is shown, with six digits. @param {number} value */
export function sixDigits(value) {
  const text = String(Number(value.toPrecision(6)));
  return text.replaceAll("-", "\u2212");
}
