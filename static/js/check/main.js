/**
 * Check my numbers: two text fields, read as one types, and the marking of what was found in them.
 */
import { Lost, Problem, createApi } from "../api.js";
import { h, scrolling, set, slot, write } from "../dom.js";
import { shape as written } from "../format.js";
import { mountTheme } from "../panels/theme.js";
import { createStore } from "../store.js";
import { EMPTY, EXAMPLE } from "./example.js";
import { explorerLinks } from "./explore-link.js";
import { experimentGivens } from "./experiment.js";
import { conventionOf, nameOf, request, roles } from "./givens.js";
import { keep, remembered } from "./keep.js";
import { explain, mark } from "./marking.js";
import { check, parse, working } from "./server.js";
import { mountSnippets } from "./snippets.js";

const TYPING = 350; // ms without a key before a text is read

mountTheme(createStore({ theme: { initial: "auto" } }));
const fields = { givens: document.querySelector("#givens-text"), submitted: document.querySelector("#submitted-text") };
const announce = (text) => write(slot("announce"), text);
const snippets = mountSnippets(slot("snippets"), announce);

/** What was typed and chosen. @type {any} */
const work = { ...EXAMPLE, penalty: null, from: "" };
/** Lines chosen by hand for arrays without a name, by the array itself. @type {Map<string, string>} */
const chosen = new Map();
let catalog = null;
let found = roles([]); // the givens by their roles
/** Recognised lines, later ones winning. @type {Record<string, any>} */
let own = {};
let nameless = 0;
/** @type {{line: number}[]} places of the second text that were not read */
let unread = [];
let reading = Promise.resolve();
let latest = 0;
let timer = 0;
let marked = false;

// ------------------------------------------------------------------ reading the two texts

/** Read both texts; the last call wins. */
function read() {
  clearTimeout(timer);
  const turn = ++latest;
  reading = (async () => {
    try {
      const givens = await parse(work.givens);
      const next = roles(givens.arrays);
      const lines = await parse(work.submitted, Math.min(256, next.layers.length) || undefined);
      if (turn !== latest) return;
      found = next;
      takeWords(givens.words);
      takeConvention();
      showGivens(givens);
      showSubmitted(lines);
      showSettings();
      snippets.show(work, found.layers.length, Object.keys(own));
      remember();
    } catch (error) {
      if (turn === latest) say("submitted", error);
    }
  })();
  return reading;
}

/** Settings that stand in the text: `cost = "mse"`, `activations = [relu, sigmoid]`. */
function takeWords(words) {
  if (!catalog) return;
  for (const [name, list] of Object.entries(words)) {
    if (/^activation/.test(name)) {
      const known = list.map((word) => nameOf(word, catalog.activations));
      if (known.every(Boolean) && !/_der/.test(name)) work.activations = known;
    }
    const table = { cost: "costs", loss: "costs", reduction: "reductions", convention: "conventions" }[name];
    const one = table && nameOf(list[0], catalog[table]);
    if (one) work[name === "loss" ? "cost" : name] = one;
  }
}

let turned = "";
function takeConvention() {
  const fitting = conventionOf(found, work.convention);
  turned = fitting === work.convention ? turned : fitting;
  work.convention = fitting;
}

const chip = (name, piece, more = {}) => h("li", { class: "chip", ...more }, h("code", {}, name), piece ? h("span", { class: "shape" }, written(piece.shape)) : null);

/** Places of what was not read, said as places. */
const places = (unread) =>
  unread.length ? h("ul", { class: "unread" }, unread.map(({ line, column, message }) => h("li", {}, h("strong", {}, `Line ${line}, column ${column}: `), `${message}.`))) : null;

function showGivens({ unread }) {
  const chips = [
    ...found.layers.flatMap(({ W, b }, k) => [W && chip(`W${k + 1}`, W), b && chip(`b${k + 1}`, b)]),
    found.x && chip("x", found.x),
    found.target && chip("target", found.target),
    ...found.other.map((piece) => chip(piece.name ?? "an array without a name", piece, { "data-state": "unused", title: "not used" })),
  ].filter(Boolean);
  const missing = found.missing.length && work.givens.trim() ? h("p", { class: "lacking" }, "Still needed: ", found.missing.slice(0, 6).flatMap((name, k) => [k ? ", " : "", h("code", {}, name)])) : null;
  const convention = turned && turned === work.convention ? h("p", { class: "told" }, turned === "column" ? "W is (n_out, n_in) here, so the convention is column." : "W is (n_in, n_out) here, so the convention is row.") : null;
  slot("givens-read").replaceChildren(...[chips.length ? h("ul", { class: "chips", "aria-label": "Recognised" }, chips) : null, missing, convention, places(unread)].filter(Boolean));
}

/** Lines that can be chosen for an array without a name. */
function lineIds() {
  const depth = Math.max(1, found.layers.length);
  const each = (make) => Array.from({ length: depth }, (_, k) => make(k + 1)).flat();
  return [...each((k) => [`z${k}`, `a${k}`]), "C", ...each((k) => [`dC_da${k}`, `dC_dz${k}`, `dC_dW${k}`, `dC_db${k}`]).reverse(), ...(work.rate.trim() ? each((k) => [`W${k}_next`, `b${k}_next`]) : [])];
}

function showSubmitted({ arrays, unread: now }) {
  unread = now;
  own = {};
  nameless = 0;
  const twice = new Set();
  const seen = new Set();
  const chips = arrays.map((piece) => {
    const key = JSON.stringify(piece.value);
    const id = chosen.get(key) ?? piece.as ?? (piece.name && !piece.guessed && !found.layers.length ? piece.name : null);
    if (!id) {
      if (seen.has(key)) return null; // the same array again, printed to compare
      nameless += 1;
      return unknown(piece, key);
    }
    if (id in own && JSON.stringify(own[id]) !== key) twice.add(id);
    seen.add(key);
    own[id] = piece.value;
    return chip(id, piece, { "data-state": piece.guessed ? "guessed" : null, title: piece.guessed ? "printed without a name: taken in the order W, b of each layer" : null });
  });
  const guessed = arrays.some((piece) => piece.guessed && piece.as);
  const parts = [
    arrays.length ? h("ul", { class: "chips", "aria-label": "Recognised" }, chips.filter(Boolean)) : null,
    guessed ? h("p", { class: "told" }, "Arrays without a name are taken as the gradients of W and b, layer by layer.") : null,
    twice.size ? h("p", { class: "told" }, `${[...twice].join(", ")} stands here twice with different numbers; the later one counts.`) : null,
    places(unread),
  ];
  slot("submitted-read").replaceChildren(...parts.filter(Boolean));
}

/** An array of which nobody knows what it is: choose. */
function unknown(piece, key) {
  const name = piece.name && !piece.guessed ? piece.name : null;
  const select = h("select", { "aria-label": `Which line is ${name ?? `the array in line ${piece.at_line}`}?` }, h("option", { value: "" }, "which line?"), lineIds().map((id) => h("option", { value: id }, id)));
  select.addEventListener("change", () => {
    chosen.set(key, select.value);
    read();
  });
  return h("li", { class: "chip", "data-state": "unknown" }, name ? h("code", {}, name) : h("span", {}, `line ${piece.at_line}`), h("span", { class: "shape" }, written(piece.shape)), select);
}

// ------------------------------------------------------------------ settings

function menu(title, entries, value, change, attributes = {}) {
  const select = h("select", attributes, entries.map((entry) => h("option", { value: entry.name, title: entry.description }, entry.title ?? entry.name)));
  select.value = value;
  select.addEventListener("change", () => change(select.value));
  return h("label", { class: "setting" }, h("span", {}, title), select);
}

let settingsKey = "";
function showSettings() {
  if (!catalog) return;
  const depth = Math.max(1, found.layers.length);
  const key = JSON.stringify([depth, work.activations, work.convention, work.cost, work.reduction, work.rate, work.penalty]);
  if (key === settingsKey) return;
  settingsKey = key;
  const chosenAt = document.activeElement?.getAttribute("data-field");
  const setTo = (name) => (value) => {
    work[name] = value;
    if (name === "convention") turned = "";
    if (name === "cost" || name === "penalty") work.from = "";
    read();
  };
  const activations = Array.from({ length: depth }, (_, k) => {
    const change = (value) => {
      work.activations = Array.from({ length: depth }, (_, i) => (i === k ? value : (work.activations[i] ?? "sigmoid")));
      work.from = "";
      read();
    };
    return menu(`layer ${k + 1}`, catalog.activations, work.activations[k] ?? "sigmoid", change, { "data-field": `activation.${k}` });
  });
  const rate = h("input", { type: "text", inputmode: "decimal", value: work.rate, placeholder: "none", "data-field": "rate", size: "6" });
  rate.addEventListener("change", () => setTo("rate")(rate.value));
  const names = catalog.conventions.map((entry) => ({ ...entry, title: entry.name }));
  const penalty = work.penalty && (work.penalty.l1 || work.penalty.l2) ? h("p", { class: "told" }, `Penalty: l1 ${work.penalty.l1}, l2 ${work.penalty.l2}. `, h("button", { type: "button", class: "quiet", onclick: () => setTo("penalty")(null) }, "leave it out")) : null;
  slot("settings").replaceChildren(
    h("div", { class: "settings-row", role: "group", "aria-label": "Activations" }, h("span", { class: "tag" }, "activation"), activations),
    h(
      "div",
      { class: "settings-row", role: "group", "aria-label": "Cost and convention" },
      menu("cost", catalog.costs, work.cost, setTo("cost"), { "data-field": "cost" }),
      menu("reduced by", catalog.reductions, work.reduction, setTo("reduction"), { "data-field": "reduction" }),
      menu("convention", names, work.convention, setTo("convention"), { "data-field": "convention" }),
      h("label", { class: "setting", title: "For the lines of an update, W1_next and so on" }, h("span", {}, "learning rate"), rate),
    ),
    ...(penalty ? [penalty] : []),
  );
  if (chosenAt) document.querySelector(`.settings [data-field="${chosenAt}"]`)?.focus();
}

// ------------------------------------------------------------------ marking

/** @param {"givens" | "submitted"} where @param {any} what an error, text, or nothing */
function say(where, what) {
  const root = slot(`${where}-said`);
  if (!what) return root.replaceChildren();
  const errors = what instanceof Problem && what.errors.length ? what.errors : [{ field: "", message: what.message ?? what }];
  root.replaceChildren(
    h("ul", { class: "unread" }, errors.map(({ field, message }) => h("li", {}, field ? h("strong", {}, `${field.replace(/^body\.|^submitted\./, "")}: `) : null, message))),
  );
  announce(errors.map(({ field, message }) => `${field} ${message}`).join("; "));
  if (!(what instanceof Problem || what instanceof Lost || typeof what === "string")) console.error(what);
}

async function checkNow() {
  await read();
  say("givens", null);
  say("submitted", null);
  if (found.missing.length) return say("givens", `There is no ${found.missing.join(", no ")} yet.`);
  if (!Object.keys(own).length) return say("submitted", nameless ? "Choose which line each array is, or write a name and = in front of it." : "There are no numbers to check yet.");
  const button = document.querySelector('[data-action="check"]');
  set(button, { "aria-busy": "true" });
  write(button, "Checking …");
  try {
    const givens = request(found, work);
    const mine = { ...own };
    const [result, trace] = await Promise.all([check(givens, mine), working(givens, Object.keys(mine))]);
    const titles = Object.fromEntries((catalog?.misconceptions ?? []).map(({ name, title }) => [name, title]));
    const first = mark(slot("marking"), { result, trace, own: canonical(mine, result), titles, link: explorerLinks(work, givens, catalog) });
    marked = true;
    mentionUnread();
    document.querySelector('[data-panel="marking"]').classList.remove("stale");
    reveal(first);
    announce(result.summary);
  } catch (error) {
    const field = error instanceof Problem ? (error.errors[0]?.field ?? "") : "submitted";
    say(/^(body\.)?submitted/.test(field) ? "submitted" : "givens", error);
  } finally {
    set(button, { "aria-busy": null });
    write(button, "Check my numbers");
  }
}

/** What was not read was not marked: say so where the marks are. */
function mentionUnread() {
  const lines = [...new Set(unread.map(({ line }) => line))];
  if (!lines.length) return;
  const where = lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.slice(0, 12).join(", ")}`;
  document.querySelector(".lines-marked").before(h("p", { class: "aside", "data-note": "unread" }, h("strong", {}, "Not marked. "), `In ${where} of what you found stands something that is no array; the reasons stand below the text.`));
}

/** Names that the checker knows under another id keep their numbers. */
const canonical = (mine, result) => Object.fromEntries(Object.entries(mine).filter(([id]) => result.lines[id]));

/** Scroll to the first wrong line if it is not on screen; to the outcome if all is right. */
function reveal(first) {
  const panel = document.querySelector('[data-panel="marking"]');
  const target = first ?? panel;
  const { top, bottom } = target.getBoundingClientRect();
  const outcome = panel.getBoundingClientRect().top;
  const smooth = scrolling();
  if (top >= 0 && bottom <= innerHeight) return;
  // both the outcome and the line, if they fit
  if (bottom - outcome < innerHeight - 24) scrollTo({ top: scrollY + outcome - 12, behavior: smooth });
  else target.scrollIntoView({ block: first ? "center" : "start", behavior: smooth });
}

// ------------------------------------------------------------------ the page

let pristine = true;
function remember() {
  keep(work, pristine);
}

function show(next) {
  Object.assign(work, { penalty: null, from: "" }, next);
  turned = "";
  fields.givens.value = work.givens;
  fields.submitted.value = work.submitted;
}

for (const [name, field] of Object.entries(fields)) {
  field.addEventListener("input", () => {
    pristine = false;
    work[name] = field.value;
    if (name === "givens") work.from = ""; // another network than the experiment's
    if (marked) document.querySelector('[data-panel="marking"]').classList.add("stale");
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
    pristine = false;
    marked = false;
    explain(slot("marking"));
    read();
    fields.givens.focus();
  },
  skip(event) {
    event.preventDefault(); // the address holds the work
    document.querySelector("#marking").focus();
  },
};
for (const [name, run] of Object.entries(actions)) document.querySelector(`[data-action="${name}"]`).addEventListener("click", run);

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
  if (experiment) slot("givens-said").replaceChildren(h("p", { class: "told" }, "Taking the givens from the experiment …"));
  const api = createApi("/api/v1");
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
  if (work.from) set(slot("explore"), { href: `/#${work.from}` });
  await read();
  if (experiment && work.from) fields.submitted.focus();
  if (pristine) slot("givens-said").replaceChildren(h("p", { class: "told" }, "An example to try: the course's one-layer network, with one mistake planted in the working. Paste your own over it."));
  document.body.dataset.ready = "true";
}

start();
