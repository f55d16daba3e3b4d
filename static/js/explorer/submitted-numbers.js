/**
 * Submitted numbers of the shown line: typed or pasted as NumPy prints them, marked entry by entry
 * in place, with the likely mistake beside. Numbers submitted for other lines of the same
 * working count, so that an error that was only carried on is marked as such.
 */
import { at } from "../core/entries.js";
import { full } from "../core/format.js";
import { flat } from "../core/lines.js";
import { MINE } from "../core/mine.js";
import { nameOf, withId } from "../core/names.js";
import { keptJson } from "../core/storage.js";
import { lineOf } from "../core/trace.js";
import { veiled } from "../core/veil.js";
import { Lost, Problem } from "../server/api.js";
import { check, parse } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { button, h, set, write } from "../ui/dom.js";
import { pasteField } from "../ui/fields.js";
import { activationOffer, MARKS } from "../ui/marks.js";
import { matrixView } from "../ui/matrix.js";
import { indexFrom } from "./cells.js";
import { givensKey, givensOf, markable, valueFor } from "./submitted-givens.js";

/**
 * What was submitted for a working, and how it was marked. `unmarked`: for each line the lines that
 * were pasted with it and cannot be marked.
 * @typedef {{trace: Trace | null, values: Record<string, Nested>, texts: Record<string, string>,
 *   unmarked: Record<string, string[]>, result: Check | null}} Submission
 */

const KEPT = 8; // workings

/** @param {string[]} ids */
const cannotBeMarked = (ids) => h("p.soft", TEXT.submitted.needsState(ids.join(", ")));

/** @param {Services & Branching} services */
export function createSubmittedNumbers({ store, player, painter, setActivations }) {
  const { state } = store;
  const text = pasteField({
    ...{ class: "paste submitted-text", rows: "1", "data-control": "own-numbers" },
  });
  const go = button("check-line.small", TEXT.submitted.mark, () => submit());
  const said = h("div.submitted-said[role=status][data-readout=own-mark]");
  const name = h("span.math");
  const caption = h(
    "label.submitted-label",
    TEXT.submitted.your,
    name,
    h("span.soft", TEXT.submitted.orPrinted),
    text,
  );
  const element = h(
    "details.submitted-numbers[data-action=own-numbers]",
    h("summary", TEXT.submitted.markMine),
    h("div.submitted-entry", caption, go),
    h("p.soft.submitted-hidden", TEXT.submitted.hidden),
    said,
  );
  /** @param {Trace | null} trace @returns {Submission} */
  const nothing = (trace) => ({ trace, values: {}, texts: {}, unmarked: {}, result: null });
  /**
   * By their givens: of the sample and of the batch, which take turns.
   * @type {Map<string, Submission>}
   */
  const submissions = new Map();
  let submission = nothing(null);
  /** @type {{result: Submission["result"], line: string}} */
  let shown = { result: null, line: "" };

  /** Other givens are another working; under other settings the same numbers are marked again. */
  function current() {
    const { trace } = state;
    if (submission.trace !== trace) {
      if (Object.keys(submission.values).length)
        submissions.set(givensKey(submission.trace), submission);
      const before = submissions.get(givensKey(trace));
      const same = before?.trace?.activations.join() === trace?.activations.join();
      const mine = before || !trace ? null : handedOver(state);
      submission = { ...(before ?? { ...nothing(trace), ...mine }), trace };
      if (mine) showHandedOver(mine.result);
      if (before && !(same && before.result)) markAgain(submission);
      const [oldest] = submissions.keys();
      if (submissions.size > KEPT) submissions.delete(oldest);
    }
    return submission;
  }

  /** Open what the check page handed over. @param {Submission["result"]} result */
  function showHandedOver(result) {
    queueMicrotask(() => {
      element.open = true;
      store.set({ submittedMarks: result });
    });
  }

  async function markAgain(/** @type {Submission} */ mine) {
    mine.result = null;
    if (!state.trace) return;
    try {
      mine.result = await check(givensOf(state), mine.values);
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Lost)) throw error;
    }
    if (current() === mine) store.set({ submittedMarks: mine.result });
  }

  text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  });
  element.addEventListener("toggle", () => {
    cover();
    painter.redraw("working");
    if (element.open) text.focus({ preventScroll: true });
  });
  store.on(["line", "trace", "submittedMarks"], cover);
  store.on(["submittedMarks"], () => painter.redraw("working"));

  /** While numbers are handed in the right ones are hidden, until those are marked. */
  function cover() {
    const { veil, trace } = state;
    if (veil && !veil.alone) return;
    const line = element.open ? lineOf(trace, state.line) : null;
    const verdict = line && current().result?.lines[line.id]?.verdict;
    const open = line && markable(line) && (verdict ?? "missing") === "missing";
    const from = open ? line.id : undefined;
    if (veil?.from !== from) store.set({ veil: from ? { from, bare: false, alone: true } : null });
  }

  /** Arrays with the names of other lines count too: a whole notebook can be pasted. */
  async function read(/** @type {Line} */ line) {
    const { trace } = state;
    const { arrays, unread } = await parse(text.value, trace?.activations.length);
    const known = new Map((trace?.lines ?? []).map((each) => [each.id, each]));
    const named = arrays.flatMap((piece) => {
      const target = known.get(piece.as ?? "");
      return target ? [{ piece, target }] : [];
    });
    /** @type {Record<string, Nested>} */
    const values = {};
    for (const { piece, target } of named)
      if (markable(target)) values[target.id] = valueFor(piece, target);
    const unmarked = [
      ...new Set(named.map(({ target }) => target.id).filter((id) => !(id in values))),
    ];
    const bare = arrays.filter((piece) => !named.some((each) => each.piece === piece));
    if (!(line.id in values) && bare.length === 1) values[line.id] = valueFor(bare[0], line);
    return { values, unmarked, unread };
  }

  async function submit() {
    // what is marked is one working, whole
    if (state.playing) await player.pause();
    const line = lineOf(state.trace, state.line);
    if (!line || !state.trace) return;
    const mine = current();
    if (!text.value.trim()) return tell([h("p", TEXT.submitted.typeFirst)]);
    set(go, { "aria-busy": "true" });
    try {
      const { values, unmarked, unread } = await read(line);
      if (!Object.keys(values).length) {
        if (unmarked.length) return tell([cannotBeMarked(unmarked)]);
        const [first] = unread;
        return tell([
          h(
            "p",
            first
              ? TEXT.submitted.unread(first.line, first.column, first.message)
              : TEXT.submitted.noArray(line.id),
          ),
        ]);
      }
      mine.texts[line.id] = text.value;
      const all = { ...mine.values, ...values };
      mine.result = await check(givensOf(state), all);
      // not before the answer: refused values would be sent again with the next line
      mine.values = all;
      mine.unmarked[line.id] = unmarked;
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Lost)) throw error;
      return tell([h("p", error instanceof Problem ? error.reasons : error.message)]);
    } finally {
      set(go, { "aria-busy": null });
    }
    if (current() !== mine) return;
    store.set({ submittedMarks: mine.result });
    requestAnimationFrame(() =>
      requestAnimationFrame(() => said.scrollIntoView({ block: "nearest" })),
    );
  }

  const tell = (/** @type {(Element | string)[]} */ children) => said.replaceChildren(...children);

  /**
   * The mark of the line, and the likely mistakes.
   * @param {Line} line @param {Submission} submission @returns {Element[]}
   */
  function verdict(line, { result, values }) {
    const mark = result?.lines[line.id];
    if (!result || !mark || mark.verdict === "missing") return [];
    const { sign, title } = MARKS[mark.verdict];
    const entries = mark.entries === null ? null : flat(mark.entries);
    const right = entries?.filter(Boolean).length ?? 0;
    const count =
      entries && entries.length > 1 ? TEXT.submitted.entriesRight(right, entries.length) : "";
    const words = {
      correct: TEXT.submitted.right,
      follows: TEXT.submitted.followsFromYours,
      wrong: TEXT.submitted.wrong + count,
    }[mark.verdict];
    const likely =
      mark.verdict === "wrong"
        ? result.diagnoses.filter(
            ({ lines, misconception }) =>
              lines.includes(line.id) || misconception === mark.misconception,
          )
        : [];
    const notes = result.notes.filter(
      (note) =>
        note.line === line.id ||
        (!note.line && ["other_convention", "other_scaling"].includes(note.kind)),
    );
    return [
      h(
        "p.submitted-verdict",
        h("span.sign[aria-hidden=true]", sign),
        h("strong", words),
        mark.verdict === "follows" && ` ${title[0].toUpperCase()}${title.slice(1)}.`,
      ),
      mark.verdict === "correct" ? null : comparison(line, values[line.id]),
      ...likely
        .slice(0, 2)
        .map(({ misconception, message, activations }, k) =>
          h(
            "p",
            { "data-misconception": misconception },
            h("span.rank", k ? TEXT.submitted.or : TEXT.submitted.likely),
            message,
            " ",
            activationOffer(activations, setActivations),
          ),
        ),
      ...notes.map(({ kind, message }) => h("p.soft", { "data-note": kind }, message)),
      mark.verdict === "wrong" && !likely.length && !notes.length
        ? h("p", TEXT.submitted.noMistakeKnown)
        : null,
    ].filter((element) => element !== null);
  }

  /**
   * A sign at each entry: whether the submitted number is right; that number is the tooltip.
   * @param {Element} root @param {Line} line @param {Submission} submission
   */
  function markCells(root, line, { result, values }) {
    const mark = result?.lines[line.id];
    const marked = mark && mark.verdict !== "missing" && mark.entries !== null;
    if (!marked && !root.querySelector(".submitted-sign")) return;
    /** @type {NodeListOf<HTMLElement>} */
    const cells = root.querySelectorAll(
      `.matrix.output${withId("data-variable", line.id)} [data-index]`,
    );
    for (const cell of cells) {
      cell.querySelector(".submitted-sign")?.remove();
      delete cell.dataset.marked;
      if (!marked) continue;
      const index = indexFrom(cell);
      const right = at(mark.entries, index);
      const submitted = at(values[line.id], index);
      cell.dataset.marked = right ? "right" : "wrong";
      cell.append(
        h(
          "span.submitted-sign",
          { title: typeof submitted === "number" ? TEXT.submitted.yours(full(submitted)) : null },
          h("span[aria-hidden=true]", right ? "✓" : "✗"),
          h(
            "span.visually-hidden",
            right
              ? TEXT.submitted.yoursRight
              : TEXT.submitted.yoursWrong(
                  typeof submitted === "number" ? `: ${full(submitted)}` : "",
                ),
          ),
        ),
      );
    }
  }

  return {
    element,
    /** @param {Element} root the working @param {Line} line */
    draw(root, line) {
      const mine = current();
      // a lesson marks what it asks
      element.hidden = !markable(line) || (!state.veil?.alone && veiled(state, line.id));
      if (shown.line !== line.id || (shown.result && !mine.result))
        text.value = mine.texts[line.id] ?? "";
      // a screen reader says again what is written again
      if (shown.line !== line.id || shown.result !== mine.result) {
        write(name, nameOf(line));
        set(element, { "data-verdict": mine.result?.lines[line.id]?.verdict ?? null });
        const unmarked = mine.unmarked[line.id] ?? [];
        tell([...verdict(line, mine), ...(unmarked.length ? [cannotBeMarked(unmarked)] : [])]);
      }
      markCells(root, line, mine);
      shown = { result: mine.result, line: line.id };
    },
    open() {
      if (element.hidden) return;
      element.open = true;
      element.scrollIntoView({ block: "nearest" });
      text.focus({ preventScroll: true });
    },
  };
}

const ROWS = 8;
const COLUMNS = 6;

/** The numbers of the network and the sample. @param {any} givens any: of two routes */
const numbersOf = ({ layers, x, target }) =>
  JSON.stringify(
    [...layers.flatMap((/** @type {{W: Nested, b: Nested}} */ { W, b }) => [W, b]), x, target].map(
      (value) => flat(value),
    ),
  );

/**
 * @param {State} state
 * @returns {{values: Record<string, Nested>, result: Check} | null} null: nothing was handed over,
 *   or the numbers of another working
 */
function handedOver(state) {
  const kept = keptJson(MINE, "sessionStorage");
  try {
    if (!kept || numbersOf(kept.givens) !== numbersOf(givensOf(state))) return null;
    return { values: kept.submitted, result: kept.result };
  } catch {
    return null; // mangled
  }
}

/**
 * Yours, the right one, and yours − right.
 * @param {Line} line @param {Nested | undefined} submitted
 * @returns {HTMLElement | null} null where the shapes differ
 */
function comparison(line, submitted) {
  if (submitted === undefined || typeof submitted === "string") return null;
  const [mine, right] = [flat(submitted), flat(line.value)];
  if (mine.length !== right.length || !mine.every(Number.isFinite)) return null;
  const off = mine.map((value, k) => Number(value) - Number(right[k]));
  /** The numbers in the line's shape. @param {(number | null)[]} numbers @returns {Nested} */
  const shaped = (numbers) => {
    let next = 0;
    /** @param {number[]} shape @returns {Nested} */
    const nested = (shape) =>
      shape.length
        ? Array.from({ length: shape[0] }, () => nested(shape.slice(1)))
        : numbers[next++];
    return nested(line.shape);
  };
  /** @param {string} title @param {Nested} value @param {string} of */
  const view = (title, value, of) =>
    h(
      "div.compared",
      { "data-compared": of },
      h("span.tag", title),
      matrixView(
        { id: `${of}-${line.id}`, symbol: null, shape: line.shape, value },
        {
          role: "input",
          rows: ROWS,
          columns: line.shape.length > 1 ? COLUMNS : 1,
          name: `${title} ${line.id}`,
        },
      ),
    );
  return h(
    "div.comparison.side-by-side[data-readout=mine-and-ours]",
    view(TEXT.submitted.mine, shaped(mine), "mine"),
    view(TEXT.submitted.ours, line.value, "ours"),
    view(TEXT.submitted.difference, shaped(off), "difference"),
  );
}
