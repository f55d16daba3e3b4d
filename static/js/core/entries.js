/**
 * How one entry of a line comes from its inputs: which entries it reads, and the sum written out.
 *
 * A line says so itself, for any operation: `signature` "i,ji,j->j" gives each input's letters, and
 * `entry` "Σ[{1}·{0}] + {2}" how one entry is written. Letters of the output are bound to the
 * chosen entry; a letter that is only in the inputs runs over its whole range.
 */
import { TEXT } from "../text/en.js";
import { matches } from "./elements.js";
import { factor, number, operand, WIDEST } from "./format.js";

/** @param {string} signature @returns {{inputs: string[], output: string}} */
export function parseSignature(signature) {
  const [left, output] = signature.split("->");
  return { inputs: left.split(","), output: output ?? "" };
}

/** "… if j = k else 0": only entries whose two letters are the same are not zero. */
export const CONDITION = / if ([a-z]) = ([a-z]) else 0$/;

/**
 * The letters of a failed condition, or null.
 * @param {{signature: string, entry: string}} line @param {number[]} index
 */
function offDiagonal(line, index) {
  const condition = CONDITION.exec(line.entry);
  if (!condition) return null;
  const { output } = parseSignature(line.signature);
  const [p, q] = [condition[1], condition[2]].map((letter) => index[output.indexOf(letter)]);
  return p === q ? null : [p, q];
}

/**
 * "[j = k]" is 1 where the two are the same unit, else 0.
 * @param {string} text @param {Record<string, number>} bound
 */
const resolved = (text, bound) =>
  text.replace(/\[([a-z]) = ([a-z])\]/g, (_, p, q) => String(Number(bound[p] === bound[q])));

/**
 * Where letters do not say which entries are read: for each input those of each entry of the value,
 * row by row; null: its letters do.
 * @typedef {(number[][][] | null)[]} Places
 */

/** @param {number[]} index @param {number[]} shape @returns {number} position, row by row */
export const flatIndex = (index, shape) =>
  shape.reduce((position, size, k) => position * size + index[k], 0);

/** The entries as a pattern; what differs between them runs. @param {number[][]} entries */
const patternAround = ([first = [-1], ...more]) =>
  first.map((value, k) => (more.every((index) => index[k] === value) ? value : null));

/** @param {Nested} value @param {number[]} index */
export const at = (value, index) => index.reduce((inner, i) => inner?.[i], value);

/**
 * The axis of the output that an axis of a variable runs along; −1: the line sums over it.
 * @param {{id: string, inputs: string[], signature: string}} line
 * @param {string} variable the line itself or one of its inputs
 * @param {number} axis
 */
export function outputAxis({ id, inputs, signature }, variable, axis) {
  const letters = parseSignature(signature);
  const axes = variable === id ? letters.output : letters.inputs[inputs.indexOf(variable)];
  return axes?.[axis] ? letters.output.indexOf(axes[axis]) : -1;
}

/**
 * For each input the pattern of entries that the output's entry reads: numbers where bound, null
 * where it runs.
 * @param {Pick<Line, "signature" | "entry"> &
 *   Partial<Pick<Line, "places" | "shape" | "explicit">>} line
 * @param {number[]} index of the output's entry
 * @returns {(number | null)[][]}
 */
export function reads(line, index) {
  if (offDiagonal(line, index))
    return line.signature
      .split("->")[0]
      .split(",")
      .map(() => []);
  const { inputs, output } = parseSignature(line.signature);
  if (line.places)
    return line.places.map((sources, k) => {
      const places = sources?.[flatIndex(index, line.shape ?? [])];
      return places
        ? patternAround(places)
        : [...inputs[k]].map((c) => index[output.indexOf(c)] ?? null);
    });
  const explicit = line.explicit?.(index);
  if (explicit) {
    const largest = [...explicit.terms].sort((p, q) => q.size - p.size);
    return inputs.map((letters, k) => {
      const taken = largest.flatMap((term) =>
        term.reads.flatMap((each) => (each.input === k ? [each.index] : [])),
      );
      // of arrays of several matrices the one that the largest term reads
      const pattern = taken.length ? patternAround(taken) : [...letters].map(() => null);
      return pattern.map((each, axis) =>
        axis < letters.length - 2 ? (taken[0]?.[axis] ?? 0) : each,
      );
    });
  }
  const bind = (/** @type {string} */ letters) =>
    [...letters].map((letter) => (output.includes(letter) ? index[output.indexOf(letter)] : null));
  const patterns = inputs.map(bind);
  // an entry may say that it reads an input along other letters (softmax: the whole row)
  for (const node of inputsOf(parseEntry(line.entry.replace(CONDITION, "")))) {
    const { letters } = node;
    if (letters === null || !patterns[node.input]) continue;
    patterns[node.input] = patterns[node.input].map((value, k) =>
      bind(letters)[k] === null ? null : value,
    );
  }
  return patterns;
}

/**
 * Does the output's entry read this entry of an input?
 * @param {Parameters<typeof reads>[0] & {inputs: string[]}} line
 * @param {{variable: string, index: number[]}} source @param {number[]} output
 * @param {ReturnType<typeof reads>} [patterns] of the output's entry
 */
export const feeds = (line, { variable, index }, output, patterns = reads(line, output)) =>
  patterns.some((pattern, k) => {
    if (line.inputs[k] !== variable || pattern.length !== index.length) return false;
    if (line.explicit) return line.explicit(output).keys.has(`${k}:${index}`);
    const sources = line.places?.[k]?.[flatIndex(output, line.shape ?? [])];
    return sources ? sources.some((each) => each.join() === index.join()) : matches(index, pattern);
  });

/**
 * The entry of the output that reads this entry of an input: the chosen one, else the one that
 * has the most indices in common with it; null if there is none.
 * @param {Parameters<typeof feeds>[0]} line @param {{variable: string, index: number[]}} source
 * @param {number[]} chosen
 */
export function reader(line, source, chosen) {
  if (feeds(line, source, chosen)) return chosen;
  if (line.explicit) return null;
  const { inputs, output } = parseSignature(line.signature);
  const [, p, q] = CONDITION.exec(line.entry) ?? [];
  const candidates = inputs
    .filter((_, k) => line.inputs[k] === source.variable)
    .map((letters) => {
      const bound = Object.fromEntries([...letters].map((letter, d) => [letter, source.index[d]]));
      if (p) bound[p] ??= bound[q];
      if (q) bound[q] ??= bound[p];
      return chosen.map((i, axis) => bound[output[axis]] ?? i);
    });
  return candidates.find((index) => feeds(line, source, index)) ?? null;
}

/**
 * @typedef {{input: number, letters: string | null}} InputNode letters: other than the signature's
 */
/** @typedef {{text: string} | InputNode | {sum: Node[]}} Node */

/** "Σ[{1}·{0}] + {2}" as a tree. @param {string} entry @returns {Node[]} */
export function parseEntry(entry) {
  let position = 0;
  const parse = (/** @type {string | null} */ until) => {
    /** @type {Node[]} */
    const nodes = [];
    let text = "";
    const flush = () => {
      if (text) nodes.push({ text });
      text = "";
    };
    let depth = 0; // plain brackets inside, e.g. "[z > 0]"
    while (position < entry.length) {
      const rest = entry.slice(position);
      const ref = /^\{(\d+)(?::([a-z]*))?\}/.exec(rest);
      if (ref) {
        flush();
        nodes.push({ input: +ref[1], letters: ref[2] ?? null });
        position += ref[0].length;
      } else if (rest.startsWith("Σ[")) {
        flush();
        position += 2;
        nodes.push({ sum: parse("]") });
      } else if (until && depth === 0 && rest[0] === until) {
        position += 1;
        flush();
        return nodes;
      } else {
        if (rest[0] === "[") depth += 1;
        if (rest[0] === "]") depth -= 1;
        text += rest[0];
        position += 1;
      }
    }
    flush();
    return nodes;
  };
  return parse(null);
}

/**
 * Product or quotient of the entries of a term, or null if the term is more.
 * @param {Node[]} nodes @param {Record<number, number>} values of the inputs
 */
function product(nodes, values) {
  let result = 1;
  let divides = false;
  for (const [k, node] of nodes.entries()) {
    const text = "text" in node ? node.text.trim() : "";
    if ("input" in node) result *= divides ? 1 / values[node.input] : values[node.input];
    else if (!("text" in node) || !/^[·/]?$/.test(k ? text : text.replace(/^−$/, ""))) return null;
    else if (text === "−") result = -1;
    divides = text === "/";
  }
  return result;
}

/** Inputs of a term, those of nested sums too. @param {Node[]} nodes @returns {InputNode[]} */
const inputsOf = (nodes) =>
  nodes.flatMap((node) => ("input" in node ? [node] : "sum" in node ? inputsOf(node.sum) : []));

/**
 * Whether a sum needs brackets: it is multiplied, divided or subtracted.
 * @param {Node[]} around @param {number} position
 */
function isFactor(around, position) {
  const [before, after] = [around[position - 1], around[position + 1]].map((node) =>
    node && "text" in node ? node.text : "",
  );
  return /[·/−√]\s*$/.test(before) || /^\s*[·/²³^]/.test(after);
}

/**
 * Whether training changes an input of a line: not a feature, a target, a learning rate.
 * @param {string | undefined} id @param {Nested} value
 */
const trained = (id, value) =>
  id !== undefined && id !== "x" && id !== "target" && Array.isArray(value);

/**
 * @typedef {{text: string, room: string, size: number, reads: {input: number, index: number[]}[],
 *   value: number | null, run?: {letter: string, index: number, all?: [string, number][]},
 *   place?: number[], of?: string}} Part
 * `room`: the text with the widest numbers that training may bring; `size`: magnitude of a term, to
 * fold the small ones; `value`: of a product; `run`: which term of a sum it is, `all`: by all
 * letters that are summed over; `place`: the entry of the input, where the line says it; `of`:
 * what it is of, where it is known
 * @typedef {{terms: Part[], keys: Set<string>, taken: {input: number, index: number[]} | null}}
 *   Explicit the terms of an entry; keys: what they read, "input:index"; taken: by a maximum
 */
/** @typedef {Record<string, number>} Binding index by letter */
/** @typedef {{count: number, sum: number | null, zeros: boolean}} Folded terms that are left out */
const FEW_ZEROS = 4; // among terms, which are all written
const ALL = 100; // terms to write, of which none is left out for being 0

/**
 * What a term is of: an input, a unit, a sample, the bias; of a program by the names of its axes.
 * @param {Pick<Part, "run" | "reads" | "place" | "of">} term @param {Line} line
 */
export function sourceOf({ run, reads, place, of }, line) {
  if (of !== undefined) return of;
  const { axes_of: axes, terms } = line;
  if (place) return `[${place.join(", ")}]`;
  if (axes && run?.letter)
    return (run.all ?? [[run.letter, run.index]])
      .map(([letter, k]) => `${axes[letter] ?? letter} ${k}`)
      .join(", ");
  if (terms) return terms[reads[0]?.input] ?? "";
  if (!run) return line.op === "affine" ? TEXT.ui.bias : "";
  if (run.letter === "n") return TEXT.ui.sampleNumber(run.index);
  return line.inputs.includes("x") ? TEXT.ui.inputNumber(run.index) : TEXT.ui.unit(run.index);
}

/**
 * The largest of many terms, in their order, and what is left out.
 * @param {Part[]} parts @param {number} most @param {boolean} zeros whether zeros are left out, too
 * @returns {{written: Part[], folded: Folded | null}}
 */
function shortened(parts, most, zeros) {
  const none = zeros && most < ALL ? parts.filter(({ value }) => value === 0).length : 0;
  const few = none < FEW_ZEROS || none === parts.length;
  // One folded term would take the place of the term itself.
  if (parts.length <= most + 1 && few) return { written: parts, folded: null };
  const order = parts.map((_, i) => i).sort((p, q) => parts[q].size - parts[p].size || p - q);
  const kept = Math.max(1, Math.min(most, few ? most : parts.length - none));
  const rest = order.slice(kept).map((i) => parts[i]);
  const sum = rest.every(({ value }) => value !== null)
    ? rest.reduce((total, { value }) => total + Number(value), 0)
    : null;
  const written = order.slice(0, kept).map((i) => parts[i]);
  return {
    written,
    folded: { count: rest.length, sum, zeros: rest.every(({ value }) => value === 0) },
  };
}

/**
 * One entry written out with numbers.
 * @param {{signature: string, entry: string, value: Nested, inputs?: string[], places?: Places,
 *   shape?: number[], sum_of?: string[], axes_of?: Record<string, string>,
 *   explicit?: (index: number[]) => Explicit}} line without `inputs`, the ids, training changes
 *   none
 * @param {number[]} index @param {Nested[]} inputs values of the inputs, nested lists
 * @param {{terms?: number, digits?: number}} [options] how many terms of a sum to write
 * @returns {{parts: (string | Part)[], folded: Folded | null, value: number}}
 */
export function writeOut(line, index, inputs, { terms = 6, digits = 4 } = {}) {
  const apart = offDiagonal(line, index);
  if (apart)
    return {
      parts: [TEXT.core.zeroBecause(apart[0], apart[1])],
      folded: null,
      value: at(line.value, index),
    };
  if (line.explicit) {
    const { written, folded } = shortened(line.explicit(index).terms, terms, true);
    const parts = written.flatMap((term, k) => (k ? [" + ", term] : [term]));
    const all = folded ? [...parts, "folded"] : parts;
    return { parts: all.length ? all : ["0"], folded, value: at(line.value, index) };
  }
  const { inputs: letters, output } = parseSignature(line.signature);
  const bound = Object.fromEntries([...output].map((letter, k) => [letter, index[k]]));
  const nodes = parseEntry(line.entry.replace(CONDITION, ""));
  const extreme = /^(max|min)\{0\}$/.test(line.entry);
  /** The entries that an input says itself. @param {Node} node */
  const placesOf = (node) =>
    "input" in node ? line.places?.[node.input]?.[flatIndex(index, line.shape ?? [])] : undefined;
  const lettersOf = (/** @type {InputNode} */ node) => node.letters ?? letters[node.input] ?? "";
  /** Length of the axis that a letter stands for. @param {string} letter @returns {number} */
  const range = (letter) => {
    const node = inputsOf(nodes).find((each) => lettersOf(each).includes(letter));
    if (!node) return 0;
    let inner = inputs[node.input];
    for (let d = 0; d < lettersOf(node).indexOf(letter); d++) inner = inner?.[0];
    return inner?.length ?? 0;
  };
  /** @param {InputNode} node @param {Binding} binding */
  const indexIn = (node, binding) => [...lettersOf(node)].map((letter) => binding[letter] ?? 0);
  /** @type {Folded | null} */
  let folded = null;

  /**
   * All bindings of the letters that a sum runs over; without those of a sum inside it.
   * @param {Node[]} inner @param {Binding} outer
   */
  const bindings = (inner, outer) => {
    const direct = inner.flatMap((node) => ("input" in node ? [...lettersOf(node)] : []));
    const free = [...new Set(direct)].filter((letter) => !(letter in outer));
    let all = [outer];
    for (const letter of free)
      all = all.flatMap((binding) =>
        Array.from({ length: range(letter) }, (_, i) => ({ ...binding, [letter]: i })),
      );
    return all;
  };

  /**
   * `factors` are the part of `around` that begins at `first`.
   * @param {Node[]} factors @param {Binding} binding @param {Node[]} around @param {number} first
   * @param {number[]} [place] of the entry, where the input says it
   * @returns {Part}
   */
  const term = (factors, binding, around = factors, first = 0, place) => {
    /** @type {Part["reads"]} */
    const reads = [];
    /** @type {Record<number, number>} */
    const values = {};
    let text = "";
    let room = "";
    /** @param {string} written @param {string} [widest] */
    const write = (written, widest = written) => {
      text += written;
      room += widest;
    };
    factors.forEach((node, position) => {
      if ("text" in node) write(resolved(node.text, binding));
      else if ("sum" in node) {
        const inner = bindings(node.sum, binding).map((each) => term(node.sum, each));
        reads.push(...inner.flatMap((each) => each.reads));
        const [texts, rooms] = [inner.map((each) => each.text), inner.map((each) => each.room)];
        const [open, close] =
          texts.length > 1 && isFactor(around, first + position) ? "()" : ["", ""];
        const [one, widest] = [texts, rooms].map((each) => each.join(" + ").replace(/\+ −/g, "− "));
        write(open + one + close, open + widest + close);
      } else if ("input" in node) {
        const where = place ?? placesOf(node)?.[0] ?? indexIn(node, binding);
        const value = at(inputs[node.input], where);
        reads.push({ input: node.input, index: where });
        values[node.input] = value;
        // a sign needs brackets unless it opens the term or already stands in brackets
        const [before, after] = [-1, 1].map((step) => {
          const next = around[first + position + step];
          return next && "text" in next ? next.text : "";
        });
        const tight = /[√/]$/.test(before) || /^[²³^]/.test(after);
        const alone = around.length === 1 && nodes.length === 1;
        const set = tight ? operand : extreme || alone || /[([]$/.test(before) ? number : factor;
        const id = line.inputs?.[node.input];
        const widest = trained(id, inputs[node.input]) ? WIDEST : value;
        write(set(value, digits), set(widest, digits));
      }
    });
    const value = product(factors, values);
    // of y·(log Σ − z) the term whose y is not 0 is the larger one
    const size = Math.min(1, ...Object.values(values).map(Math.abs));
    return { text, room, reads, value, size: value === null ? size : Math.abs(value) };
  };

  /** @param {Node[]} factors @returns {Part[]} one for each binding */
  const each = (factors) =>
    bindings(factors, bound).map((binding) => {
      const free = Object.entries(binding).filter(([letter]) => !(letter in bound) && letter > "9");
      const [[letter, index] = ["", 0]] = free;
      return {
        ...term(factors, binding),
        run: { letter, index, ...(free.length > 1 ? { all: free } : {}) },
      };
    });
  /** The terms of a node; null: it is none. @param {Node} node @param {number} position */
  const termsOfNode = (node, position) => {
    if ("sum" in node) return each(node.sum);
    const places = placesOf(node);
    if (places && places.length !== 1)
      return places.map((place) => ({ ...term([node], bound, nodes, position, place), place }));
    return extreme ? each([node]) : null;
  };
  // Of a gradient with many parts the largest are written.
  const large = line.sum_of && nodes.length > 2 * terms + 3;
  const all = large ? [{ terms: nodes.filter((node) => "input" in node) }] : nodes;

  /** @type {(string | Part)[]} */
  const parts = [];
  for (const [position, node] of all.entries()) {
    if ("text" in node) {
      parts.push(resolved(node.text, bound));
      continue;
    }
    const found =
      "terms" in node ? node.terms.map((each) => term([each], bound)) : termsOfNode(node, position);
    if (!found && "input" in node) parts.push(term([node], bound, nodes, position));
    if (!found) continue;
    const { written, folded: left } = shortened(found, terms, Boolean(line.axes_of) && !extreme);
    folded = left ?? folded;
    const bracketed = extreme || (written.length > 1 && isFactor(nodes, position));
    if (bracketed) parts.push("(");
    written.forEach((t, i) => {
      // alone, terms are rows of a ledger
      const minus =
        i > 0 && !extreme && t.text.startsWith("−") && (all.length > 1 || t.value === null);
      if (i) parts.push(extreme ? ", " : minus ? " − " : " + ");
      parts.push(minus ? { ...t, text: t.text.slice(1), room: t.room.replace(/^−/, "") } : t);
    });
    if (folded) parts.push("folded");
    if (bracketed) parts.push(")");
    if (!written.length) parts.push("0");
  }
  return { parts, folded, value: at(line.value, index) };
}
