/** The formula of a line from its `entry`, as MathML, with the symbols of what it reads. */
import { parse } from "./expression.js";

/** @typedef {import("./expression.js").Node} Node */

/** How tightly an operator binds; what binds less needs brackets inside of it. */
const BINDING = { "+": 1, "−": 1, "·": 2, "/": 4, "^": 3 };
const SIGNS = { "·": "⋅", "+": "+", "−": "−" };
/** @param {Node} node @returns {boolean} */
const isMinus = (node) =>
  "of" in node &&
  (node.name === "(" ? isMinus(node.of[0]) : node.name === "−" && node.of.length === 1);
/** An element of MathML. @param {string} name @param {...(string | number)} inner */
export const tag = (name, ...inner) => ["<", name, ">", ...inner, "</", name, ">"].join("");
/** Names come with the program. @param {string} text */
export const escaped = (text) =>
  text.replace(/[<&>]/g, (c) => ({ "<": "&lt;", "&": "&amp;", ">": "&gt;" })[c] ?? c);
const row = (/** @type {string[]} */ ...inner) => tag("mrow", ...inner);
const sign = (/** @type {string} */ text) => tag("mo", text);
const brackets = (/** @type {string} */ inner) => row(sign("("), inner, sign(")"));

/**
 * @param {Line} line @param {Map<string, Given>} values lines and givens
 * @returns {Formula | null} null: the entry is more than arithmetic
 */
export function mathOf(line, values) {
  const symbols = line.inputs.map((id) => symbolOf(values.get(id)));
  const extreme = /^(max|min)\{0\}$/.exec(line.entry);
  if (extreme) return whole(tag("mi", extreme[1]) + brackets(symbols[0]));
  let terms;
  try {
    terms = parse(line.entry);
  } catch {
    return null;
  }
  const { output, inputs } = parts(line.signature);

  /** @param {Node} node @param {number} [outer] how tightly what is around it binds */
  const write = (node, outer = 0) => {
    const { text, binding } = written(node);
    return binding < outer ? brackets(text) : text;
  };
  /** @param {Node} node @returns {{text: string, binding: number}} */
  function written(node) {
    if ("value" in node) return { text: tag("mn", node.value), binding: 9 };
    if ("letter" in node) return { text: tag("mi", node.letter), binding: 9 };
    if ("input" in node) return { text: symbols[node.input] ?? "", binding: 9 };
    if ("sum" in node) {
      const over = summed(node.sum).map((letter) => line.axes_of?.[letter] ?? letter);
      const all = over.join(", ");
      // "window row, window column" would hold the factors apart
      const isLong = over.length > 1 && all.length > 14;
      const names = isLong ? over.map((name) => name.split(" ").at(-1)).join(", ") : all;
      const below = over.length ? tag("mtext", escaped(names)) : row();
      const text = row(tag("munder", sign("∑"), below), write(node.sum, 2));
      return { text, binding: 2 };
    }
    const { name, of } = node;
    const [a, b] = of;
    const closed = (/** @type {string} */ text) => ({ text, binding: 9 });
    if (name === "(") return written(a);
    if (name === "[") return closed(row(sign("["), write(a), sign("]")));
    if (name === "|") return closed(row(sign("|"), write(a), sign("|")));
    if (name === "√") return closed(tag("msqrt", write(a)));
    if (name === "/") return { text: tag("mfrac", row(write(a)), row(write(b))), binding: 4 };
    if (name === "^") return { text: tag("msup", row(write(a, 5)), row(write(b))), binding: 3 };
    if (name === "−" && !b) return { text: row(sign("−"), write(a, 2)), binding: 2 };
    if (name in SIGNS) {
      const strength = BINDING[/** @type {"+"} */ (name)];
      const between = sign(SIGNS[/** @type {"+"} */ (name)]);
      const right = write(b, isMinus(b) ? 9 : strength + (name === "−" ? 1 : 0));
      return { text: row(write(a, strength), between, right), binding: strength };
    }
    if (/^\p{L}+′?$/u.test(name) && name !== "if")
      return closed(row(tag("mi", name), brackets(of.map((each) => write(each)).join(sign(",")))));
    if (name === "if")
      return { text: row(write(a), sign(name), write(b), sign("else"), write(of[2])), binding: 0 };
    const between = { "<": "&lt;", ">": "&gt;" }[name] ?? name;
    return { text: row(of.map((each) => write(each, 1)).join(sign(between))), binding: 0 };
  }
  /** Letters that a sum runs over. @param {Node} node @returns {string[]} */
  function summed(node) {
    const direct = "input" in node ? [...(node.letters ?? inputs[node.input] ?? "")] : [];
    const inner = "of" in node ? node.of.flatMap(summed) : [];
    return [...new Set([...direct, ...inner])].filter((c) => c !== "1" && !output.includes(c));
  }
  const text = terms
    .map(
      ({ node, sign: minus }, k) =>
        (k || minus < 0 ? sign(minus < 0 ? "−" : "+") : "") +
        write(node, k && isMinus(node) ? 9 : terms.length > 1 ? 1 : 0),
    )
    .join("");
  return whole(text);
}

/** @param {string} text @returns {Formula} */
const whole = (text) => ({ ...{ latex: "", mathml: tag("math", row(text)) } });

function parts(/** @type {string} */ signature) {
  const [left, output = ""] = signature.split("->");
  return { inputs: left.split(","), output };
}

/** What is in its <math>. @param {Formula} formula */
export const inside = ({ mathml }) => mathml.replace(/^<math[^>]*>|<\/math>$/g, "");

/** @param {Given | undefined} value */
const symbolOf = (value) =>
  value?.symbol ? inside(value.symbol) : tag("mtext", escaped(value?.label ?? ""));
