/**
 * The hall's screen: the question, how it is answered, and an answer that the lecturer shows. It is
 * opened by a token that reads this and nothing else; the lecturer's key is never on this page.
 */
import { API } from "../core/root.js";
import { rich } from "../lessons/rich.js";
import { createApi } from "../server/api.js";
import { createRetry } from "../server/retry.js";
import { fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { h, patch, slot, write } from "../ui/dom.js";
import { openPage } from "../ui/page.js";
import { answerCard } from "./answer-card.js";
import { createCountDown } from "./count-down.js";
import { rightAnswer } from "./question.js";
import { createSharedStream } from "./shared-stream.js";
import { countsPart, optionBars } from "./teach-parts.js";

const SMALLEST = 0.4; // of the size of texts
const SMALLER = 0.94;

const store = openPage();
const api = createApi(API);
const { persist } = createRetry(store, api);
const code = document.body.dataset.room;
const screen = location.hash.slice(1);

/** @type {Schemas["ScreenState"] | null} */
let now = null;
/** The working of the shown answer. @type {Trace | null} */
let trace = null;
let view = "";
let link = "live";
let timeLeft = "";
const countDown = createCountDown();

async function took(/** @type {Schemas["ScreenState"]} */ next) {
  now = next;
  countDown(next.question, (left) => {
    timeLeft = left === null ? "" : TEXT.student.timeLeft(left);
    draw();
  });
  const wanted = next.answer ? (next.view ?? "") : "";
  if (wanted !== view) {
    view = wanted;
    trace = null;
    if (wanted) await read(wanted);
  }
  draw();
}

/** Read the working that an answer is about. @param {string} wanted */
async function read(wanted) {
  const { recipe = {}, step = 0, sample = 0, convention, reduction } = fromHash(wanted);
  const experiment = await persist(() => api.createExperiment(recipe));
  const options = { sample, convention, reduction };
  const answer = await persist(() => api.trace(experiment.id, step, options));
  if (view === wanted) trace = answer;
}

function draw() {
  if (!now) return;
  const { question, answer, here } = now;
  const everyone = Math.max(here, question?.answered ?? 0);
  write(
    document.querySelector('[data-readout="here"]') ?? h("p"),
    link === "lost" ? TEXT.student.lost : TEXT.teach.placesLead(here),
  );
  const line = answer?.line ?? question?.line ?? "z1";
  const state = { trace, catalog: store.state.catalog, veil: null, line, entry: null };
  patch(
    slot("hall"),
    question
      ? h(
          "div.hall-state",
          h("h1", TEXT.student.question(question.number)),
          h("span[data-readout=answered]", TEXT.teach.answered(question.answered, everyone)),
          h("span.timer[data-readout=time-left]", timeLeft),
        )
      : h("h1", TEXT.teach.scan),
    question &&
      h(
        "div.hall-prompt",
        question.shown ? rich(question.shown.prompt) : h("p", TEXT.teach.onYourScreen),
      ),
    question ? optionBars(question, question.options, question.before) : null,
    question?.counts && !question.options && question.kind !== "text"
      ? countsPart(question.counts, question.answered)
      : null,
    question?.solution && question.shown && question.shown.kind !== "choice" && !answer
      ? h(
          "div.hall-solution[data-readout=solution]",
          h("h2", TEXT.student.solution),
          rightAnswer(question.shown, question.solution, "right"),
          rich(question.solution.message),
        )
      : null,
    answer ? answerCard(state, answer, question, { here: trace !== null }) : null,
  );
  fit();
}

/** Nothing is cut and nothing is scrolled: text that is too long for the window is set smaller. */
function fit() {
  const box = slot("hall");
  for (let size = 1; size > SMALLEST; size *= SMALLER) {
    box.style.fontSize = `${size}em`;
    if (box.scrollHeight <= box.clientHeight) break;
  }
}
new ResizeObserver(fit).observe(slot("hall"));

function became(/** @type {"live" | "lost" | "gone"} */ is) {
  link = is;
  if (is === "gone") slot("hall").replaceChildren(h("h1[role=alert]", TEXT.teach.gone));
  else draw();
}

if (code && screen) {
  createSharedStream(api).follow({ room: code, screen }, { screen: took }, became);
  persist(() => api.catalog()).then((catalog) => {
    store.set({ catalog });
    draw();
  });
} else slot("hall").replaceChildren(h("h1", TEXT.teach.screenFromView));
document.body.dataset.ready = "true";
