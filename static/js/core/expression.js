/**
 * The arithmetic of one entry, as a line's `entry` writes it ("Σ[{1}·{0}] + {2}"), as a function:
 * curves of pictures, slopes and costs at other weights are computed with the line's formula.
 */
import { parseSignature } from "./entries.js";

/**
 * @typedef {{value: number} | {input: number, letters: string | null} | {letter: string}
 *   | {sum: Node} | {run: (...numbers: number[]) => number, of: Node[], name: string}} Node
 * @typedef {{signature: string, entry: string}} Written what a line says of its arithmetic
 * @typedef {{data: ArrayLike<number>[], at: (index: ArrayLike<number>) => number}} Arithmetic
 *   data: of each input its entries, row by row, to be set before `at`
 */

/** @param {number} x */
const sigmoid = (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const [GELU_SCALE, GELU_CUBE] = [2 * Math.sqrt(2 / Math.PI), 0.044715]; // of its tanh form
const gate = (/** @type {number} */ x) => sigmoid(GELU_SCALE * (x + GELU_CUBE * x ** 3));

/** @type {Record<string, (...numbers: number[]) => number>} */
const FUNCTIONS = {
  ...{ exp: Math.exp, log: Math.log, ln: Math.log, tanh: Math.tanh, cos: Math.cos, sin: Math.sin },
  ...{ sign: Math.sign, max: Math.max, min: Math.min, "√": Math.sqrt, σ: sigmoid },
  clip: (x, low, high) => Math.max(low, Math.min(high, x)),
  huber: (x) => (Math.abs(x) <= 1 ? x ** 2 / 2 : Math.abs(x) - 0.5),
  GELU: (x) => x * gate(x),
  "GELU′": (x) => gate(x) + x * gate(x) * (1 - gate(x)) * GELU_SCALE * (1 + 3 * GELU_CUBE * x ** 2),
};
/** @type {Record<string, (a: number, b: number) => number>} */
const OPERATORS = {
  ...{ "+": (a, b) => a + b, "−": (a, b) => a - b, "·": (a, b) => a * b, "/": (a, b) => a / b },
  ...{ ">": (a, b) => Number(a > b), "<": (a, b) => Number(a < b), "^": (a, b) => a ** b },
  ...{ "≥": (a, b) => Number(a >= b), "≤": (a, b) => Number(a <= b) },
  "=": (a, b) => Number(a === b),
};
/** Brackets that mean something. @type {Record<string, [string, (x: number) => number]>} */
const BRACKETS = {
  "(": [")", (x) => x],
  "[": ["]", (x) => x],
  "|": ["|", Math.abs],
  "⌊": ["⌋", Math.floor],
};
const TOKEN = new RegExp(
  String.raw`\s*(?:(?<number>\d+(?:\.\d+)?(?:e-?\d+)?)|\{(?<input>\d+)(?::(?<letters>\w*))?\}` +
    String.raw`|(?<sum>Σ\[)|(?<word>\p{L}+′?)|(?<sign>\S))`,
  "gu",
);

/**
 * Terms that are added at the outside, each with its sign and as it is written.
 * @typedef {{node: Node, sign: 1 | -1, written: string}[]} Terms
 */

/** @param {Node} base @returns {Node} */
const power2 = (base) => ({ run: OPERATORS["^"], of: [base, { value: 2 }], name: "^" });

/** @param {string} entry @returns {Terms} throws where it is more than arithmetic of entries */
export function parse(entry) {
  /** @type {Record<string, string | undefined>[]} */
  const tokens = [...entry.matchAll(TOKEN)].map((match) => ({ ...match.groups, all: match[0] }));
  let at = 0;
  const unknown = () => new Error(`not arithmetic of entries: ${entry}`);
  /** @param {string} sign @returns {boolean} whether it was there; then the next token follows */
  const take = (sign) => {
    const there = tokens[at]?.sign === sign || tokens[at]?.word === sign;
    if (there) at += 1;
    return there;
  };
  const need = (/** @type {string} */ sign) => {
    if (!take(sign)) throw unknown();
  };
  /** @param {string[]} signs @param {() => Node} part @returns {Node} */
  const chain = (signs, part) => {
    let left = part();
    for (;;) {
      const sign = signs.find(take);
      if (!sign) return left;
      left = { run: OPERATORS[sign], of: [left, part()], name: sign };
    }
  };
  /** @returns {Node} */
  const atom = () => {
    const { number, input, letters, sum, word, sign = "" } = tokens[at] ?? {};
    if (at >= tokens.length) throw unknown();
    at += 1;
    if (number) return { value: Number(number) };
    if (input) return { input: Number(input), letters: letters ?? null };
    if (sum) {
      const inner = whole();
      need("]");
      return { sum: inner };
    }
    if (BRACKETS[sign]) {
      const [end, run] = BRACKETS[sign];
      const inner = whole();
      need(end);
      return { run, of: [inner], name: sign };
    }
    if (word === "π") return { value: Math.PI };
    const name = word ?? sign;
    const run = FUNCTIONS[name];
    if (!run && word?.length === 1) return { letter: word };
    if (!run) throw unknown();
    const squared = take("²");
    /** @type {Node[]} */
    const of = [];
    if (take("(")) {
      do of.push(whole());
      while (take(","));
      need(")");
    } else of.push(power());
    // "max{0}" is the largest of many entries
    if (["max", "min"].includes(name) && of.length < 2) throw unknown();
    const called = { run, of, name };
    return squared ? power2(called) : called;
  };
  /** @returns {Node} */
  const power = () => {
    let base = atom();
    while (take("²")) base = power2(base);
    return take("^") ? { run: OPERATORS["^"], of: [base, factor()], name: "^" } : base;
  };
  /** @returns {Node} */
  const factor = () => (take("−") ? { run: (x) => -x, of: [factor()], name: "−" } : power());
  const product = () => chain(["·", "/"], factor);
  const sum = () => chain(["+", "−"], product);
  const compared = () => chain([">", "<", "≥", "≤", "="], sum);
  /** @returns {Node} */
  const whole = () => {
    const value = compared();
    if (!take("if")) return value;
    const condition = compared();
    need("else");
    return { run: (a, yes, b) => (yes ? a : b), of: [value, condition, whole()], name: "if" };
  };
  /** @type {Terms} */
  const terms = [];
  for (let sign = 1; sign; sign = take("+") ? 1 : take("−") ? -1 : 0) {
    const from = at;
    const node = product();
    const written = tokens.slice(from, at).map((token) => token.all);
    terms.push({ node, sign: sign > 0 ? 1 : -1, written: written.join("").trim() });
  }
  if (at === tokens.length) return terms;
  at = 0; // a comparison or a choice at the outside
  const node = whole();
  if (at < tokens.length) throw unknown();
  return [{ node, sign: 1, written: entry }];
}

/** Letters of inputs that a sum over them runs over.
 * @param {Node} node @param {string[]} inputLetters */
function lettersIn(node, inputLetters) {
  /** @type {(each: Node) => string[]} */
  const of = (each) =>
    "input" in each
      ? [...(each.letters ?? inputLetters[each.input] ?? "")]
      : "of" in each
        ? each.of.flatMap(of)
        : [];
  return [...new Set(of(node))];
}

/**
 * @param {Written} line
 * @param {number[][] | null} [shapes] of the inputs; null: each input is one number
 * @param {(terms: Terms) => Terms} [pick] of the added terms
 * @returns {Arithmetic | null} null: the entry is more than arithmetic of entries
 */
export function compile({ signature, entry }, shapes = null, pick = (terms) => terms) {
  /** @type {Terms} */
  let terms;
  try {
    terms = pick(parse(entry));
  } catch {
    return null;
  }
  const { inputs, output } = parseSignature(signature);
  /** @type {Arithmetic["data"]} */
  const data = [];
  const slots = [...new Set(output + inputs.join("") + entry.replace(/[^a-z]/g, ""))];
  const places = new Int32Array(slots.length + 1); // of an axis without a letter: the first
  /** @param {string | undefined} letter */
  const slot = (letter) => (letter ? slots.indexOf(letter) : slots.length);
  /** @param {Node} node @param {string[]} bound @returns {() => number} */
  function build(node, bound) {
    if ("value" in node) return () => node.value;
    if ("letter" in node) return () => places[slot(node.letter)];
    if ("input" in node) {
      const { input } = node;
      const shape = shapes?.[input] ?? [];
      if (!shape.length) return () => data[input][0];
      const letters = node.letters ?? inputs[input] ?? "";
      const axes = shape.map((_, axis) => slot(letters[axis]));
      const [[a, b], columns] = [axes, shape[1]];
      if (shape.length === 1) return () => data[input][places[a]];
      if (shape.length === 2) return () => data[input][places[a] * columns + places[b]];
      return () => data[input][shape.reduce((at, size, k) => at * size + places[axes[k]], 0)];
    }
    if ("sum" in node) {
      const free = lettersIn(node.sum, inputs).filter((letter) => !bound.includes(letter));
      const inner = build(node.sum, [...bound, ...free]);
      const ranges = free.map((letter) => [slot(letter), sizeOf(letter, node.sum)]);
      /** @param {number} k @returns {number} */
      const over = (k) => {
        if (k === ranges.length) return inner();
        const [place, size] = ranges[k];
        let total = 0;
        for (let i = 0; i < size; i++) {
          places[place] = i;
          total += over(k + 1);
        }
        return total;
      };
      return () => over(0);
    }
    const { run } = node;
    const [a, b, c] = node.of.map((each) => build(each, bound));
    if (run === OPERATORS["·"]) return () => a() * b();
    return c ? () => run(a(), b(), c()) : b ? () => run(a(), b()) : () => run(a());
  }
  /** @param {string} letter @param {Node} node @returns {number} length of its axis */
  function sizeOf(letter, node) {
    if ("input" in node) {
      const axis = (node.letters ?? inputs[node.input] ?? "").indexOf(letter);
      return axis < 0 ? 0 : (shapes?.[node.input]?.[axis] ?? 1);
    }
    return "of" in node ? Math.max(0, ...node.of.map((each) => sizeOf(letter, each))) : 0;
  }
  const parts = terms.map(({ node, sign }) => ({ sign, run: build(node, [...output]) }));
  const bound = [...output].map(slot);
  return {
    data,
    at(index) {
      for (let k = 0; k < bound.length; k++) places[bound[k]] = index[k];
      let total = 0;
      for (const { sign, run } of parts) total += sign * run();
      return total;
    },
  };
}

/**
 * A sum with a factor as a sum of terms that have the factor: of "Σ[{0}²]/4" the term "{0}²/4",
 * with the letters that are summed over after those of the output.
 * @param {Written} line
 * @returns {{term: Written, letters: string, factor: boolean} | null} null: it is none
 */
export function scaledSum({ signature, entry }) {
  const { inputs, output } = parseSignature(signature);
  const from = entry.indexOf("Σ[");
  let to = from + 1;
  for (let depth = 0; from >= 0 && to < entry.length; to++) {
    depth += entry[to] === "[" ? 1 : entry[to] === "]" ? -1 : 0;
    if (!depth) break;
  }
  const body = entry.slice(from + 2, to);
  /** Each term in the place of the sum. @param {string} text */
  const inPlace = (text) => `${entry.slice(0, from)}(${text})${entry.slice(to + 1)}`;
  if (from < 0 || !/^(|−|.*·|\()$/.test(entry.slice(0, from))) return null;
  if (!/^\)?([·/].*)?$/.test(entry.slice(to + 1))) return null;
  let terms;
  try {
    terms = [inPlace("1"), body].map(parse);
  } catch {
    return null;
  }
  // something is added to the sum, or another one divides it
  if (terms[0].length > 1 || inPlace("").includes("Σ")) return null;
  const of = (/** @type {Terms} */ all) => all.flatMap(({ node }) => lettersIn(node, inputs));
  const letters = [...new Set(of(terms[1]))]
    .filter((c) => !output.includes(c) && c !== "1")
    .join("");
  if (!letters || of(terms[0]).some((c) => letters.includes(c))) return null;
  const term = { signature: `${inputs.join()}->${output}${letters}`, entry: inPlace(body) };
  return { term, letters, factor: !/^\(?[−]?1\)?$/.test(inPlace("1").replace(/[()]/g, "")) };
}

/**
 * The entry's added terms, one by one: of "{2}·{0} + {3}·{1}" two.
 * @param {Written} line @param {number[][]} shapes of the inputs
 * @returns {{arithmetic: Arithmetic, written: string}[]} none: it is more than arithmetic
 */
export function compileTerms(line, shapes) {
  /** @type {string[]} */
  let all = [];
  compile(line, shapes, (terms) => {
    all = terms.map(({ sign, written }) => (sign < 0 ? "−" : "") + written);
    return terms;
  });
  return all.flatMap((written, k) => {
    const arithmetic = compile(line, shapes, (terms) => [terms[k]]);
    return arithmetic ? [{ arithmetic, written }] : [];
  });
}
