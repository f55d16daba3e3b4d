/**
 * A wrong answer that the lecturer shows to all: its numbers beside those of the line, the likely
 * mistake, and the sum of the entry that the working shows.
 */
import { indexOf } from "../core/differences.js";
import { number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { veiled } from "../core/veil.js";
import { grid } from "../lessons/kinds/grid.js";
import { inline } from "../lessons/rich.js";
import { TEXT } from "../text/en.js";
import { button, h } from "../ui/dom.js";
import { entryName, writtenOut } from "../ui/written-out.js";
import { compared, letter, numbersOf, partOf, written } from "./answers.js";

const TERMS = 8;

/** @typedef {Schemas["ShownAnswer"]} SharedAnswer */

/** @param {boolean} wrong @param {boolean} chosen @param {number} value */
const cell = (wrong, chosen, value) =>
  h(
    "span.entry",
    { "data-mark": wrong ? "wrong" : "right", "data-chosen": String(chosen) },
    number(value),
    h("span.sign[aria-hidden=true]"),
    wrong && h("span.visually-hidden", TEXT.marking.wrongEntry),
  );

/**
 * @param {Pick<Page, "trace" | "catalog" | "veil" | "line" | "entry">} state
 * @param {SharedAnswer} shared @param {SharedQuestion | null} question that it answers
 * @param {{here: boolean, choose?: (entry: number[]) => void}} place here: the page shows the
 *   working that the answer is about; choose: shows an entry to all, for the lecturer
 * @returns {HTMLElement}
 */
export function answerCard(state, shared, question, { here, choose }) {
  const line = shared.line ?? question?.line ?? "";
  const mistake = state.catalog?.misconceptions.find(({ name }) => name === shared.misconception);
  const head = [
    h(
      "h2",
      (question?.kind === "text" ? TEXT.answerCard.inWords : TEXT.answerCard.title)(
        shared.count ?? 1,
      ),
    ),
    mistake ? h("p.mistake-title", mistake.title) : null,
    mistake?.description ? h("p.soft", mistake.description) : null,
  ];
  const part = partOf(shared.answer, line);
  const values = numbersOf(part);
  return h(
    "article.answer-card[data-readout=shown-answer]",
    { "data-kind": question?.kind },
    head,
    options(part, question) ??
      (here ? numbers(state, line, part, choose) : null) ??
      h("p", h("code", values ? values.map((each) => number(each)).join(", ") : written(part))),
  );
}

/** @param {unknown} part @param {SharedQuestion | null} question */
function options(part, question) {
  const shown = question?.shown;
  const texts = shown?.kind === "choice" ? shown.options : [];
  if (typeof part !== "number" || !texts[part]) return null;
  return h("p.chosen-option", h("strong", letter(part)), " ", inline(texts[part]));
}

/**
 * @param {Pick<Page, "trace" | "veil" | "line" | "entry">} state @param {string} line
 * @param {unknown} part @param {((entry: number[]) => void) | undefined} choose
 */
function numbers(state, line, part, choose) {
  const values = numbersOf(part);
  const target = lineOf(state.trace, line);
  if (!values || !target || target.left_out || veiled(/** @type {Page} */ (state), line))
    return null;
  const both = compared(values, target.value);
  if (!both) return null;
  const { shape, right, wrong } = both;
  const chosen = state.line === line && state.entry ? state.entry : null;
  const places = values.map((_, k) => indexOf(k, shape));
  const first = Math.max(0, wrong.indexOf(true));
  const at = chosen ? places.findIndex((index) => index.join() === chosen.join()) : first;
  const k = at < 0 ? first : at;
  const inputs = target.inputs.map((id) => variable(state.trace, id)?.value);
  /** @param {string} action @param {string} text @param {number} by */
  const step = (action, text, by) =>
    button(action, text, () => choose?.(places[(k + by + places.length) % places.length]));
  return [
    h(
      "div.answer-numbers.side-by-side",
      h("span.math", `${nameOf(target)} =`),
      grid(
        shape,
        values.map((value, j) => cell(wrong[j], j === k, value)),
      ),
    ),
    h(
      "p[data-readout=shown-entry]",
      TEXT.answerCard.entry(entryName(target, places[k]), number(values[k]), number(right[k])),
    ),
    h(
      "p.answer-sum[data-readout=shown-sum]",
      inputs.some((value) => value === undefined || value === null)
        ? ""
        : writtenOut(target, places[k], inputs, { terms: TERMS, onMore() {} }),
    ),
    choose && places.length > 1
      ? h(
          "div.answer-moves",
          step("answer-previous", TEXT.pictures.previous, -1),
          step("answer-next", TEXT.pictures.next, 1),
        )
      : null,
  ];
}
