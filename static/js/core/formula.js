/** The formula of a line from its `entry`, as MathML, with the symbols of what it reads. */
import { parse } from "./expression.js";

/** @typedef {import("./expression.js").Node} Node */

/** How tightly an operator binds; what binds less needs brackets inside of it. */
const BINDING = { "+": 1, "−": 1, "·": 2, "/": 4, "^": 3 };
const SIGNS = { "·": "<mo>&#x22C5;</mo>", "+": "<mo>+</mo>", "−": "<mo>&#x2212;</mo>" };
/** @param {string} inner */
const row = (inner) => `<mrow>${inner}</mrow>`;
/** @param {string} inner */
const brackets = (inner) => row(`<mo>(</mo>${inner}<mo>)</mo>`);

/**
 * @param {Line} line @param {Map<string, Given>} values lines and givens
 * @returns {Formula | null} null: the entry is more than arithmetic
 */
export function mathOf(line, values) {
  let terms;
  try {
    terms = parse(line.entry);
  } catch {
    return null;
  }
  const symbols = line.inputs.map((id) => symbolOf(values.get(id)));
  const { output, inputs } = parts(line.signature);

  /** @param {Node} node @param {number} [outer] how tightly what is around it binds */
  const write = (node, outer = 0) => {
    const { text, binding } = written(node);
    return binding < outer ? brackets(text) : text;
  };
  /** @param {Node} node @returns {{text: string, binding: number}} */
  function written(node) {
    if ("value" in node) return { text: `<mn>${node.value}</mn>`, binding: 9 };
    if ("letter" in node) return { text: `<mi>${node.letter}</mi>`, binding: 9 };
    if ("input" in node) return { text: symbols[node.input] ?? "", binding: 9 };
    if ("sum" in node) {
      const over = summed(node.sum).map((letter) => line.axes_of?.[letter] ?? letter);
      const below = over.length ? `<mtext>${over.join(", ")}</mtext>` : "<mrow></mrow>";
      return {
        text: row(`<munder><mo>&#x2211;</mo>${below}</munder>${write(node.sum, 2)}`),
        binding: 2,
      };
    }
    const { name, of } = node;
    const [a, b] = of;
    if (name === "(") return written(a);
    if (name === "[") return { text: row(`<mo>[</mo>${write(a)}<mo>]</mo>`), binding: 9 };
    if (name === "|") return { text: row(`<mo>|</mo>${write(a)}<mo>|</mo>`), binding: 9 };
    if (name === "√") return { text: `<msqrt>${write(a)}</msqrt>`, binding: 9 };
    if (name === "/")
      return { text: `<mfrac>${row(write(a))}${row(write(b))}</mfrac>`, binding: 4 };
    if (name === "^")
      return { text: `<msup>${row(write(a, 5))}${row(write(b))}</msup>`, binding: 3 };
    if (name === "−" && of.length === 1)
      return { text: row(`<mo>&#x2212;</mo>${write(a, 2)}`), binding: 1 };
    if (name in SIGNS) {
      const own = BINDING[/** @type {"+"} */ (name)];
      const sign = SIGNS[/** @type {"+"} */ (name)];
      return {
        text: row(write(a, own) + sign + write(b, own + (name === "−" ? 1 : 0))),
        binding: own,
      };
    }
    if (/^\p{L}+′?$/u.test(name))
      return {
        text: row(`<mi>${name}</mi>${brackets(of.map((each) => write(each)).join("<mo>,</mo>"))}`),
        binding: 9,
      };
    const between = { "<": "&lt;", ">": "&gt;" }[name] ?? name;
    return { text: row(of.map((each) => write(each, 1)).join(`<mo>${between}</mo>`)), binding: 0 };
  }
  /** Letters that a sum runs over. @param {Node} node @returns {string[]} */
  function summed(node) {
    const own = "input" in node ? [...(node.letters ?? inputs[node.input] ?? "")] : [];
    const inner = "of" in node ? node.of.flatMap(summed) : [];
    return [...new Set([...own, ...inner])].filter((c) => c !== "1" && !output.includes(c));
  }
  const text = terms
    .map(({ node, sign }, k) => (k || sign < 0 ? SIGNS[sign < 0 ? "−" : "+"] : "") + write(node, 1))
    .join("");
  const mathml = `<math xmlns="http://www.w3.org/1998/Math/MathML">${row(text)}</math>`;
  return { latex: "", mathml };
}

/** @param {string} signature */
function parts(signature) {
  const [left, output = ""] = signature.split("->");
  return { inputs: left.split(","), output };
}

/** What is inside of a symbol's <math>. @param {Given | undefined} value */
const symbolOf = (value) =>
  value?.symbol?.mathml.replace(/^<math[^>]*>|<\/math>$/g, "") ??
  `<mtext>${value?.label ?? ""}</mtext>`;
