/** Check my numbers: two text fields, read while typing, and the marking of what was found. */

import { API, ROOT } from "../core/root.js";
import { createApi, Lost, Problem } from "../server/api.js";
import { check, working } from "../server/checks.js";
import { createStore, TABLE } from "../state/store.js";
import { TEXT } from "../text/en.js";
import { find, h, scrolling, set, slot, write } from "../ui/dom.js";
import { explain, mark } from "../ui/marking.js";
import { mountNotice } from "../ui/notice.js";
import { mountTheme } from "../ui/theme.js";
import { EMPTY, EXAMPLE } from "./example.js";
import { experimentGivens } from "./experiment.js";
import { explorerLinks } from "./explore-link.js";
import { rateOf, request } from "./givens.js";
import { keep, keepMarked, remembered, wasMarked } from "./keep.js";
import { createReading } from "./reading.js";
import { activationsOf, createSettings } from "./settings.js";
import { mountSnippets } from "./snippets.js";

const TYPING = 350; // ms without a key before a text is read

const store = createStore({ theme: TABLE.theme, failure: TABLE.failure });
mountTheme(store);
mountNotice(store);
const fields = {
  givens: find("#givens-text", HTMLTextAreaElement),
  submitted: find("#submitted-text", HTMLTextAreaElement),
};
/** @type {("givens" | "submitted")[]} */
const NAMES = ["givens", "submitted"];
const panel = find('[data-panel="marking"]', HTMLElement);
// shown by the style sheet while the panel has the class "stale"
find(".sheet-head", HTMLElement, panel).dataset.stale = TEXT.check.changedSince;
/** @param {string} text */
const announce = (text) => write(slot("announce"), text);
const snippets = mountSnippets(slot("snippets"), announce);

/** @type {import("./keep.js").Work} */
const work = { ...EXAMPLE };
let pristine = true; // the page is as it opens
let edition = 0; // counts changes of the input
let checkCount = 0; // only the answer to the newest check is shown
let marked = false;
/** @type {import("../core/wire.js").Catalog | null} */
let catalog = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const reading = createReading(work, { onRead: shown, onChoice: changedNow });
const settings = createSettings(work, (name) => {
  if (name === "convention") reading.forgetConvention();
  changedNow();
});

function read() {
  clearTimeout(timer);
  return reading.readTexts(catalog);
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

/** @type {"givens" | "submitted" | null} */
let refusedAt = null;
function shown() {
  const { found, own, refused } = reading.read;
  if (refusedAt) say(refusedAt, null);
  refusedAt = refused?.where ?? null;
  if (refused) say(refused.where, refused.error);
  if (catalog) settings.show(found.layers.length, catalog);
  snippets.show(work, found.layers.length, Object.keys(own));
  keep(work, pristine);
}

// ------------------------------------------------------------------ marking

/** @param {"givens" | "submitted"} where @param {unknown} what an error, text, or nothing */
function say(where, what) {
  const root = slot(`${where}-said`);
  if (!what) return root.replaceChildren();
  const errors =
    what instanceof Problem && what.errors.length
      ? what.errors
      : [{ field: "", message: what instanceof Error ? what.message : String(what) }];
  root.replaceChildren(
    h(
      "ul.unread",
      errors.map(({ field, message }) =>
        h(
          "li",
          field ? h("strong", `${field.replace(/^body\.|^submitted\./, "")}: `) : null,
          message,
        ),
      ),
    ),
  );
  announce(errors.map(({ field, message }) => `${field} ${message}`).join("; "));
  if (!(what instanceof Problem || what instanceof Lost || typeof what === "string"))
    console.error(what);
}

/** @param {{scroll?: boolean}} [options] */
async function checkNow({ scroll = true } = {}) {
  const mine = ++checkCount;
  say("givens", null);
  say("submitted", null);
  await read();
  const { found, own, nameless, unread, refused } = reading.read;
  if (mine !== checkCount || refused) return;
  if (Number.isNaN(rateOf(work))) return find('[data-field="rate"]', HTMLInputElement).focus();
  if (found.missing.length) return say("givens", TEXT.check.noneYet(found.missing));
  if (!Object.keys(own).length)
    return say("submitted", nameless ? TEXT.check.chooseOrName : TEXT.check.noNumbers);
  const sent = edition;
  const button = find('[data-action="check"]', HTMLButtonElement);
  set(button, { "aria-busy": "true" });
  write(button, TEXT.check.checking);
  try {
    const givens = request(found, work);
    const link = explorerLinks(work, givens, catalog);
    const [result, trace] = await Promise.all([
      check(givens, own),
      working(givens, Object.keys(own)),
    ]);
    if (mine !== checkCount) return;
    const titles = Object.fromEntries(
      (catalog?.misconceptions ?? []).map(({ name, title }) => [name, title]),
    );
    const first = mark(slot("marking"), {
      result,
      trace,
      own: canonical(own, result),
      titles,
      link,
      take: takeActivations,
    });
    marked = true;
    mentionUnread(unread);
    panel.classList.toggle("stale", edition !== sent);
    keepMarked(work);
    if (scroll) reveal(first);
    announce(result.summary);
  } catch (error) {
    if (mine !== checkCount) return;
    const field = error instanceof Problem ? (error.errors[0]?.field ?? "") : "submitted";
    say(/^(body\.)?submitted/.test(field) ? "submitted" : "givens", error);
  } finally {
    set(button, { "aria-busy": null });
    write(button, TEXT.check.checkMyNumbers);
  }
}

/**
 * Mark with other activations, and offer the way back.
 * @param {import("../core/wire.js").LayerActivation[]} activations
 */
async function takeActivations(activations) {
  const { activations: before, from } = work;
  const after = activationsOf(work, reading.read.found.layers.length);
  for (const { layer, activation } of activations) after[layer - 1] = activation;
  await markWith({ activations: after, from: "" });
  const back = h(
    "button.quiet",
    { "data-action": "take-back", onclick: () => markWith({ activations: before, from }) },
    TEXT.marking.takeBack,
  );
  find(".lines-marked", HTMLElement).before(
    h("p.aside", { "data-note": "activations" }, TEXT.marking.activationsSet(activations), back),
  );
  back.focus({ preventScroll: true });
}

/** @param {Partial<import("./keep.js").Work>} next */
function markWith(next) {
  Object.assign(work, next);
  changed();
  return checkNow();
}

/** Say beside the marks what was not read. @param {{line: number}[]} unread */
function mentionUnread(unread) {
  const lines = [...new Set(unread.map(({ line }) => line))];
  if (!lines.length) return;
  const where = TEXT.check.inLines(lines.slice(0, 12));
  find(".lines-marked", HTMLElement).before(
    h(
      "p.aside",
      { "data-note": "unread" },
      h("strong", TEXT.check.notMarked),
      TEXT.check.partsUnread(where),
    ),
  );
}

/**
 * Only lines that the working has.
 * @param {Record<string, import("../core/wire.js").Nested>} mine
 * @param {import("../core/wire.js").Check} result
 */
const canonical = (mine, result) =>
  Object.fromEntries(Object.entries(mine).filter(([id]) => result.lines[id]));

/**
 * Scroll to the first wrong line if it is not on screen; to the outcome if all is right.
 * @param {HTMLElement | null} first
 */
function reveal(first) {
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

/** @param {Partial<import("./keep.js").Work>} next */
function show(next) {
  Object.assign(work, { penalty: null, from: "" }, next);
  reading.forgetConvention();
  fields.givens.value = work.givens;
  fields.submitted.value = work.submitted;
}

for (const name of NAMES) {
  const field = fields[name];
  field.addEventListener("input", () => {
    changed();
    work[name] = field.value;
    if (name === "givens") work.from = ""; // another network than the experiment's
    clearTimeout(timer);
    timer = setTimeout(read, TYPING);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      checkNow();
    }
  });
}

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
    say("givens", null);
    say("submitted", null);
    changedNow();
    fields.givens.focus();
  },
  /** @param {Event} event */
  skip(event) {
    event.preventDefault(); // the address holds the work
    find("#marking", HTMLElement).focus();
  },
};
for (const [name, run] of Object.entries(actions))
  find(`[data-action="${name}"]`, HTMLElement).addEventListener("click", run);

/** Text that was typed before this script had loaded. */
function typedAlready() {
  const typed = Object.entries(fields).filter(([, field]) => field.value);
  if (typed.length) pristine = false;
  return Object.fromEntries(typed.map(([name, field]) => [name, field.value]));
}

async function start() {
  explain(slot("marking"));
  const { work: kept, experiment } = remembered();
  if (kept) {
    pristine = false;
    show({ ...EMPTY, ...kept });
  } else show({ ...(experiment ? EMPTY : EXAMPLE), ...typedAlready() });
  if (experiment) slot("givens-said").replaceChildren(h("p.told", TEXT.check.takingGivens));
  const api = createApi(API);
  try {
    catalog = await api.catalog();
    if (experiment) {
      const { source, work: next } = await experimentGivens(api, experiment);
      const others = kept && kept.submitted !== EXAMPLE.submitted ? (kept.submitted ?? "") : "";
      show({ ...EMPTY, ...next, submitted: others });
      pristine = false;
      slot("givens-said").replaceChildren(h("p.told", source));
    }
  } catch (error) {
    say("givens", error);
  }
  if (work.from) set(slot("explore"), { href: `${ROOT}#${work.from}` });
  await read();
  // the page was left for another one and comes back, or is loaded again
  if (kept && !experiment && wasMarked(work)) await checkNow({ scroll: false });
  if (experiment && work.from) fields.submitted.focus();
  if (pristine) slot("givens-said").replaceChildren(h("p.told", TEXT.check.example));
  document.body.dataset.ready = "true";
}

start();
