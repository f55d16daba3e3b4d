/**
 * A loop that fills an array entry by entry, as one line of the whole array; and a gradient that
 * adds up what comes back from all of its runs. Which terms an entry has, and which entries they
 * read, is found run by run: `explicit` says it for the chosen entry.
 */
import { at as entryOf, flatIndex, sourceOf, writeOut } from "./entries.js";
import { number } from "./format.js";
import { inside as innerOf, mathOf, tag } from "./formula.js";
import { COLLECTING, indexAt } from "./program.js";

const MOST_RUNS = 1500;
const MOST_TERMS = 400; // of an entry

/** @typedef {import("./entries.js").Part} Part @typedef {import("./program.js").Folding} Folding */
/** @typedef {{id: string, index: number[]}} Place an entry of a line or given */
/** @typedef {Omit<Part, "reads"> & {reads: Place[]}} Term */

/**
 * @param {Folding} folding @param {Map<string, Given>} values lines and givens
 * @param {Line} line @param {(line: Line) => Line} fuse writes out what only a folded group has
 * @returns {Line | null} null: it is no such line, or its runs read each other
 */
export function wholeOf(folding, values, line, fuse) {
  const { lines } = folding;
  const loop = folding.wholes.get(line.id);
  const parts = line.sum_of ?? [];
  const around = loop ?? folding.wholeAround(lines.get(parts[0])?.part?.through ?? "");
  if (!around || line.left_out || around.members.length > 5 * MOST_RUNS) return null;
  const { output } = around;
  const inside = new Set(around.members);
  if (!loop && !parts.every((id) => inside.has(lines.get(id)?.part?.through ?? ""))) return null;
  const isInside = (/** @type {string} */ id) =>
    inside.has(folding.ownerOf(id)) && lines.get(id)?.of !== output && id !== output;

  // where each entry is written, and by which entry of what
  /** @type {Map<number, Place>} by position in the array */
  const writers = new Map();
  /** @type {Map<string, number[]>} by id and index of what is written */
  const written = new Map();
  for (const id of around.members) {
    const write = lines.get(id);
    if (write?.op !== "setitem") continue;
    write.places?.[1]?.forEach((from, position) => {
      if (!from.length) return;
      writers.set(position, { id: write.inputs[1], index: from[0] });
      written.set(`${write.inputs[1]}:${from[0]}`, indexAt(position, write.shape));
    });
  }
  const whole = lines.get(output);
  const size = writers.size ? 0 : (whole?.shape.reduce((total, n) => total * n, 1) ?? 0);
  for (let position = 0; position < size; position++) {
    const place = indexAt(position, whole?.shape ?? []);
    const from = leaf({ id: output, index: place });
    if (!from) return null;
    writers.set(position, from);
    written.set(`${from.id}:${from.index}`, place);
  }
  if (!writers.size) return null;

  /** What an entry of what is put together is in its run. @param {Place} place
   * @returns {Place | null} */
  function leaf({ id, index }) {
    const inner = lines.get(id);
    if (!inner || !COLLECTING.has(inner.op)) return id === output ? null : { id, index };
    const at = flatIndex(index, inner.shape);
    const k = inner.places?.findIndex((from) => from?.[at]?.length) ?? -1;
    const from = inner.places?.[k]?.[at][0];
    return from ? leaf({ id: inner.inputs[k], index: from }) : null;
  }

  /** Where an entry comes from, if it is only moved; null: nowhere. @param {Place} place
   * @returns {Place | null} */
  function origin({ id, index }) {
    for (let at = { id, index }; ; ) {
      const inner = lines.get(at.id);
      const place = line.phase === "backward" && written.get(`${at.id}:${at.index}`);
      if (place) return { id: output, index: place };
      const k = inner?.places?.findIndex(Boolean) ?? -1;
      if (!inner || k < 0 || !isInside(at.id) || inner.places?.filter(Boolean).length !== 1)
        return at;
      const from = inner.places?.[k]?.[flatIndex(at.index, inner.shape)] ?? [];
      if (from.length !== 1) return from.length ? at : null;
      at = { id: inner.inputs[k], index: from[0] };
    }
  }

  /** @type {Map<string, Line>} */
  const fusedLines = new Map();
  const fusedOf = (/** @type {Line} */ inner) => {
    const known = fusedLines.get(inner.id) ?? fuse(inner);
    fusedLines.set(inner.id, known);
    return known;
  };
  const numbersOf = (/** @type {string} */ id) => values.get(id)?.value ?? null;

  /** The terms of an entry of a line in the loop. @param {Place} place @returns {Term[]} */
  function termsAt(place) {
    const from = origin(place);
    const inner = from && lines.get(from.id);
    if (!from) return [];
    return inner && isInside(from.id)
      ? termsOf(inner, from.index)
      : [{ ...single(from), reads: [from] }];
  }
  /** @param {Line} inner @param {number[]} index @returns {Term[]} */
  function termsOf(inner, index) {
    const joined = fusedOf(inner);
    const { parts: all } = writeOut(joined, index, joined.inputs.map(numbersOf), {
      terms: MOST_TERMS,
    });
    const terms = all.filter((part) => typeof part !== "string");
    const added = all.every((part) => typeof part !== "string" || /^[\s+]*$/.test(part));
    const { run = {} } = lines.get(inner.part?.through ?? inner.of ?? "") ?? inner;
    const name = loop
      ? ""
      : Object.entries(run)
          .map(([of, k]) => `${of} ${k}`)
          .join(", ");
    const reads = (/** @type {Part} */ part) =>
      part.reads.flatMap(
        ({ input, index: at }) => origin({ id: joined.inputs[input], index: at }) ?? [],
      );
    if (added && terms.every(({ value }) => value !== null))
      return terms.map((term) => ({
        ...term,
        of: [name, terms.length > 1 ? sourceOf(term, joined) : ""].filter(Boolean).join(", "),
        reads: reads(term),
      }));
    const text = all.map((part) => (typeof part === "string" ? part : part.text)).join("");
    return [{ ...single({ id: inner.id, index }), text, of: name, reads: terms.flatMap(reads) }];
  }
  /** A single entry. @param {Place} at */
  const single = ({ id, index }) => {
    const value = Number(entryOf(numbersOf(id), index));
    return { text: number(value), room: "", size: Math.abs(value), value, reads: [] };
  };

  /** @param {number[]} index @returns {Term[]} */
  function all(index) {
    if (!loop) return parts.flatMap((id) => partTerms(id, index));
    const writer = writers.get(flatIndex(index, line.shape));
    return writer ? termsAt(writer) : [];
  }
  /** @param {string} id of a part @param {number[]} index @returns {Term[]} */
  const partTerms = (id, index) => {
    const inner = lines.get(id);
    const from = inner?.places?.[0]?.[flatIndex(index, inner.shape)];
    if (from) return from.length ? termsAt({ id: inner.inputs[0], index: from[0] }) : [];
    return inner ? termsOf(inner, index) : [];
  };

  // what is read, from a first and a last entry that has terms: nothing of the loop itself
  const count = line.shape.reduce((total, n) => total * n, 1);
  /** @type {string[]} */
  const inputs = [];
  const samples = [0, count >> 1, count - 1].map((k) => all(indexAt(k, line.shape)));
  for (const { id } of samples.flat().flatMap(({ reads }) => reads))
    if (!inputs.includes(id)) inputs.push(id);
  if (!inputs.length || inputs.some((id) => isInside(id) || values.get(id)?.left_out)) return null;

  const template = templateOf();
  if (!template) return null;
  /** @type {import("./entries.js").Explicit & {key: string}} */
  let kept = { key: "?", terms: [], keys: new Set(), taken: null };
  return {
    ...line,
    ...{ op: "whole", inputs, picks: undefined, terms: undefined, places: undefined },
    ...{ sum_of: undefined, signature: template.signature, entry: template.entry },
    formula: template.formula ?? line.formula,
    explicit(index) {
      if (kept.key === index.join()) return kept;
      const terms = all(index).map((term) => ({
        ...term,
        reads: term.reads.flatMap(({ id, index: at }) => {
          const input = inputs.indexOf(id);
          return input < 0 ? [] : [{ input, index: at }];
        }),
      }));
      const keys = new Set(
        terms.flatMap(({ reads }) => reads.map(({ input, index: at }) => `${input}:${at}`)),
      );
      kept = { key: index.join(), terms, keys, taken: loop ? takenAt(index) : null };
      return kept;
    },
  };

  /** The entry that a maximum took. @param {number[]} index */
  function takenAt(index) {
    const writer = writers.get(flatIndex(index, line.shape));
    const inner = writer && lines.get(writer.id);
    const taken = inner?.picks?.entries?.[flatIndex(writer?.index ?? [], inner.shape)];
    const from = inner && taken && origin({ id: inner.inputs[0], index: taken });
    return from ? { input: inputs.indexOf(from.id), index: from.index } : null;
  }

  /** How the line is written: formula, and the matrices in their order. */
  function templateOf() {
    const [first] = loop ? writers.values() : [{ id: parts[0] }];
    let writing = lines.get(first.id);
    if (!loop && writing?.places?.[0]) writing = lines.get(writing.inputs[0]);
    if (!writing) return null;
    const joined = fusedOf(writing);
    const shown = new Map(values);
    for (const id of joined.inputs) {
      const symbol = symbolOf(id);
      const value = values.get(id);
      if (symbol && value) shown.set(id, { ...value, symbol });
    }
    const runs = Object.keys(
      lines.get(writing.of ?? writing.id)?.run ?? lines.get(writing.part?.through ?? "")?.run ?? {},
    );
    const inner = mathOf(joined, shown);
    const formula = loop || !inner ? inner : over(inner, runs);
    // as many letters as axes, of which the first are those of the whole
    const letters = "abcdefgh".slice(0, line.shape.length);
    let free = "ijklmnopqrstuvw";
    // other letters for each axis: which entries meet says `explicit`
    const letterGroups = inputs.map((id) => {
      const count = values.get(id)?.shape.length ?? 0;
      const taken = free.slice(0, count);
      free = free.slice(count);
      return taken;
    });
    const order = joined.inputs.flatMap((id) => {
      const target = moved(id);
      const k = target === null ? -1 : inputs.indexOf(target);
      return k < 0 ? [] : [k];
    });
    const fits = order.length === joined.inputs.length && new Set(order).size === order.length;
    const mapped = joined.entry.replace(/\{(\d+)(?::\w*)?\}/g, (_, k) => `{${order[Number(k)]}}`);
    const entry = fits
      ? loop || joined.entry.startsWith("Σ")
        ? mapped
        : `Σ[${mapped}]`
      : `Σ[${inputs.map((_, k) => `{${k}}`).join("·")}]`;
    return { formula, entry, signature: `${letterGroups.join()}->${letters}` };
  }
  /** What a value of a run is a part of. @param {string} id */
  function moved(id) {
    const shape = values.get(id)?.shape ?? [];
    return origin({ id, index: shape.map(() => 0) })?.id ?? null;
  }
  /** Of what is only moved: its source with the index of the window. @param {string} id */
  function symbolOf(id) {
    const target = moved(id);
    const source = target === null || target === id ? undefined : values.get(target);
    const inner = source?.symbol && innerOf(source.symbol);
    if (!inner) return null;
    const { row = "", column = "" } = lines.get(id)?.reads ?? {};
    const at = [row, column].filter(Boolean).join(", ");
    const below = at.replace(/[a-z]|\d+|\S/g, (c) =>
      tag(/[a-z]/.test(c) ? "mi" : /\d/.test(c) ? "mn" : "mo", c),
    );
    const indexed = at ? tag("msub", tag("mrow", inner), tag("mrow", below)) : inner;
    return { latex: "", mathml: tag("math", indexed) };
  }
}

const INDEXED = /<msub>(<mi[^>]*>[^<]*<\/mi>)<mrow>(?:(?!<\/mrow>).)*<\/mrow><\/msub>/;

const VERSION = /<mo>(?:[′″‴]|⁽\d+⁾)<\/mo>/g;

/**
 * A formula with the names of arrays that a loop fills, in place of those of the last run.
 * @param {Formula} formula @param {Formula[]} indexed their symbols
 */
export const withoutRuns = ({ latex, mathml }, indexed) => ({
  latex,
  mathml: indexed.reduce((text, symbol) => {
    const match = INDEXED.exec(symbol.mathml);
    return match ? text.replaceAll(match[0], match[1]) : text;
  }, mathml),
});

/**
 * An array that a loop fills, or its gradient, by the array's name.
 * @template {Given} T @param {T} line @returns {T}
 */
export const unindexed = (line) => ({
  ...line,
  ...{ run: undefined, label: line.label.replace(/\[[^\]]*\]$|[′″‴]|⁽\d+⁾/g, "") },
  symbol: {
    latex: line.symbol.latex.replace(/_\{[^{}]*\}/, ""),
    mathml: line.symbol.mathml.replace(INDEXED, "$1").replace(VERSION, ""),
  },
});

/** A sum over the runs of loops. @param {Formula} formula @param {string[]} runs */
function over(formula, runs) {
  const sum = tag("munder", tag("mo", "∑"), tag("mtext", runs.join(", ")));
  return { latex: "", mathml: tag("math", tag("mrow", sum, innerOf(formula))) };
}
