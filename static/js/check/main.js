/**
 * Check my numbers: two text fields, read as one types, and the marking of what was found in them.
 */

import { API, ROOT } from "../core/root.js";
import { createApi, Lost, Problem } from "../server/api.js";
import { check, working } from "../server/checks.js";
import { createStore } from "../state/store.js";
import { h, scrolling, set, slot, write } from "../ui/dom.js";
import { explain, mark } from "../ui/marking.js";
import { mountTheme } from "../ui/theme.js";
import { EMPTY, EXAMPLE } from "./example.js";
import { experimentGivens } from "./experiment.js";
import { explorerLinks } from "./explore-link.js";
import { rateOf, request } from "./givens.js";
import { keep, remembered } from "./keep.js";
import { createReading } from "./reading.js";
import { createSettings } from "./settings.js";
import { mountSnippets } from "./snippets.js";

const TYPING = 350; // ms without a key before a text is read

mountTheme(createStore({ theme: { initial: "auto" } }));
const fields = {
  givens: document.querySelector("#givens-text"),
  submitted: document.querySelector("#submitted-text"),
};
const panel = document.querySelector('[data-panel="marking"]');
const announce = (text) => write(slot("announce"), text);
const snippets = mountSnippets(slot("snippets"), announce);

/** What was typed and chosen. @type {any} */
const work = { ...EXAMPLE, penalty: null, from: "" };
let pristine = true; // the page is as it opens for everybody
let edition = 0; // counts changes of what is to be marked
let asked = 0; // counts checks: an answer to an older one is no longer wanted
let marked = false;
let catalog = null;
let timer = 0;

const reading = createReading(work, { onRead: shown, onChoice: changedNow });
const settings = createSettings(work, (name) => {
  if (name === "convention") reading.forgetConvention();
  changedNow();
});

function read() {
  clearTimeout(timer);
  return reading.again(catalog);
}

/** What is marked is no longer what stands here. */
function changed() {
  pristine = false;
  edition += 1;
  panel.classList.toggle("stale", marked);
}

function changedNow() {
  changed();
  read();
}

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

/** @param {"givens" | "submitted"} where @param {any} what an error, text, or nothing */
function say(where, what) {
  const root = slot(`${where}-said`);
  if (!what) return root.replaceChildren();
  const errors =
    what instanceof Problem && what.errors.length
      ? what.errors
      : [{ field: "", message: what.message ?? what }];
  root.replaceChildren(
    h(
      "ul",
      { class: "unread" },
      errors.map(({ field, message }) =>
        h(
          "li",
          {},
          field ? h("strong", {}, `${field.replace(/^body\.|^submitted\./, "")}: `) : null,
          message,
        ),
      ),
    ),
  );
  announce(errors.map(({ field, message }) => `${field} ${message}`).join("; "));
  if (!(what instanceof Problem || what instanceof Lost || typeof what === "string"))
    console.error(what);
}

async function checkNow() {
  const mine = ++asked;
  say("givens", null);
  say("submitted", null);
  await read();
  const { found, own, nameless, unread, refused } = reading.read;
  if (mine !== asked || refused) return;
  if (Number.isNaN(rateOf(work))) return document.querySelector('[data-field="rate"]').focus();
  if (found.missing.length) return say("givens", `There is no ${found.missing.join(", no ")} yet.`);
  if (!Object.keys(own).length)
    return say(
      "submitted",
      nameless
        ? "Choose which line each array is, or write a name and = in front of it."
        : "There are no numbers to check yet.",
    );
  const sent = edition;
  const button = document.querySelector('[data-action="check"]');
  set(button, { "aria-busy": "true" });
  write(button, "Checking …");
  try {
    const givens = request(found, work);
    const link = explorerLinks(work, givens, catalog);
    const [result, trace] = await Promise.all([
      check(givens, own),
      working(givens, Object.keys(own)),
    ]);
    if (mine !== asked) return;
    const titles = Object.fromEntries(
      (catalog?.misconceptions ?? []).map(({ name, title }) => [name, title]),
    );
    const first = mark(slot("marking"), {
      result,
      trace,
      own: canonical(own, result),
      titles,
      link,
    });
    marked = true;
    mentionUnread(unread);
    panel.classList.toggle("stale", edition !== sent);
    reveal(first);
    announce(result.summary);
  } catch (error) {
    if (mine !== asked) return;
    const field = error instanceof Problem ? (error.errors[0]?.field ?? "") : "submitted";
    say(/^(body\.)?submitted/.test(field) ? "submitted" : "givens", error);
  } finally {
    set(button, { "aria-busy": null });
    write(button, "Check my numbers");
  }
}

/** What was not read was not marked: say so where the marks are. */
function mentionUnread(unread) {
  const lines = [...new Set(unread.map(({ line }) => line))];
  if (!lines.length) return;
  const where = lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.slice(0, 12).join(", ")}`;
  document
    .querySelector(".lines-marked")
    .before(
      h(
        "p",
        { class: "aside", "data-note": "unread" },
        h("strong", {}, "Not marked. "),
        `Parts of your text in ${where} were not read; the reasons stand below the text.`,
      ),
    );
}

/** Names that the checker knows under another id keep their numbers. */
const canonical = (mine, result) =>
  Object.fromEntries(Object.entries(mine).filter(([id]) => result.lines[id]));

/** Scroll to the first wrong line if it is not on screen; to the outcome if all is right. */
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

function show(next) {
  Object.assign(work, { penalty: null, from: "" }, next);
  reading.forgetConvention();
  fields.givens.value = work.givens;
  fields.submitted.value = work.submitted;
}

for (const [name, field] of Object.entries(fields)) {
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
  check: checkNow,
  parse: read,
  example() {
    show(EXAMPLE);
    return checkNow();
  },
  clear() {
    show(EMPTY);
    asked += 1;
    marked = false;
    explain(slot("marking"));
    say("givens", null);
    say("submitted", null);
    changedNow();
    fields.givens.focus();
  },
  skip(event) {
    event.preventDefault(); // the address holds the work
    document.querySelector("#marking").focus();
  },
};
for (const [name, run] of Object.entries(actions))
  document.querySelector(`[data-action="${name}"]`).addEventListener("click", run);

/** What somebody quick typed before this script had come. */
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
  if (experiment)
    slot("givens-said").replaceChildren(
      h("p", { class: "told" }, "Taking the givens from the experiment …"),
    );
  const api = createApi(API);
  try {
    catalog = await api.catalog();
    if (experiment) {
      const given = await experimentGivens(api, experiment);
      const { source, ...next } = given;
      const others = kept && kept.submitted !== EXAMPLE.submitted ? (kept.submitted ?? "") : "";
      show({ ...EMPTY, ...next, submitted: others });
      pristine = false;
      slot("givens-said").replaceChildren(h("p", { class: "told" }, source));
    }
  } catch (error) {
    say("givens", error);
  }
  if (work.from) set(slot("explore"), { href: `${ROOT}#${work.from}` });
  await read();
  if (experiment && work.from) fields.submitted.focus();
  if (pristine)
    slot("givens-said").replaceChildren(
      h(
        "p",
        { class: "told" },
        "An example to try: the course's one-layer network, with one mistake planted in the working. Paste your own over it.",
      ),
    );
  document.body.dataset.ready = "true";
}

start();
