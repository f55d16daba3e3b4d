/**
 * One's own numbers of the shown line: typed or pasted as NumPy prints them, marked entry by entry
 * in place, with the likely mistake beside. What was handed in of other lines of the same working
 * counts: a carried error only follows.
 */

import { at } from "../core/entries.js";
import { full } from "../core/format.js";
import { flat, label } from "../core/lines.js";
import { variable } from "../core/trace.js";
import { veiled } from "../core/veil.js";
import { Lost, Problem } from "../server/api.js";
import { check, parse } from "../server/checks.js";
import { h, set, write } from "../ui/dom.js";
import { MARKS } from "../ui/marked-line.js";

const SENT = /^([Wb]\d+|x|target)$/;

/** The working as it is asked to be marked. @param {import("../state/store.js").State} state */
function givensOf({ trace, experiment }) {
  const { cost, penalty } = experiment.recipe;
  const value = (id) => variable(trace, id).value;
  const layers = trace.activations.map((activation, k) => ({
    W: value(`W${k + 1}`),
    b: value(`b${k + 1}`),
    activation,
  }));
  const plain = trace.lines.some(({ op }) => op === "descend");
  return {
    layers,
    ...Object.fromEntries(
      trace.givens
        .filter(({ id }) => SENT.test(id) && !/^[Wb]/.test(id))
        .map(({ id }) => [id, value(id)]),
    ),
    cost: cost.name,
    reduction: trace.reduction,
    convention: trace.convention,
    penalty,
    ...(plain ? { optimizer: { name: "sgd", learning_rate: value("learning_rate") } } : {}),
  };
}

/**
 * Only plain descent needs nothing but the givens: other methods go on from a state of the step
 * before.
 * @param {import("../core/wire.js").Line} line
 */
const markable = (line) => line.phase !== "update" || line.op === "descend";
const cannot = (ids) =>
  h(
    "p",
    { class: "soft" },
    `${ids.join(", ")} cannot be marked: this optimizer's update also needs its state of the step before.`,
  );

/**
 * "0,5" is one number where the line has one, in as many brackets as there.
 * @param {any} piece
 * @param {import("../core/wire.js").Line} line
 */
function meant({ value, decimal }, line) {
  const count = flat(line.value).length;
  const own = decimal !== undefined && flat(decimal).length === count ? decimal : value;
  return typeof own === "number" && count === 1 ? line.shape.reduce((inner) => [inner], own) : own;
}

/** @param {{store: import("../state/store.js").Store}} surroundings */
export function createOwnNumbers({ store }) {
  const { state } = store;
  const text = h("textarea", {
    class: "paste own-text",
    rows: "1",
    spellcheck: "false",
    autocomplete: "off",
    "data-control": "own-numbers",
  });
  const go = h(
    "button",
    { type: "button", class: "small", "data-action": "check-line", onclick: () => submit() },
    "Mark",
  );
  const said = h("div", { class: "own-said", role: "status", "data-readout": "own-mark" });
  const name = h("span", { class: "math" });
  const caption = h(
    "label",
    { class: "own-label" },
    "Your ",
    name,
    h("span", { class: "soft" }, ", as you have it or as NumPy prints it"),
    text,
  );
  const element = h(
    "details",
    { class: "own-numbers", "data-action": "own-numbers" },
    h("summary", {}, "Mark my own numbers"),
    h("div", { class: "own-entry" }, caption, go),
    said,
  );
  /** What was handed in of this working, and how it was marked. */
  const nothing = (trace) => ({ trace, values: {}, texts: {}, left: {}, result: null });
  let handed = nothing(null);
  let shown = { result: null, line: "" };

  const keyOf = (trace) => JSON.stringify([trace.givens, trace.reduction, trace.convention]);
  /** Other givens are another working. */
  function current() {
    const { trace } = state;
    if (handed.trace !== trace) {
      const same = handed.result && keyOf(handed.trace) === keyOf(trace);
      handed = same ? { ...handed, trace } : nothing(trace);
    }
    return handed;
  }

  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  });
  element.addEventListener("toggle", () => element.open && text.focus({ preventScroll: true }));

  /** Arrays with the names of other lines count too: a whole notebook can be pasted. */
  async function read(line) {
    const { arrays, unread } = await parse(text.value, state.trace.activations.length);
    const known = new Map(state.trace.lines.map((each) => [each.id, each]));
    const named = arrays.filter(({ as, guessed }) => known.has(as) && !guessed);
    const values = Object.fromEntries(
      named
        .filter(({ as }) => markable(known.get(as)))
        .map((piece) => [piece.as, meant(piece, known.get(piece.as))]),
    );
    const left = [...new Set(named.map(({ as }) => as).filter((id) => !(id in values)))];
    const bare = arrays.filter((piece) => !named.includes(piece));
    if (!(line.id in values) && bare.length === 1) values[line.id] = meant(bare[0], line);
    return { values, left, unread };
  }

  async function submit() {
    const line = state.trace?.lines.find(({ id }) => id === state.line);
    if (!line) return;
    const mine = current();
    if (!text.value.trim())
      return tell([h("p", {}, "Type or paste your numbers of this line first.")]);
    set(go, { "aria-busy": "true" });
    try {
      const { values, left, unread } = await read(line);
      if (!Object.keys(values).length) {
        if (left.length) return tell([cannot(left)]);
        const [first] = unread;
        return tell([
          h(
            "p",
            {},
            first
              ? `Line ${first.line}, column ${first.column}: ${first.message}.`
              : `There is no array in this that could be ${line.id}.`,
          ),
        ]);
      }
      mine.texts[line.id] = text.value;
      const all = { ...mine.values, ...values };
      mine.result = await check(givensOf(state), all);
      // not before: what was refused is not kept among what can be marked
      mine.values = all;
      mine.left[line.id] = left;
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Lost)) throw error;
      return tell([
        h(
          "p",
          {},
          error.errors?.length
            ? error.errors.map(({ message }) => message).join("; ")
            : error.message,
        ),
      ]);
    } finally {
      set(go, { "aria-busy": null });
    }
    if (current() !== mine) return;
    store.set({ ownMarks: mine.result });
    requestAnimationFrame(() =>
      requestAnimationFrame(() => said.scrollIntoView({ block: "nearest" })),
    );
  }

  const tell = (children) => said.replaceChildren(...children);

  /** The mark of the line, and what is likely to have happened. */
  function verdict(line, { result }) {
    const mark = result?.lines[line.id];
    if (!mark || mark.verdict === "missing") return [];
    const { sign, title } = MARKS[mark.verdict];
    const entries = mark.entries === null ? null : flat(mark.entries);
    const right = entries?.filter(Boolean).length ?? 0;
    const count =
      entries && entries.length > 1 ? ` ${right} of ${entries.length} entries are right.` : "";
    const words = {
      correct: "Right.",
      follows: `${title[0].toUpperCase()}${title.slice(1)}.`,
      wrong: `Wrong.${count}`,
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
        "p",
        { class: "own-verdict" },
        h("span", { class: "sign", "aria-hidden": "true" }, sign),
        h("strong", {}, words),
      ),
      ...likely
        .slice(0, 2)
        .map(({ misconception, message }, k) =>
          h(
            "p",
            { "data-misconception": misconception },
            h("span", { class: "rank" }, k ? "or " : "likely "),
            message,
          ),
        ),
      ...notes.map(({ kind, message }) => h("p", { class: "soft", "data-note": kind }, message)),
      mark.verdict === "wrong" && !likely.length && !notes.length
        ? h(
            "p",
            {},
            "No mistake known here gives these numbers. Compare one entry with the sum above.",
          )
        : null,
    ].filter(Boolean);
  }

  /** Each entry of the result says whether the own one is right; the own number is its tooltip. */
  function markCells(root, line, { result, values }) {
    const mark = result?.lines[line.id];
    const marked = mark && mark.verdict !== "missing" && mark.entries !== null;
    if (!marked && !root.querySelector(".own-sign")) return;
    for (const cell of root.querySelectorAll(
      `.matrix.output[data-variable="${line.id}"] [data-index]`,
    )) {
      cell.querySelector(".own-sign")?.remove();
      delete cell.dataset.own;
      if (!marked) continue;
      const index = cell.dataset.index === "" ? [] : cell.dataset.index.split(",").map(Number);
      const right = at(mark.entries, index);
      const own = at(values[line.id], index);
      cell.dataset.own = right ? "right" : "wrong";
      cell.append(
        h(
          "span",
          { class: "own-sign", title: typeof own === "number" ? `yours: ${full(own)}` : null },
          h("span", { "aria-hidden": "true" }, right ? "✓" : "✗"),
          h(
            "span",
            { class: "visually-hidden" },
            right
              ? " yours is right"
              : ` yours is wrong${typeof own === "number" ? `: ${full(own)}` : ""}`,
          ),
        ),
      );
    }
  }

  return {
    element,
    /** @param {Element} root the working @param {import("../core/wire.js").Line} line */
    draw(root, line) {
      const mine = current();
      element.hidden = !markable(line) || veiled(state, line.id); // a lesson marks what it asks
      if (shown.line !== line.id || (shown.result && !mine.result))
        text.value = mine.texts[line.id] ?? "";
      // a screen reader says again what is written again
      if (shown.line !== line.id || shown.result !== mine.result) {
        write(name, label(line.id));
        set(element, { "data-verdict": mine.result?.lines[line.id]?.verdict ?? null });
        tell([
          ...verdict(line, mine),
          mine.left[line.id]?.length ? cannot(mine.left[line.id]) : "",
        ]);
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
