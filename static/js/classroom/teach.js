/** The lecturer's view: how to join, who is where, the answers, the mistakes. */
import { named, shortName } from "../core/names.js";
import { API, ROOT } from "../core/root.js";
import { phaseOf } from "../core/veil.js";
import { createApi, Problem } from "../server/api.js";
import { createRetry } from "../server/retry.js";
import { fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { titledDialog } from "../ui/dialog.js";
import { button, choice, h, patch, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { options } from "../ui/fields.js";
import { openPage } from "../ui/page.js";
import { createCountDown } from "./count-down.js";
import { openKept } from "./kept.js";
import { depthOf, phasesOf, tableOf } from "./mistakes.js";
import { createRoom, noticed, unlessRefused } from "./room.js";
import { inOrder, personalView, viewOf } from "./scenes.js";
import { createSharedStream } from "./shared-stream.js";
import {
  answersPart,
  firstPart,
  offersPart,
  onShowPart,
  placesPart,
  wordsPart,
} from "./teach-parts.js";

/** @type {[string, string][]} seconds that a question is open */
const TIMES = [
  ["0", TEXT.teach.noTimer],
  ...[30, 60, 120, 300].map(
    (seconds) => /** @type {[string, string]} */ ([`${seconds}`, TEXT.teach.timeOf(seconds)]),
  ),
];
const DEPTH = 20; // layers at most: only the order of lines is asked

const store = openPage();
const api = createApi(API);
const { persist } = createRetry(store, api);
const code = document.body.dataset.room ?? "";
const kept = openKept();
const { key, screen } = kept.of(code);
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
let timeLeft = "";
const countDown = createCountDown();

/** @template T @param {() => Promise<T>} run */
const tried = (run) => unlessRefused(store, () => persist(run));

// What the lecturer does

/** @param {QuestionState} state @param {number} [seconds] */
async function setState(state, seconds = undefined) {
  const number = now?.question?.number;
  const pressed = performance.now();
  if (number) took(await tried(() => room.setState(number, state, pressed, seconds)));
}

async function again() {
  const number = now?.question?.number;
  if (number && (await tried(() => room.again(number)))) took(await tried(() => room.state()));
}

/** @param {Schemas["TallyGroup"]} group of answers in words */
async function showWords({ text, count }) {
  const number = now?.question?.number;
  const scene = { ...now?.scene, answer: { answer: text, question: number ?? 1, count } };
  took(await tried(() => room.show(scene, now?.hold ?? false)));
}

/** Names in offered views, by view; null while they are asked for. @type {Map<string, string[]>} */
const names = new Map();

/** What students named: nothing of it is shown to all that the lecturer has not seen. */
function namesIn(/** @type {string} */ view) {
  const asked = names.get(view);
  if (asked) return asked;
  names.set(view, []);
  const { recipe } = fromHash(view);
  const { points, id } = recipe?.dataset ?? {};
  if (points) names.set(view, [...(points.features ?? []), ...(points.classes ?? [])]);
  else if (id) askNames(view, recipe);
  return names.get(view) ?? [];
}

/** @param {string} view @param {RecipePart} recipe */
async function askNames(view, recipe) {
  const created = await tried(() => api.createExperiment(recipe));
  const data = created && (await tried(() => api.data(created.id)));
  if (data) names.set(view, [...data.features, ...data.classes]);
  draw();
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
    count: example.count,
  };
  const scene = { view, ...(line ? { line } : {}), answer };
  took(await tried(() => room.show(scene, now?.hold ?? false)));
}

/**
 * What a question was asked about, as fields of the explorer's address.
 * @param {number} number @param {string | null} seed of a student's numbers
 */
async function viewFor(number, seed) {
  if (seed) {
    const question = await tried(() => room.question(number, seed));
    if (question?.scene) return fromHash(personalView(question.scene));
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

async function saveRecord() {
  const record = await tried(() => room.record());
  if (!record) return;
  const file = new Blob([JSON.stringify(record, null, 1)], { type: "application/json" });
  download(file, `backprop-class-${code}.json`);
}

async function end() {
  await tried(() => room.end());
  kept.forget(code);
  location.href = `${ROOT}teach`;
}

const ending = titledDialog(
  { name: "end-class", title: TEXT.teach.end },
  h("p", TEXT.teach.sure),
  h(
    "div.foot-more",
    button("save-record", TEXT.teach.saveRecord, saveRecord),
    button("save-table", TEXT.teach.save, save),
    button("end-now.primary", TEXT.teach.endNow, end),
  ),
);

async function removeSilent() {
  const done = await tried(() => room.removeSilent());
  if (done) write(slot("announce"), TEXT.teach.removed(done.removed));
}

// What the page shows

/** The questions that the mistakes are of: the latest, or all of the lecture. */
function questions() {
  const latest = tally?.question;
  const others = whole ? [...earlier.values()] : [];
  return [...others.filter(({ number }) => number !== latest?.number), ...(latest ? [latest] : [])];
}
const mistakes = () => questions().flatMap((each) => each.mistakes);

function drawMistakes() {
  const all = mistakes();
  const answered = questions().reduce((sum, each) => sum + each.answered, 0);
  const lines = now?.question?.shown?.kind === "working" ? now.question.shown.lines : [];
  // an update is one line for each parameter, and seldom wrong
  const known = lines.filter((/** @type {string} */ id) => phaseOf(id) !== "update");
  const questionLines = tally?.question?.line ? [tally.question.line] : [];
  const table = tableOf(all, [...known, ...questionLines], inOrder(DEPTH));
  const several = (now?.questions ?? 0) > 1;
  // Of options and words there are bars and groups.
  const ofWords = !whole && (tally?.question?.options || tally?.question?.kind === "text");
  if (ofWords) return patch(slot("mistakes"), several && scopeOf().element);
  patch(
    slot("mistakes"),
    h("div.mistakes-head", h("h2", TEXT.teach.mistakesTitle), several && scopeOf().element),
    h("p.soft", TEXT.teach.mistakesLead(table.total, answered, tally?.question?.undiagnosed ?? 0)),
    table.rows.length > 0 &&
      h(
        "div.mistakes-scroll[role=region][tabindex=0]",
        { "aria-label": TEXT.teach.mistakesTitle },
        mistakesTable(table, {
          chosen,
          choose(name, line) {
            chosen = { name, line };
            draw();
          },
        }),
      ),
  );
}

function scopeOf() {
  const scope = choice(
    TEXT.teach.mistakesTitle,
    [
      { value: false, text: TEXT.teach.mistakesQuestion },
      { value: true, text: TEXT.teach.mistakesLecture },
    ],
    chooseScope,
  );
  scope.show(whole);
  return scope;
}

async function chooseScope(/** @type {boolean} */ on) {
  whole = on;
  if (on)
    for (let number = 1; number < (now?.questions ?? 0); number += 1) {
      if (earlier.has(number)) continue;
      const before = await tried(() => room.tally(number));
      if (before?.question) earlier.set(number, before.question);
    }
  draw();
}

/** The mistake to speak about: the chosen one, or the most frequent. */
function first() {
  const all = mistakes();
  const mistake = chosen
    ? all.find(
        (each) => (each.misconception ?? "") === chosen?.name && (each.line ?? "") === chosen.line,
      )
    : all.toSorted((a, b) => b.count - a.count)[0];
  const question = mistake && questions().find((each) => each.mistakes.includes(mistake));
  return question ? { mistake, question } : null;
}

function draw() {
  if (!tally || !now) return;
  const question = now.question;
  const counted = tally.question?.number === question?.number ? tally.question : null;
  patch(
    slot("on-show"),
    ...onShowPart(now, counted, link, timeLeft),
    counted && wordsPart(counted.groups, showWords),
  );
  drawMistakes();
  patch(slot("places"), ...placesPart(tally));
  patch(slot("answers"), ...answersPart(tally));
  const spoken = first();
  patch(
    slot("first"),
    ...(spoken
      ? firstPart(spoken.mistake, {
          catalog: store.state.catalog,
          of: spoken.question.answered,
          choice: spoken.question.options !== null,
          revealed:
            spoken.question.state === "revealed" || spoken.question.number !== question?.number,
          show: () => showAnswer(spoken.question, spoken.mistake),
        })
      : []),
  );
  patch(slot("offers"), ...offersPart(tally.offers, openOffer, namesIn));
  drawFoot();
}

function drawFoot() {
  const state = now?.question?.state;
  patch(
    slot("foot"),
    state === "open" && button("close-answers", TEXT.lecturer.close, () => setState("closed")),
    state === "closed" && button("open-answers", TEXT.teach.reopen, () => setState("open")),
    state &&
      state !== "revealed" &&
      button("reveal", TEXT.lecturer.reveal, () => setState("revealed")),
    state && state !== "open" && button("ask-again", TEXT.teach.again, again),
    state === "open" &&
      h(
        "select[data-control=timer]",
        {
          "aria-label": TEXT.teach.timer,
          onchange: ({ target }) => setState("open", Number(target.value)),
        },
        options(TIMES),
      ),
    state === "open" &&
      tally?.question?.options &&
      button("bars", TEXT.teach.bars, () => showBars(!tally?.question?.bars), {
        "aria-pressed": String(tally.question.bars),
      }),
    h(
      "a.primary.at-end[target=backprop-show][data-action=show]",
      { href: ROOT },
      TEXT.teach.explore,
    ),
    h(
      "div.foot-more",
      screen
        ? h(
            "a[target=backprop-screen][data-action=screen]",
            { href: `${ROOT}teach/screen?room=${code}#${screen}` },
            TEXT.teach.screen,
          )
        : null,
      button("door.quiet", TEXT.teach.door, () => setDoor(!now?.door_open), {
        "aria-pressed": String(!now?.door_open),
      }),
      button("remove-silent.quiet", TEXT.teach.removeSilent, removeSilent),
      button("export.quiet", TEXT.teach.save, save),
      button("end-class.quiet", TEXT.teach.end, () => ending.showModal()),
    ),
  );
}

const showBars = async (/** @type {boolean} */ bars) => took(await tried(() => room.bars(bars)));
const setDoor = async (/** @type {boolean} */ open) => took(await tried(() => room.door(open)));

function took(/** @type {RoomState | null} */ next) {
  if (!next || (now && next.version < now.version)) return;
  if (next.question?.number !== now?.question?.number) chosen = null;
  now = next;
  draw();
  countDown(next.question, (left) => {
    timeLeft = left === null ? "" : TEXT.student.timeLeft(left);
    const shown = slot("on-show").querySelector(".timer");
    if (shown) write(shown, timeLeft);
  });
}

function counted(/** @type {Tally} */ counts) {
  const before = tally?.question;
  if (before && before.number !== counts.question?.number) earlier.set(before.number, before);
  tally = counts;
  draw();
}

function became(/** @type {"live" | "lost" | "gone"} */ is) {
  link = is;
  if (is === "gone") return refused(TEXT.teach.gone);
  draw();
}

function refused(/** @type {string} */ text) {
  slot("on-show").replaceChildren();
  slot("mistakes").replaceChildren(
    h("div[role=alert]", h("h1[data-readout=refused]", text)),
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

/**
 * @param {MistakeTable} table
 * @param {{chosen: {name: string, line: string} | null,
 *   choose: (name: string, line: string) => void}} actions
 */
function mistakesTable({ lines, rows, totals, total }, { chosen, choose }) {
  const most = Math.max(1, ...rows.flatMap((row) => [...row.counts.values()].map((c) => c.count)));
  const title = (/** @type {MistakeRow} */ row) => row.title ?? TEXT.teach.unnamed;
  return h(
    "table.mistakes[data-readout=mistakes]",
    h(
      "thead",
      h(
        "tr.phases",
        h("td"),
        phasesOf(lines).map(({ phase, span }) =>
          h(
            "th[scope=colgroup]",
            { colspan: span, "data-phase": phase || null },
            TEXT.teach.phases[phase] ?? "",
          ),
        ),
        h("td"),
      ),
      h(
        "tr",
        h("td"),
        lines.map((line) =>
          h(
            "th.math[scope=col]",
            { "aria-label": line ? named(line).spoken : TEXT.teach.elsewhere },
            line ? shortName(named(line)) : "–",
          ),
        ),
        h("td"),
      ),
    ),
    h(
      "tbody",
      rows.map((row) =>
        h(
          "tr",
          { "data-misconception": row.name },
          h("th[scope=row]", title(row)),
          lines.map((line) => cell(row, line)),
          h("td.total", String(row.total)),
        ),
      ),
    ),
    h(
      "tfoot",
      h(
        "tr",
        h("th[scope=row]", TEXT.teach.atLine),
        lines.map((line) => h("td", String(totals.get(line) ?? "·"))),
        h("td.total", String(total)),
      ),
    ),
  );

  /** @param {MistakeRow} row @param {string} line */
  function cell(row, line) {
    const counted = row.counts.get(line);
    if (!counted) return h("td.empty");
    const pressed = chosen?.name === row.name && chosen.line === line;
    return h(
      "td",
      { "data-phase": line ? phaseOf(line) : "cost" },
      h(
        "button",
        {
          "data-depth": depthOf(counted.count, most),
          "data-line": line,
          "aria-pressed": String(pressed),
          "aria-label": TEXT.teach.cell(
            title(row),
            line ? named(line).spoken : TEXT.teach.elsewhere,
            counted.count,
          ),
          onclick: () => choose(row.name, line),
        },
        String(counted.count),
      ),
    );
  }
}
