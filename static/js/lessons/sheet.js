/** A lesson to print: its cards with room to write, and the answers on pages of their own. */

import { number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { API } from "../core/root.js";
import { createApi } from "../server/api.js";
import { createStore, TABLE } from "../state/store.js";
import { TEXT } from "../text/en.js";
import { find, h, slot, write } from "../ui/dom.js";
import { mountNotice } from "../ui/notice.js";
import { mountTheme } from "../ui/theme.js";
import { sizeOf } from "./printed.js";
import { openProgress } from "./progress.js";
import { inline, rich } from "./rich.js";
import { seedOf } from "./seed.js";
import { createServer } from "./server.js";

/** @typedef {import("./wire.js").Question} Question */
/** @typedef {import("./wire.js").Answer} Answer */

const MOST_CELLS = 40;
const store = createStore({ theme: TABLE.theme, failure: TABLE.failure });
mountTheme(store);
mountNotice(store);
const name = document.body.dataset.lessonSheet ?? "";
const seed = seedOf(location.search, openProgress());
const server = createServer(createApi(API), name, seed);

const box = () => h("span", { class: "sheet-box", "aria-hidden": "true" });
/** @param {number} k */
const letter = (k) => `${String.fromCharCode(97 + k)})`;

/**
 * An array in rows; a vector in one row, a tensor as the rows of its last axis.
 * @param {number[]} shape @param {string[]} cells
 */
function table(shape, cells) {
  const columns = shape.at(-1) ?? 1;
  const rows = Array.from({ length: cells.length / columns }, (_, i) =>
    h(
      "tr",
      {},
      cells.slice(i * columns, (i + 1) * columns).map((cell) => h("td", {}, cell)),
    ),
  );
  return h("table", { class: "sheet-grid" }, h("tbody", {}, rows));
}

/** Where the answer is written. @param {Question} question @returns {HTMLElement} */
function room(question) {
  switch (question.kind) {
    case "choice":
      return h(
        "ol",
        { class: "sheet-options" },
        question.options.map((option, k) =>
          h("li", {}, box(), letter(k), h("span", {}, inline(option))),
        ),
      );
    case "code_line":
      return h(
        "ol",
        { class: "sheet-options" },
        question.code.map((line, k) =>
          h("li", {}, line.trim() ? box() : null, `${k + 1}`, h("code", {}, line)),
        ),
      );
    case "signs":
      return h(
        "ol",
        { class: "sheet-options" },
        Array.from({ length: sizeOf(question.shape) }, (_, k) =>
          h(
            "li",
            {},
            ["+", "0", "−"].flatMap((sign) => [box(), sign]),
            h("span", {}, question.names[k] ? inline(question.names[k]) : `[${k}]`),
          ),
        ),
      );
    case "shape":
      return h("p", {}, TEXT.sheet.shape);
    default: {
      const size = sizeOf(question.shape);
      if (size > MOST_CELLS) return h("div", { class: "sheet-room" });
      return table(question.shape, Array(size).fill(""));
    }
  }
}

/** An answer that can be read: the server gives the right one to those who have tried. */
/** @param {Question} question @returns {Answer} */
function someAnswer(question) {
  if (question.kind === "choice" || question.kind === "code_line") return 0;
  if (question.kind === "shape") return [1];
  /** @param {number[]} shape @returns {any} any: nested as deep as the shape is long */
  const zeros = ([first, ...rest]) =>
    first === undefined ? 0 : Array.from({ length: first }, () => zeros(rest));
  return zeros(question.shape);
}

/** @param {Question} question @param {Answer} answer @returns {HTMLElement} */
function answerOf(question, answer) {
  if (question.kind === "choice")
    return h("p", {}, `${letter(Number(answer))} `, inline(question.options[Number(answer)]));
  if (question.kind === "code_line")
    return h(
      "p",
      {},
      TEXT.sheet.line(Number(answer) + 1),
      h("code", {}, question.code[Number(answer)].trim()),
    );
  if (question.kind === "shape") {
    const sizes = [answer].flat();
    return h("p", {}, `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`);
  }
  const values = Array.isArray(answer) ? flat(answer).map(Number) : [Number(answer)];
  const said =
    question.kind === "signs"
      ? values.map((sign) => ["−", "0", "+"][sign + 1])
      : values.map((value) => number(value, 4));
  return table(question.shape, said);
}

/** @param {import("./wire.js").Lesson} lesson */
async function showAnswers(lesson) {
  const place = slot("answers");
  /** @type {HTMLElement[]} */
  const found = [];
  for (const [k, { name: card, title, question }] of lesson.cards.entries()) {
    if (!question) continue;
    const answer = await server.solution(card, someAnswer(question));
    if ("refused" in answer) return write(slot("said"), TEXT.sheet.refused(answer.refused));
    found.push(
      h(
        "div",
        { class: "asked" },
        h("h2", {}, `${k + 1}. ${title}`),
        answerOf(question, answer.answer),
        rich(answer.message),
      ),
    );
  }
  place.replaceChildren(h("h1", {}, TEXT.sheet.answersOf(lesson.title, seed)), ...found);
  place.hidden = false;
  write(slot("said"), TEXT.sheet.answersBelow);
}

async function start() {
  const lesson = await server.lesson();
  slot("sheet").replaceChildren(
    h("h1", {}, lesson.title),
    h(
      "p",
      { class: "sheet-head" },
      h("span", {}, lesson.group_title, TEXT.lesson.seed(seed)),
      h("span", { class: "sheet-name" }, TEXT.sheet.name),
    ),
    ...lesson.cards.map(({ title, text, question }, k) =>
      h(
        "section",
        {},
        h("h2", {}, `${k + 1}. ${title}`),
        rich(text),
        question
          ? h(
              "div",
              { class: "asked" },
              h("div", { class: "prompt" }, rich(question.prompt)),
              room(question),
            )
          : null,
      ),
    ),
  );
  find('[data-action="print"]', HTMLElement).addEventListener("click", () => print());
  find('[data-action="answers"]', HTMLElement).addEventListener("click", () => showAnswers(lesson));
  document.body.dataset.ready = "true";
}
start().catch((error) => write(slot("sheet"), TEXT.lessonList.loadAgain(error.message)));
