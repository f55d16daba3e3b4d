/**
 * The working of a line as on paper: which matrices in which order with which signs
 * between them, read off the line's `entry` ("Σ[{1}·{0}] + {2}" is "W · a + b"). Also its
 * shapes: "(3) = (3×2)·(2) + (3)".
 */
import { TEXT } from "../text/en.js";
import { CONDITION, parseEntry, parseSignature } from "./entries.js";
import { shape as written } from "./format.js";

/**
 * @typedef {{input: number, transposed: boolean, role?: "left" | "right", product?: "inner" |
 *   "outer"}} InputPiece
 * @typedef {{operator: string} | InputPiece} Piece transposed: drawn with rows and columns of the
 *   variable exchanged; role, product: a factor of a matrix product, inner where it sums over
 *   an axis that both factors have, outer where a column meets a row
 */

/** @typedef {import("./entries.js").Node} Node */
/** @typedef {import("./entries.js").InputNode} InputNode */
/** @typedef {{inputs: string[], output: string}} Signature */

/**
 * Nodes with the sums dissolved: on paper Σ over a letter that two factors share is the matrix
 * product itself. Any other sum keeps its Σ.
 * @param {Node[]} nodes @param {Signature} signature
 * @returns {(InputNode | {text: string})[]}
 */
function dissolve(nodes, signature) {
  return nodes.flatMap((node) => {
    if (!("sum" in node)) return [node];
    const inner = dissolve(node.sum, signature);
    if (isProduct(inner, signature)) return inner;
    const opening = "text" in inner[0] ? inner[0].text : "";
    const bare = inner.length === 1 || /^[([|a-z]/.test(opening);
    return [{ text: bare ? "Σ" : "Σ(" }, ...inner, ...(bare ? [] : [{ text: ")" }])];
  });
}

/**
 * Whether each letter that is summed over is one of two factors, or there is none.
 * @param {(InputNode | {text: string})[]} nodes @param {Signature} signature
 */
function isProduct(nodes, { inputs, output }) {
  const letters = nodes
    .filter((node) => "input" in node)
    .flatMap((node) => [...new Set(node.letters ?? inputs[node.input] ?? "")]);
  const summed = [...new Set(letters)].filter((letter) => !output.includes(letter));
  if (!summed.length) return true;
  const plain = nodes.every((node) => "input" in node || /^\s*·\s*$/.test(node.text));
  return (
    plain && summed.every((letter) => letters.filter((other) => other === letter).length === 2)
  );
}

/**
 * @param {{signature: string, entry: string, inputs: string[]}} line
 * @param {boolean} [rows] vectors are rows and stand left of W
 * @returns {{pieces: Piece[], plain: boolean}} plain: the inputs do not form one expression, list
 *   them
 */
export function equationOf(line, rows = false) {
  const nodes = dissolve(parseEntry(line.entry), parseSignature(line.signature));
  const order = nodes.filter((node) => "input" in node).map((node) => node.input);
  if (!order.length || new Set(order).size !== order.length || CONDITION.test(line.entry)) {
    return {
      plain: true,
      pieces: [...new Set(order.length ? order : line.inputs.keys())].map((input) => ({
        input,
        transposed: false,
      })),
    };
  }
  /** @type {Piece[]} */
  const pieces = nodes.map((node) =>
    "text" in node ? { operator: node.text.trim() } : { input: node.input, transposed: false },
  );
  const signature = parseSignature(line.signature);
  orient(pieces, signature, rows);
  // a line that is a transpose itself: ∂z/∂a of row vectors
  for (const piece of pieces)
    if ("input" in piece && !piece.product)
      piece.transposed = isTranspose(signature.inputs[piece.input] ?? "", signature.output);
  return {
    plain: false,
    pieces: pieces.filter((piece) => !("operator" in piece) || piece.operator),
  };
}

/** @param {string} letters @param {string} output */
const isTranspose = (letters, output) =>
  letters.length === 2 && letters !== output && letters === [...output].reverse().join("");

/**
 * Vectors are rows in the convention of rows, and wherever samples are the rows of a matrix: an
 * update has no samples any more.
 * @param {{convention: string, batch: number | null}} trace @param {{phase: string}} line
 */
export const vectorsAreRows = ({ convention, batch }, { phase }) =>
  convention === "row" || (batch !== null && phase !== "update");

/**
 * Turn the two factors of a product so that their shapes fit, as one writes it: Wᵀ δ, δ aᵀ.
 * @param {any[]} pieces any: which of them are inputs is only known by their place
 * @param {Signature} signature @param {boolean} rows vectors are rows
 */
function orient(pieces, { inputs, output }, rows) {
  const dot = pieces.findIndex(
    (piece, i) =>
      "operator" in piece &&
      piece.operator === "·" &&
      "input" in (pieces[i - 1] ?? {}) &&
      !/\/$/.test(pieces[i - 2]?.operator ?? "") && // a divisor is no factor
      "input" in (pieces[i + 1] ?? {}),
  );
  if (dot < 0) return;
  let [p, q] = [inputs[pieces[dot - 1].input] ?? "", inputs[pieces[dot + 1].input] ?? ""];
  if (
    !p ||
    !q ||
    p === q ||
    (p.length === output.length && q.length === output.length && [...p].every((c) => q.includes(c)))
  )
    return;
  const swap =
    output.length === 2
      ? !p.includes(output[0]) && q.includes(output[0])
      : rows && p.length === 2 && q.length === 1;
  if (swap) {
    [pieces[dot - 1], pieces[dot + 1]] = [pieces[dot + 1], pieces[dot - 1]];
    [p, q] = [q, p];
  }
  const [left, right] = [pieces[dot - 1], pieces[dot + 1]];
  const summed = [...p].find((letter) => q.includes(letter) && !output.includes(letter));
  if (summed === undefined) {
    if (p.length !== 1 || q.length !== 1) return;
    Object.assign(left, { role: "left", product: "outer", transposed: rows });
    Object.assign(right, { role: "right", product: "outer", transposed: !rows });
    return;
  }
  Object.assign(left, {
    role: "left",
    product: "inner",
    transposed: p.length === 2 && p[1] !== summed,
  });
  Object.assign(right, {
    role: "right",
    product: "inner",
    transposed: q.length === 2 && q[0] !== summed,
  });
}

/**
 * The shape as drawn. A vector has one number, unless it is a factor of an outer product, whose two
 * ways round matter.
 * @param {number[]} shape @param {{transposed: boolean, product?: string, role?: string}} piece
 */
export function drawnShape(shape, { transposed, product, role }) {
  if (shape.length === 1 && product === "outer")
    return role === "left" ? [shape[0], 1] : [1, shape[0]];
  return transposed && shape.length === 2 ? [...shape].reverse() : shape;
}

/**
 * @param {Line} line @param {number[][]} shapes of the inputs
 * @param {boolean} [rows] vectors are rows
 * @returns {string} "(3) = (3×2)·(2) + (3)"
 */
export function shapesOf(line, shapes, rows) {
  const parts = line.sum_of?.length ?? 0;
  if (parts > 4) return `${written(line.shape)} = ${parts} × ${written(line.shape)}`;
  const { pieces, plain } = equationOf(line, rows);
  // a single number is written as a letter's place, not as a shape; a matrix has a shape
  // before its ᵀ
  const one = (/** @type {InputPiece} */ piece) => {
    const shape = shapes[piece.input] ?? [];
    if (!shape.length) return TEXT.core.scalar;
    return shape.length === 1
      ? written(drawnShape(shape, piece))
      : written(shape) + (piece.transposed ? "ᵀ" : "");
  };
  const inputs = pieces.filter((piece) => "input" in piece);
  if (plain) return TEXT.core.shapeFrom(written(line.shape), inputs.map(one).join(", "));
  const right = pieces
    .map((piece) => {
      if (!("operator" in piece)) return one(piece);
      return /^([+−⊙]|if|else)/.test(piece.operator) ? ` ${piece.operator} ` : piece.operator;
    })
    .join("");
  return `${written(line.shape)} = ${right
    .replace(/\(\(([\d×]+)\)\)/g, "($1)")
    .replace(/ {2,}/g, " ")
    .replace(/(^|\() − /g, "$1−")
    .replace(/,(?=\S)/g, ", ")
    .trim()}`;
}

/**
 * Rows or columns to show of a large matrix: the first ones, those that must be seen, the last;
 * null where some are left out. With room for less than 3: one that must be seen.
 * @param {number} size @param {number} room @param {number[]} [keep]
 * @returns {(number | null)[]}
 */
export function fold(size, room, keep = []) {
  if (size <= room) return Array.from({ length: size }, (_, i) => i);
  if (room < 3) {
    const only = keep.find((i) => i >= 0 && i < size) ?? 0;
    return [...(only ? [null] : []), only, ...(only < size - 1 ? [null] : [])];
  }
  const head = room - 2;
  const chosen = new Set([
    ...Array.from({ length: head }, (_, i) => i),
    size - 1,
    ...keep.filter((i) => i >= 0 && i < size),
  ]);
  // what must be seen takes the place of the last of the first ones
  for (let i = head - 1; i > 0 && chosen.size > head + 1; i--)
    if (!keep.includes(i)) chosen.delete(i);
  if (chosen.size > Math.max(2, room - 1) && !keep.includes(0)) chosen.delete(0);
  const out = [];
  let before = -1;
  for (const i of [...chosen].sort((p, q) => p - q)) {
    if (i > before + 1) out.push(null);
    out.push(i);
    before = i;
  }
  return out;
}
