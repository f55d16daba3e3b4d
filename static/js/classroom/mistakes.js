/** Which mistake was made at which line, how often. */
import { phaseOf } from "../core/veil.js";

/**
 * @param {Mistake[]} mistakes of one question or of several
 * @param {string[]} known lines that are there even without a mistake
 * @param {(a: string, b: string) => number} order of lines @returns {MistakeTable}
 */
export function tableOf(mistakes, known, order) {
  /** @type {Map<string, MistakeRow>} */
  const rows = new Map();
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const each of mistakes) {
    const name = each.misconception ?? "";
    const line = each.line ?? "";
    const row = rows.get(name) ?? { name, title: each.title, counts: new Map(), total: 0 };
    const before = row.counts.get(line);
    // the example of the most frequent one
    const larger = before && before.count > each.count ? before : each;
    row.counts.set(line, { ...larger, count: (before?.count ?? 0) + each.count });
    row.total += each.count;
    rows.set(name, row);
    totals.set(line, (totals.get(line) ?? 0) + each.count);
  }
  const lines = [...new Set([...known, ...totals.keys()])].filter(Boolean).sort(order);
  return {
    lines: totals.has("") ? [...lines, ""] : lines,
    rows: [...rows.values()].sort(
      (a, b) =>
        Number(!a.name) - Number(!b.name) || b.total - a.total || (a.name < b.name ? -1 : 1),
    ),
    totals,
    total: [...totals.values()].reduce((sum, n) => sum + n, 0),
  };
}

/**
 * Neighbouring lines of one phase.
 * @param {string[]} lines @returns {{phase: string, span: number}[]}
 */
export function phasesOf(lines) {
  /** @type {{phase: string, span: number}[]} */
  const spans = [];
  for (const line of lines) {
    const phase = line ? phaseOf(line) : "";
    const last = spans.at(-1);
    if (last?.phase === phase) last.span += 1;
    else spans.push({ phase, span: 1 });
  }
  return spans;
}

/** How deep the colour of a cell is, 1 to 4. @param {number} count @param {number} most */
export const depthOf = (count, most) => Math.max(1, Math.ceil((4 * count) / Math.max(1, most)));
