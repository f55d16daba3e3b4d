/** The matrices of a line in the order of its formula. */
import { elementOf, matches, patternOf } from "../core/elements.js";
import { at, feeds, flatIndex, reads } from "../core/entries.js";
import { equationOf, vectorsAreRows } from "../core/equation.js";
import { number } from "../core/format.js";
import { isConstant, nameOf } from "../core/names.js";
import { slopeOf, slopesOf } from "../core/slopes.js";
import { shapeOfInput, variable } from "../core/trace.js";
import { bareAt, veiled } from "../core/veil.js";
import { chosenEntry, depthOf } from "../state/entry.js";
import { TEXT } from "../text/en.js";
import { h, math } from "../ui/dom.js";
import { formOf, matrixView, renumber } from "../ui/matrix.js";
import { indexFrom } from "./cells.js";
import { worded } from "./words.js";

const SETTABLE = ["W", "b", "x", "target"]; // see what-if.js

/** @typedef {import("../core/equation.js").InputPiece} InputPiece */
/** @typedef {(id: string, shape: number[]) => number[][]} Keep entries that must be on screen */
/** @typedef {"output" | "input"} Role */
/** @typedef {Omit<InputPiece, "input">} Drawn how a variable is drawn */

const MOST_PARTS = 4; // of a gradient, as matrices
const WINDOWED = 8; // rows and columns of an array in which a window lies
const SMALL = 7; // rows and columns of a matrix that is not folded further

/**
 * Rows and columns on screen. A line with large or many matrices folds all of them further, so that
 * the whole working fits.
 * @param {Line} line @param {Trace} trace @param {InputPiece[]} matrices
 * @param {number} level 1: of the columns that nothing is summed over fewer, 2: of all, 3: one
 */
function roomFor(line, trace, matrices, level) {
  const shapeOf = (/** @type {InputPiece} */ { input }) => shapeOfInput(trace, line.inputs[input]);
  const large = matrices.some((piece) => Math.max(...shapeOf(piece), 0) > SMALL);
  // an update sets several matrices of one shape side by side, entry by entry: corners suffice
  const wide = matrices.filter((piece) => (shapeOf(piece)[1] ?? 0) > 4);
  const crowded = line.phase === "update" && wide.length > 1;
  if (line.explicit) {
    // the window moves in the whole array
    const most = level < 2 ? WINDOWED : 4;
    return (/** @type {number[]} */ shape) => {
      const count = level && shape === line.shape ? 4 : most;
      return { rows: count, columns: count, coarse: true };
    };
  }
  // nothing stands beside a line of a program that needs the room
  const shapes = [line.shape, ...matrices.map(shapeOf)];
  const small = shapes.every((shape) => Math.max(0, ...shape.slice(-2)) <= WINDOWED);
  if (line.axes_of && small && !level) return () => ({ rows: WINDOWED, columns: WINDOWED });
  const tall = crowded ? 3 : trace.batch ? 4 : large || line.inputs.length > 3 ? 5 : SMALL;
  const usual = (/** @type {number} */ size) => (crowded ? 3 : size > 5 ? 4 : 5);
  /** @param {number} size @param {number} from level */
  const most = (size, from) => (level >= from ? 3 : usual(size));
  /**
   * The axis that a product sums over is folded alike in both factors.
   * @param {number[]} shape @param {Drawn} piece
   */
  return (shape, { transposed, product, role }) => {
    const [down, across] =
      shape.length === 1 ? [shape[0], shape[0]] : transposed ? [shape[1], shape[0]] : shape;
    /** @param {number} size @param {"left" | "right"} side */
    const shared = (size, side) =>
      product === "inner" && role === side && Math.min(tall, most(size, 2));
    return {
      rows: shared(down, "right") || tall,
      columns: shared(across, "left") || (crowded && level > 2 ? 1 : most(across, 1)),
    };
  };
}

/**
 * Entries that must be on screen, per variable: those of the selection, the chosen entry and what
 * it is computed from.
 * @param {State} state @param {Line} line @returns {Keep}
 */
function keepOf(state, line) {
  const chosen = chosenEntry(state, line);
  const read = reads(line, chosen);
  const explicit = line.explicit?.(chosen).terms.flatMap((term) => term.reads) ?? [];
  return (id, shape) =>
    [
      ...explicit.flatMap(({ input, index }) => (line.inputs[input] === id ? [index] : [])),
      patternOf(state.selection, variable(state.trace, id), depthOf(state)),
      id === line.id ? chosen : null,
      ...read.filter((_, k) => line.inputs[k] === id),
    ]
      .filter((pattern) => pattern?.length === shape.length)
      .map((pattern) => (pattern ?? []).map((value) => value ?? -1));
}

/** Places of the inputs whose entries are the largest. @param {Line} line @param {Trace} trace
 * @param {number[]} index */
const largestOf = ({ inputs }, trace, index) =>
  inputs
    .map((id, k) => ({ k, size: Math.abs(Number(at(variable(trace, id)?.value ?? null, index))) }))
    .sort((p, q) => q.size - p.size)
    .map(({ k }) => k);

/**
 * A matrix of a line: of the line itself, of an input, or its slopes, which are no line.
 * @param {Trace} trace @param {Line} line @param {string} [id] none: slopes
 */
const variableOf = (trace, line, id = "") =>
  id === line.id || line.inputs.includes(id)
    ? variable(trace, id)
    : slopesOf(line, variable(trace, line.inputs[1]));

/**
 * @param {Line} line @param {State} state
 * @param {number} level how far wide matrices are folded, from 0 @returns {HTMLElement[]}
 */
export function equationView(line, state, level) {
  const { trace } = state;
  const rowVectors = vectorsAreRows(trace, line);
  const keep = keepOf(state, line);
  /** @param {string} id */
  const veilOf = (id) => (!veiled(state, id) ? undefined : bareAt(state, id) ? "all" : "entries");
  const hidden = veilOf(line.id) && !state.veil?.alone;
  const { pieces, plain } = hidden
    ? { pieces: bareAt(state, line.id) ? [] : givenPieces(line), plain: true }
    : withSlopes(line, equationOf(withConstants(line, trace), rowVectors));
  const matrices = pieces.filter((piece) => "input" in piece);
  const roomOf = roomFor(line, trace, matrices, level);
  const chosen = chosenEntry(state, line);
  // of a gradient with many parts the largest at the chosen entry
  const isLong = line.sum_of && matrices.length > (level > 1 ? 2 : MOST_PARTS);
  const most = isLong ? largestOf(line, trace, chosen).slice(0, level > 1 ? 2 : 3) : null;
  const read = reads(line, chosen);
  /** What the chosen entry is, or reads, along all axes but the last two.
   * @param {Pick<Given, "id" | "shape">} array */
  const leadingOf = ({ id, shape }) =>
    (id === line.id ? chosen : (read[line.inputs.indexOf(id)] ?? []))
      .slice(0, shape.length - 2)
      .map((k) => (k === null ? null : Math.max(0, k)));
  /** @param {Omit<Given, "symbol"> & {symbol: Formula | null}} array @param {Role} role
   * @param {Drawn} piece @param {string} [name] */
  const view = (array, role, piece, name = nameOf(array)) =>
    matrixView(array, {
      role,
      piece,
      rowVectors,
      ...roomOf(array.shape, piece),
      keep: keep(array.id, array.shape),
      name,
      note: array.id === "cost_factor" ? worded(TEXT.ui.factor) : undefined,
      unfolds: true,
      derived: !variable(trace, array.id),
      settable: role === "input" && SETTABLE.includes(array.quantity),
      veil: veilOf(array.id),
      ...(line.axes_of ? { leading: leadingOf(array), axes: array.axes } : {}),
    });
  /** @type {HTMLElement[]} */
  const out = [
    h(
      "div.side.side-by-side",
      // the symbol of a part would be a small fraction
      line.part
        ? view(
            { ...line, symbol: null },
            "output",
            { transposed: false },
            TEXT.working.through(nameOf(line).replace(/^.* through /, "")),
          )
        : view(line, "output", { transposed: false }),
      pieces.length > 0 && h("span.operator", plain ? TEXT.working.from : "="),
    ),
  ];
  let before = "";
  for (const piece of pieces) {
    if (most && (!("input" in piece) || !most.includes(piece.input))) continue;
    if (most) before = out.length > 1 ? "+" : "";
    if ("operator" in piece) {
      before += piece.operator;
      continue;
    }
    const id = line.inputs[piece.input];
    const array = variableOf(trace, line, id);
    if (!array) continue;
    out.push(
      h(
        "div.side.side-by-side",
        h("span.operator", before || (plain && piece !== matrices[0] ? "," : "")),
        // parts of a gradient by what they come through
        line.sum_of && line.terms?.[piece.input]
          ? view(
              { ...array, symbol: null },
              "input",
              piece,
              TEXT.working.through(line.terms[piece.input]),
            )
          : view(id ? { ...array, id } : array, "input", piece),
      ),
    );
    before = "";
  }
  if (most) before = TEXT.working.manyParts(line.inputs.length - most.length);
  if (before) out.push(h("span.operator", before));
  return out;
}

/** Numbers that the program writes stand in the arithmetic. @param {Line} line
 * @param {Trace} trace */
function withConstants(line, trace) {
  if (!line.inputs.some(isConstant)) return line;
  const entry = line.entry.replace(/\{(\d+)(?::\w*)?\}/g, (all, k) => {
    const id = line.inputs[Number(k)];
    const value = isConstant(id) && variable(trace, id)?.value;
    return typeof value === "number"
      ? number(value)
          .replace(/\.0+(?=·|$)/, "")
          .replace(/^(−?)1·/, "$1")
      : all;
  });
  return { ...line, entry };
}

/**
 * What the working of a line looks like, apart from its numbers.
 * @param {State} state @param {Line} line
 * @returns {string | null} null where a lesson hides numbers
 */
export function formOfLine({ trace, veil }, line) {
  if (veil) return null;
  const variables = [line, ...line.inputs.flatMap((id) => variable(trace, id) ?? [])];
  const { batch, convention, verification } = trace;
  const { id, formula } = line;
  return JSON.stringify([
    ...[id, formula.latex, batch, convention, verification === null],
    ...variables.map(formOf),
  ]);
}

/**
 * Other numbers in a working that looks the same otherwise, while the run plays.
 * @param {Element} box of the matrices @param {State} state @param {Line} line
 */
export function renumberMatrices(box, { trace }, line) {
  for (const matrix of box.querySelectorAll(".matrix")) {
    const array = variableOf(trace, line, matrix.getAttribute("data-variable") ?? "");
    if (array) renumber(matrix, array);
  }
}

const SLOPES = -1; // in place of an input

/**
 * The slopes of a line as a matrix: ∂C/∂a ⊙ tanh′(z) at z.
 * @param {Line} line @param {ReturnType<typeof equationOf>} equation
 * @returns {ReturnType<typeof equationOf>}
 */
function withSlopes(line, equation) {
  if (!slopeOf(line)) return equation;
  const [gradient, read] = [0, 1].map((input) => ({ input, transposed: false }));
  const slopes = { input: SLOPES, transposed: false };
  const [times, at] = ["⊙", TEXT.working.at].map((operator) => ({ operator }));
  return { plain: false, pieces: [gradient, times, slopes, at, read] };
}

/**
 * The inputs of a line that a lesson asks, each once.
 * @param {Line} line @returns {InputPiece[]}
 */
const givenPieces = ({ inputs }) =>
  inputs
    .map((id, input) => ({ id, input, transposed: false }))
    .filter(({ id, input }) => inputs.indexOf(id) === input);

/** "z⁽¹⁾ = W x + b": the server's formula may or may not name its left side. @param {Line} line */
export function withName(line) {
  const formula = math(line.formula, true);
  if (/(^|[^\\])=/.test(line.formula.latex) || line.formula.latex.includes("\\leftarrow"))
    return formula;
  return h("div.named.side-by-side", math(line.symbol, true), h("span.operator", "="), formula);
}

/** Whether all rows are the first one again, as by broadcasting. @param {Given} array */
const repeats = ({ value, shape }) =>
  shape.length === 2 &&
  shape[0] > 1 &&
  value.every((/** @type {Nested} */ row) => String(row) === String(value[0])) &&
  value[0].some(Boolean);

/** @param {Element} root @param {State} state @param {Line} line */
export function highlightEntries(root, state, line) {
  const depth = state.frame.layers.length;
  const chosen = state.hover ?? state.selection;
  const pointed = state.hoverEntry ?? null;
  // an entry of an input highlights all entries of the output that read it
  const source = pointed && pointed.variable !== line.id ? pointed : null;
  const writtenOut = root.querySelector(".written-out");
  const target = source || !writtenOut ? null : indexFrom(writtenOut);
  const patterns = target ? reads(line, target) : [];
  const explicit = target && line.explicit?.(target).taken;
  const taken = explicit
    ? explicit.index.join()
    : target && line.picks?.entries?.[flatIndex(target, line.shape)]?.join();
  const picked = line.inputs[explicit ? explicit.input : 0];
  const before = state.held?.before.trace ?? null;
  for (const matrix of root.querySelectorAll("[data-variable]")) {
    const id = matrix.getAttribute("data-variable") ?? "";
    const array = variable(state.trace, id);
    const pattern = chosen ? patternOf(chosen, array, depth) : null;
    const output = matrix.classList.contains("output");
    const mask = /** @type {Line | undefined} */ (array)?.mask;
    const alike = line.axes_of && array ? repeats(array) : false;
    const old = array && state.held?.lines.has(id) ? variable(before, id)?.value : null;
    for (const cell of matrix.querySelectorAll("[data-index]")) {
      const index = indexFrom(cell);
      const here = target !== null && target.join() === index.join();
      const read =
        !output &&
        !!target &&
        (feeds(line, { variable: id, index }, target, patterns) ||
          (id === `${line.id}_slopes` && here));
      const isTarget = output && here;
      const isSource = source?.variable === id && source.index.join() === index.join();
      const fed = output && source !== null && feeds(line, source, index);
      const won = Boolean(taken) && id === picked && taken === index.join();
      cell.classList.toggle("taken", won);
      if (line.axes_of) {
        cell.classList.toggle("masked", mask !== undefined && at(mask, index) === 1);
        cell.classList.toggle("repeated", alike && (index.at(-2) ?? 0) > 0);
      }
      cell.classList.toggle("read", read);
      cell.classList.toggle(
        "moved",
        old !== null && number(at(old, index)) !== number(at(array?.value, index)),
      );
      cell.classList.toggle("target", isTarget || isSource);
      cell.classList.toggle("fed", fed);
      const touched = pattern !== null && matches(index, pattern);
      // a neuron also touches a row of weights, which is highlighted less
      const exact = touched && elementOf(array, index, depth) === chosen;
      cell.classList.toggle("selected", exact);
      cell.classList.toggle("touched", touched && !exact);
    }
  }
}
