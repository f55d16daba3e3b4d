/**
 * Numbers in a grid of fields, and arrays as NumPy prints them: from one to the other. What is sent is text, so that
 * the digits somebody wrote are the digits that are marked.
 */

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,5})?$/i;

/** What was typed as Python has it, or null: a minus sign of either kind, a decimal comma. @param {string} text */
export function numeral(text) {
  const plain = text
    .trim()
    .replace(/\u2212/g, "-")
    .replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
  return NUMBER.test(plain) ? plain : null;
}

/** @param {number[]} shape */
export const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

/** Numerals in row-major order, as nested brackets. @param {string[]} numerals @param {number[]} shape @returns {string} */
export function bracketed(numerals, shape) {
  if (!shape.length) return numerals[0];
  const each = sizeOf(shape.slice(1));
  return `[${Array.from({ length: shape[0] }, (_, k) => bracketed(numerals.slice(k * each, (k + 1) * each), shape.slice(1))).join(", ")}]`;
}

/** Decimal commas as points, where blanks already stand between the numbers: "[0,5 0,25]". @param {string} text */
const pointed = (text) =>
  !/\.|,(?!\d)|,\d+,/.test(text) && /\d\s+[+-]?\d/.test(text) ? text.replaceAll(",", ".") : text;

/**
 * Read one array as it is usually printed. Everything unusual is the server's to read: null.
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
  const numerals = [];
  let at = 0;
  /** @returns {number[] | null} */
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

/** Flat list of nested numbers. @param {any} value @returns {number[]} */
export const flatten = (value) => (Array.isArray(value) ? value.flat(Infinity) : [value]);

/** A number of an answer that is shown: six digits say what there is to see. @param {number} value */
export function short(value) {
  const text = String(Number(value.toPrecision(6)));
  return text.replaceAll("-", "\u2212");
}
