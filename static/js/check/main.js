/** Check my numbers: one text field, read while typing, and the marking of what was found. */
import { course, courseAsked, forgetCourse, keepCourse } from "../core/course.js";
import { API, ROOT } from "../core/root.js";
import { createApi, Lost, Problem } from "../server/api.js";
import { working } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { button, find, h, scrolling, set, slot, write } from "../ui/dom.js";
import { explain, mark } from "../ui/marking.js";
import { openPage } from "../ui/page.js";
import { experimentGivens } from "./experiment.js";
import { explorerLinks, handOver } from "./explore-link.js";
import { rateOf } from "./givens.js";
import { EMPTY, EXAMPLE, keep, keepMarked, remembered, wasMarked } from "./keep.js";
import { createReading } from "./reading.js";
import { activationsOf, createSettings } from "./settings.js";
import { mountSnippets } from "./snippets.js";

const TYPING = 350; // ms without a key before a text is read

openPage();
const field = find("#paste-text", HTMLTextAreaElement);
const panel = find('[data-panel="marking"]', HTMLElement);
// shown by the style sheet while the panel has the class "stale"
find(".sheet-head", HTMLElement, panel).dataset.stale = TEXT.check.changedSince;
const announce = (/** @type {string} */ text) => write(slot("announce"), text);
const snippets = mountSnippets(slot("snippets"), announce);

/** @type {Work} */
const work = { ...EXAMPLE };
let pristine = true; // the page is as it opens
let edition = 0; // counts changes of the input
let checkCount = 0; // only the answer to the newest check is shown
let marked = false;
/** @type {Catalog | null} */
let catalog = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const reading = createReading(work, { onRead: shown, onChoice: changedNow });
const settings = createSettings(work, () => (marked ? markWith({}) : changedNow()));

function read() {
  clearTimeout(timer);
  return reading.readText();
}

/** The shown marks are those of older input. */
function changed() {
  pristine = false;
  edition += 1;
  panel.classList.toggle("stale", marked);
}

function changedNow() {
  changed();
  read();
}

let refused = false;
function shown() {
  const { answer } = reading.read;
  if (refused || reading.read.refused) say(reading.read.refused);
  refused = Boolean(reading.read.refused);
  if (catalog) settings.show(answer?.settings ?? null, catalog, Boolean(answer?.read_as?.length));
  const proposal = answer?.settings;
  const effective = {
    ...work,
    activations: proposal?.activations ?? work.activations,
    cost: work.cost || (proposal?.cost ?? "mse"),
    reduction: work.reduction || (proposal?.reduction ?? "mean"),
    convention: work.convention || (proposal?.convention ?? "column"),
  };
  snippets.show(effective, effective.activations.length, Object.keys(answer?.submitted ?? {}));
  keep(work, pristine);
}

// ------------------------------------------------------------------ marking

/** @param {unknown} what an error, text, or nothing */
function say(what) {
  const root = slot("said");
  if (!what) return root.replaceChildren();
  const errors =
    what instanceof Problem && what.errors.length
      ? what.errors
      : [{ field: "", message: what instanceof Error ? what.message : String(what) }];
  root.replaceChildren(
    h(
      "ul.unread",
      errors.map(({ field: name, message }) =>
        h("li", name ? h("strong", `${name.replace(/^body\./, "")}: `) : null, message),
      ),
    ),
  );
  announce(errors.map(({ field: name, message }) => `${name} ${message}`).join("; "));
  if (!(what instanceof Problem || what instanceof Lost || typeof what === "string"))
    console.error(what);
}

/** @param {{scroll?: boolean}} [options] */
async function checkNow({ scroll = true } = {}) {
  const mine = ++checkCount;
  say(null);
  if (Number.isNaN(rateOf(work))) return find('[data-field="rate"]', HTMLInputElement).focus();
  const button = find('[data-action="check"]', HTMLButtonElement);
  set(button, { "aria-busy": "true" });
  write(button, TEXT.check.checking);
  try {
    await read();
    const { answer } = reading.read;
    if (mine !== checkCount || reading.read.refused) return;
    if (!answer) return say(TEXT.check.noNumbers);
    if (!answer.givens) return say(answer.summary);
    if (!Object.keys(answer.submitted ?? {}).length) return say(TEXT.check.noNumbers);
    const sent = edition;
    await showMarks(answer, scroll, () => mine === checkCount);
    panel.classList.toggle("stale", edition !== sent);
  } catch (error) {
    if (mine === checkCount) say(error);
  } finally {
    set(button, { "aria-busy": null });
    write(button, TEXT.check.checkMyNumbers);
  }
}

/**
 * @param {Check} answer @param {boolean} scroll
 * @param {() => boolean} current whether no newer check was asked for
 */
async function showMarks(answer, scroll, current) {
  const { submitted = {} } = answer;
  const givens = /** @type {FoundGivens} */ (answer.givens);
  const trace = await working(givens, Object.keys(submitted));
  if (!current()) return;
  const titles = Object.fromEntries(
    (catalog?.misconceptions ?? []).map(({ name, title }) => [name, title]),
  );
  const first = mark(slot("marking"), {
    result: answer,
    trace,
    submitted: canonical(submitted, answer),
    titles,
    link: explorerLinks(work, givens, catalog),
    take: takeActivations,
  });
  handOver(answer);
  marked = true;
  mention(courseQuestion(answer, () => markWith({})));
  mentionUnread(answer.not_read ?? []);
  keepMarked(work);
  if (scroll) reveal(first);
  announce(answer.summary);
}

/** Mark with other activations, and offer the way back. @param {LayerActivation[]} activations */
async function takeActivations(activations) {
  const { activations: before, from } = work;
  const after = activationsOf(work, reading.read.answer?.settings?.activations.length ?? 1);
  for (const { layer, activation } of activations) after[layer - 1] = activation;
  await markWith({ activations: after, from: "" });
  const back = button("take-back.quiet", TEXT.marking.takeBack, () =>
    markWith({ activations: before, from }),
  );
  mention(h("p.aside[data-note=activations]", TEXT.marking.activationsSet(activations), back));
  back.focus({ preventScroll: true });
}

function markWith(/** @type {Partial<Work>} */ next) {
  Object.assign(work, next);
  changed();
  return checkNow();
}

/** Put a remark above the marked lines. @param {Element | null} element */
function mention(element) {
  if (element) find(".lines-marked", HTMLElement).before(element);
}

/** Say beside the marks what was not read. @param {{at_line: number | null}[]} unread */
function mentionUnread(unread) {
  const lines = [...new Set(unread.flatMap(({ at_line: line }) => line ?? []))];
  if (!lines.length) return;
  mention(
    h(
      "p.aside[data-note=unread]",
      h("strong", TEXT.check.notMarked),
      TEXT.check.partsUnread(TEXT.check.inLines(lines.slice(0, 12))),
    ),
  );
}

/** Only lines that the working has. @param {Record<string, Nested>} mine @param {Check} result */
const canonical = (mine, result) =>
  Object.fromEntries(Object.entries(mine).filter(([id]) => result.lines[id]));

/** Scroll to the first wrong line if it is not on screen; to the outcome if all is right. */
function reveal(/** @type {HTMLElement | null} */ first) {
  const target = first ?? panel;
  const { top, bottom } = target.getBoundingClientRect();
  const outcome = panel.getBoundingClientRect().top;
  const smooth = scrolling();
  if (top >= 0 && bottom <= innerHeight) return;
  // both the outcome and the line, if they fit
  if (bottom - outcome < innerHeight - 24)
    scrollTo({ top: scrollY + outcome - 12, behavior: smooth });
  else target.scrollIntoView({ block: first ? "center" : "start", behavior: smooth });
}

// ------------------------------------------------------------------ the page

function show(/** @type {Partial<Work>} */ next) {
  Object.assign(work, { penalty: null, from: "", readAs: {} }, next);
  field.value = work.text;
}

/** The part above the first empty line: an experiment's givens. @param {string} text */
const head = (text) => text.split("\n\n", 1)[0];

field.addEventListener("input", () => {
  changed();
  if (head(work.text) !== head(field.value)) work.from = ""; // another network
  work.text = field.value;
  work.readAs = {}; // the arrays are other ones
  clearTimeout(timer);
  timer = setTimeout(read, TYPING);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    checkNow();
  }
});

const actions = {
  check: () => checkNow(),
  parse: read,
  example() {
    show(EXAMPLE);
    return checkNow();
  },
  clear() {
    show(EMPTY);
    checkCount += 1;
    marked = false;
    explain(slot("marking"));
    say(null);
    changedNow();
    field.focus();
  },
  skip(/** @type {Event} */ event) {
    event.preventDefault(); // the address holds the work
    find("#marking", HTMLElement).focus();
  },
};
for (const [name, run] of Object.entries(actions))
  find(`[data-action="${name}"]`, HTMLElement).addEventListener("click", run);

/** Text that was typed before this script had loaded. */
function typedAlready() {
  if (!field.value) return {};
  pristine = false;
  return { text: field.value };
}

const tell = (/** @type {string} */ text) => slot("said").replaceChildren(h("p.told", text));

async function start() {
  explain(slot("marking"));
  const { work: kept, experiment } = remembered();
  if (kept) {
    pristine = false;
    show({ ...EMPTY, ...kept });
  } else show({ ...(experiment ? EMPTY : EXAMPLE), ...typedAlready() });
  if (experiment) tell(TEXT.check.takingGivens);
  const api = createApi(API);
  let source = "";
  try {
    catalog = await api.catalog();
    if (experiment) {
      const taken = await experimentGivens(api, experiment);
      show({ ...EMPTY, ...taken.work });
      pristine = false;
      source = taken.source;
    }
  } catch (error) {
    say(error);
  }
  if (work.from) set(slot("explore"), { href: `${ROOT}#${work.from}` });
  await read();
  if (source) tell(source);
  // the page was left for another one and comes back, or is loaded again
  if (kept && !experiment && wasMarked(work)) await checkNow({ scroll: false });
  if (experiment && work.from) {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
  if (pristine) tell(TEXT.check.example);
  document.body.dataset.ready = "true";
}

start();

/**
 * The question below a right answer, once; later what is remembered, with a way to forget it.
 * @param {Check} result @param {() => void} again checks again with what was answered
 * @returns {HTMLElement | null}
 */
function courseQuestion({ settings, verdict }, again) {
  const conventions = course();
  if (conventions)
    return h(
      "p.aside.course[data-note=course]",
      TEXT.check.courseKept(TEXT.check.convention3(conventions)),
      " ",
      button("forget-course.quiet", TEXT.check.forgetCourse, () => {
        forgetCourse();
        again();
      }),
    );
  if (courseAsked() || !settings || !["correct", "other_convention"].includes(verdict)) return null;
  const { reduction, convention, step } = settings;
  const kind = { reduction, convention, step };
  const element = h(
    "p.aside.course[data-note=course]",
    TEXT.check.courseAsked(TEXT.check.convention3(kind)),
    " ",
    button("keep-course.quiet", TEXT.check.keepCourse, () => {
      keepCourse(kind);
      again();
    }),
    button("no-course.quiet", TEXT.check.noCourse, () => {
      keepCourse(null);
      element.remove();
    }),
  );
  return element;
}
