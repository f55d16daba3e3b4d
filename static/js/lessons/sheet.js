/** A lesson to print: its cards with room to write, and the answers on separate pages. */

import { API } from "../core/root.js";
import { createApi } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { find, h, slot, write } from "../ui/dom.js";
import { openPage } from "../ui/page.js";
import { onPaper } from "./controls.js";
import { openProgress } from "./progress.js";
import { rich } from "./rich.js";
import { seedOf } from "./seed.js";
import { createServer } from "./server.js";

openPage();
const name = document.body.dataset.lessonSheet ?? "";
const seed = seedOf(location.search, openProgress());
const server = createServer(createApi(API), name, seed);

async function showAnswers(/** @type {Sheet} */ lesson) {
  const place = slot("answers");
  /** @type {HTMLElement[]} */
  const solutions = [];
  for (const [k, { name: card, title, question }] of lesson.cards.entries()) {
    if (!question) continue;
    const answer = await server.solution(card, onPaper(question).attempt);
    if ("refused" in answer) return write(slot("said"), TEXT.sheet.refused(answer.refused));
    solutions.push(
      h(
        "div.asked",
        h("h2", `${k + 1}. ${title}`),
        onPaper(question).solution(answer.answer),
        rich(answer.message),
      ),
    );
  }
  place.replaceChildren(h("h1", TEXT.sheet.answersOf(lesson.title, seed)), ...solutions);
  place.hidden = false;
  write(slot("said"), TEXT.sheet.answersBelow);
}

async function start() {
  const lesson = await server.sheet();
  if ("refused" in lesson) return write(slot("sheet"), TEXT.lesson.cannotBeShown(lesson.refused));
  slot("sheet").replaceChildren(
    h("h1", lesson.title),
    h(
      "p.sheet-head",
      h("span", lesson.group_title, TEXT.lesson.seed(seed)),
      h("span.sheet-name", TEXT.sheet.name),
    ),
    ...lesson.cards.map(({ title, text, question }, k) =>
      h(
        "section",
        h("h2", `${k + 1}. ${title}`),
        rich(text),
        question
          ? h("div.asked", h("div.prompt", rich(question.prompt)), onPaper(question).room)
          : null,
      ),
    ),
  );
  find('[data-action="print"]', HTMLElement).addEventListener("click", () => print());
  find('[data-action="answers"]', HTMLElement).addEventListener("click", () => showAnswers(lesson));
  document.body.dataset.ready = "true";
}
start().catch((error) => write(slot("sheet"), TEXT.lessonList.loadAgain(error.message)));
