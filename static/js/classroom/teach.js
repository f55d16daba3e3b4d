/** The lecturer's view: how to join, who is where, the answers, the mistakes. */
import { API, ROOT } from "../core/root.js";
import { phaseOf } from "../core/veil.js";
import { rich } from "../lessons/rich.js";
import { createApi, Problem } from "../server/api.js";
import { createRetry } from "../server/retry.js";
import { fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, patch, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { openPage } from "../ui/page.js";
import { openKept } from "./kept.js";
import { tableOf } from "./mistakes.js";
import { mistakesTable } from "./mistakes-table.js";
import { createRoom, noticed } from "./room.js";
import { inOrder, ownView, viewOf } from "./scenes.js";
import { createSharedStream } from "./shared-stream.js";
import { answersPart, firstPart, offersPart, onShowPart, placesPart } from "./teach-parts.js";

const DEPTH = 20; // layers at most: only the order of lines is asked

const store = openPage();
const api = createApi(API);
const { persist } = createRetry(store, api);
const code = document.body.dataset.room ?? "";
const kept = openKept();
const { key } = kept.of(code);
const room = createRoom(noticed(api, store), code, { key });

/** @type {RoomState | null} */
let now = null;
/** @type {Tally | null} */
let tally = null;
/** Of earlier questions, by number. @type {Map<number, TallyQuestion>} */
const earlier = new Map();
/** @type {{name: string, line: string} | null} */
let chosen = null;
let whole = false;
let link = "live";

/** @template T @param {() => Promise<T>} run @returns {Promise<T | null>} null if it was refused */
async function tried(run) {
  try {
    return await persist(run);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    store.set({ failure: { kind: "error", text: error.message } });
    return null;
  }
}

// What the lecturer does

async function setState(/** @type {QuestionState} */ state) {
  const number = now?.question?.number;
  if (number) took(await tried(() => room.setState(number, state)));
}

/**
 * Show a typical wrong answer to all, at its line, with the numbers that it is about.
 * @param {TallyQuestion} question @param {Mistake} mistake
 */
async function showAnswer(question, mistake) {
  const { example } = mistake;
  if (!example || !now) return;
  const { number } = question;
  if (question.state !== "revealed" && now.question?.number === number)
    took(await tried(() => room.setState(number, "revealed")));
  const line = mistake.line ?? question.line ?? undefined;
  const fields = await viewFor(number, example.seed);
  const view = viewOf({ ...fields, ...(line ? { line, entry: null } : {}) });
  const answer = {
    answer: example.answer,
    question: number,
    ...(line ? { line } : {}),
    ...(mistake.misconception ? { misconception: mistake.misconception } : {}),
    ...(example.seed ? { seed: example.seed } : {}),
  };
  const scene = { view, ...(line ? { line } : {}), answer };
  took(await tried(() => room.show(scene, now?.hold ?? false)));
}

/**
 * What a question was asked about, as fields of the explorer's address.
 * @param {number} number @param {string | null} seed of a student's own numbers
 */
async function viewFor(number, seed) {
  if (seed) {
    const own = await tried(() => room.question(number, seed));
    if (own?.scene) return fromHash(ownView(own.scene));
  }
  return fromHash(kept.of(code).views?.[number] ?? now?.scene?.view ?? "");
}

/** A student's view, for all; what is hidden stays hidden. @param {string} view */
async function openOffer(view) {
  const hide = now?.scene?.hide;
  took(await tried(() => room.show({ view, ...(hide ? { hide } : {}) }, now?.hold ?? false)));
}

async function save() {
  const table = await tried(() => room.table());
  if (table) download(table, `backprop-class-${code}.csv`);
}

async function end() {
  if (!confirm(TEXT.teach.sure)) return;
  await tried(() => room.end());
  kept.forget(code);
  location.href = `${ROOT}teach`;
}

// What the page shows

/** @returns {Mistake[]} */
function mistakes() {
  const own = tally?.question?.mistakes ?? [];
  if (!whole) return own;
  const current = tally?.question?.number;
  const others = [...earlier.values()].filter(({ number }) => number !== current);
  return [...others.flatMap((each) => each.mistakes), ...own];
}

function answered() {
  const own = tally?.question?.answered ?? 0;
  if (!whole) return own;
  const current = tally?.question?.number;
  const others = [...earlier.values()].filter(({ number }) => number !== current);
  return others.reduce((sum, each) => sum + each.answered, own);
}

function drawMap() {
  const found = mistakes();
  const lines = now?.question?.shown?.kind === "working" ? now.question.shown.lines : [];
  // an update is one line for each parameter, and seldom wrong
  const known = lines.filter((/** @type {string} */ id) => phaseOf(id) !== "update");
  const questionLines = tally?.question?.line ? [tally.question.line] : [];
  const map = tableOf(found, [...known, ...questionLines], inOrder(DEPTH));
  const several = (now?.questions ?? 0) > 1;
  const scope = choice(
    TEXT.teach.mapTitle,
    [
      { value: false, text: TEXT.teach.mapQuestion },
      { value: true, text: TEXT.teach.mapLecture },
    ],
    chooseScope,
  );
  scope.show(whole);
  patch(
    slot("map"),
    h("div.map-head", h("h2", TEXT.teach.mapTitle), several && scope.element),
    h("p.soft", TEXT.teach.mapLead(map.total, answered(), tally?.question?.undiagnosed ?? 0)),
    map.rows.length
      ? h(
          "div.map-scroll",
          { role: "region", "aria-label": TEXT.teach.mapTitle, tabindex: "0" },
          mistakesTable(map, {
            chosen,
            choose(name, line) {
              chosen = { name, line };
              draw();
            },
          }),
        )
      : null,
  );
}

async function chooseScope(/** @type {boolean} */ on) {
  whole = on;
  if (on)
    for (let number = 1; number < (now?.questions ?? 0); number += 1) {
      if (earlier.has(number)) continue;
      const found = await tried(() => room.tally(number));
      if (found?.question) earlier.set(number, found.question);
    }
  draw();
}

/** The mistake to speak about: the chosen one, or the most frequent. */
function first() {
  const own = tally?.question;
  const all = mistakes();
  const found = chosen
    ? all.find(
        (each) => (each.misconception ?? "") === chosen?.name && (each.line ?? "") === chosen.line,
      )
    : all.toSorted((a, b) => b.count - a.count)[0];
  const question =
    found && !own?.mistakes.includes(found)
      ? [...earlier.values()].find((each) => each.mistakes.includes(found))
      : own;
  return found && question ? { mistake: found, question } : null;
}

function draw() {
  if (!tally || !now) return;
  const question = now.question;
  patch(
    slot("on-show"),
    ...onShowPart(now, question?.shown ? rich(question.shown.prompt) : [], link),
  );
  drawMap();
  patch(slot("places"), ...placesPart(tally));
  patch(slot("answers"), ...answersPart(tally));
  const found = first();
  patch(
    slot("first"),
    ...(found
      ? firstPart(found.mistake, {
          catalog: store.state.catalog,
          of: found.question.answered,
          revealed:
            found.question.state === "revealed" || found.question.number !== question?.number,
          show: () => showAnswer(found.question, found.mistake),
        })
      : []),
  );
  patch(slot("offers"), ...offersPart(tally.offers, openOffer));
  drawFoot();
}

function drawFoot() {
  const state = now?.question?.state;
  patch(
    slot("foot"),
    state === "open"
      ? button("close-answers", TEXT.lecturer.close, () => setState("closed"))
      : null,
    state === "closed" ? button("open-answers", TEXT.teach.reopen, () => setState("open")) : null,
    state && state !== "revealed"
      ? button("reveal", TEXT.lecturer.reveal, () => setState("revealed"))
      : null,
    h(
      "a.primary",
      { href: ROOT, target: "backprop-show", "data-action": "show" },
      TEXT.teach.explore,
    ),
    h(
      "div.foot-more",
      button("export.quiet", TEXT.teach.save, save),
      button("end-class.quiet", TEXT.teach.end, end),
    ),
  );
}

function took(/** @type {RoomState | null} */ next) {
  if (!next || (now && next.version < now.version)) return;
  if (next.question?.number !== now?.question?.number) chosen = null;
  now = next;
  draw();
}

function counted(/** @type {Tally} */ found) {
  const before = tally?.question;
  if (before && before.number !== found.question?.number) earlier.set(before.number, before);
  tally = found;
  draw();
}

function became(/** @type {"live" | "lost" | "gone"} */ is) {
  link = is;
  if (is === "gone") return refused(TEXT.teach.gone);
  draw();
}

function refused(/** @type {string} */ text) {
  slot("on-show").replaceChildren();
  slot("map").replaceChildren(
    h("div", { role: "alert" }, h("h1", { "data-readout": "refused" }, text)),
    h("p", h("a", { href: `${ROOT}join/${code}` }, TEXT.teach.joinInstead)),
  );
  slot("foot").replaceChildren();
}

async function start() {
  if (!kept.of(code).key) return refused(TEXT.teach.noKey);
  kept.show(code); // the explorer of this browser shows to this room
  const [state, counts, catalog] = await Promise.all([
    persist(() => room.state()),
    persist(() => room.tally()),
    persist(() => api.catalog()),
  ]);
  store.set({ catalog });
  now = state;
  tally = counts;
  draw();
  createSharedStream(api).follow({ room: code, key }, { room: took, tally: counted }, became);
}

start()
  .catch((error) => {
    if (!(error instanceof Problem)) throw error;
    refused(error.status === 404 ? TEXT.teach.gone : error.message);
    write(slot("announce"), error.message);
  })
  .finally(() => {
    document.body.dataset.ready = "true";
  });
