/** The page of one program: its source, its picture, the ribbon and the working of a line. */

import { mountShowLine } from "./classroom/show-line.js";
import { number } from "./core/format.js";
import { mathOf } from "./core/formula.js";
import { fused } from "./core/fused.js";
import { flat } from "./core/lines.js";
import { gradientName } from "./core/names.js";
import {
  cellsOf,
  firstLine,
  foldingOf,
  indexAt,
  isPart,
  openedAtFirst,
  programTrace,
} from "./core/program.js";
import { API } from "./core/root.js";
import { lineOf } from "./core/trace.js";
import { unindexed, wholeOf, withoutRuns } from "./core/whole.js";
import { mountHelp } from "./explorer/help.js";
import { mountRibbon } from "./explorer/ribbon.js";
import { mountWalk } from "./explorer/walk.js";
import { mountWords } from "./explorer/words.js";
import { mountWorking } from "./explorer/working.js";
import { createChips } from "./programs/chips.js";
import { mountCode } from "./programs/code.js";
import { mountGiven } from "./programs/given.js";
import { mountGraph } from "./programs/graph.js";
import { createApi, Problem } from "./server/api.js";
import { createPainter } from "./state/paint.js";
import { createStore, IN_ADDRESS, TABLE } from "./state/store.js";
import { clean, fromHash, toHash } from "./state/url.js";
import { createWalker } from "./state/walker.js";
import { TEXT } from "./text/en.js";
import { PROGRAMS } from "./text/programs.js";
import { copyText } from "./ui/clipboard.js";
import { find, h, patch, set, slot, still, write } from "./ui/dom.js";
import { mountNotice } from "./ui/notice.js";
import { command, mountShortcuts } from "./ui/shortcuts.js";
import { mountTheme } from "./ui/theme.js";

const WRITING = 150; // ms without a change before the address is written

const store = createStore();
const { state } = store;
const painter = createPainter(store);
const api = createApi(API);
const { program: name, graph: graphId } = document.body.dataset;
const session = { go: async () => true };
const player = { pause() {} };
const parts = /** @type {unknown} those that its panels use */ ({
  store,
  painter,
  session,
  player,
  api,
});
const services = /** @type {Services} */ (parts);
/** The working as the server sent it. @type {Trace | null} */
let whole = null;

/** Groups that are open. */
const opened = () => state.open ?? [];
/** The lines of the ribbon, in its order. @type {{of: unknown[], cells: RibbonCell[]}} */
let ribbonOf = { of: [], cells: [] };
function cells() {
  const { folding, line } = state;
  if (!folding || !whole) return [];
  const of = [folding, whole, line];
  if (of.some((each, k) => each !== ribbonOf.of[k]))
    ribbonOf = { of, cells: cellsOf(folding, whole, line, new Set(opened())) };
  return ribbonOf.cells;
}

/** Lines and givens by id, of the working as it came. @type {WeakMap<Trace, Map<string, Given>>} */
const known = new WeakMap();
function valuesOf(/** @type {Trace} */ trace) {
  const values =
    known.get(trace) ?? new Map([...trace.givens, ...trace.lines].map((each) => [each.id, each]));
  known.set(trace, values);
  return values;
}

/** The current line as it is shown: with the expressions of its folded group, or shorter. */
function shownLine() {
  const line = whole && state.folding?.lines.get(state.line);
  if (!line || !whole || !state.folding) return null;
  const other = state.short ? line.also?.[0] : undefined;
  if (other)
    return {
      ...line,
      ...other,
      id: line.id,
      label: line.label,
      places: undefined,
      terms: undefined,
    };
  const { folding } = state;
  const values = valuesOf(whole);
  const fuse = (/** @type {Line} */ inner) => fused(folding.lines, values, inner, isInlined);
  const { isInlined } = folding;
  // an array that a loop fills has the name of the array, not that of the last run
  const named = new Map(values);
  for (const id of folding.wholes.keys())
    for (const each of [id, gradientName(id)]) {
      const array = values.get(each);
      if (array) named.set(each, unindexed(array));
    }
  const all = wholeOf(folding, named, line, (inner) =>
    fused(folding.lines, values, inner, folding.isHidden),
  );
  if (all) return line.line && !line.of ? { ...all, text: textOf(line, line.line) } : all;
  if ((line.sum_of?.length ?? 0) > 4) return { ...line, formula: sumOf(line) };
  const joined = fuse(line);
  const place =
    line.part?.read?.line ?? (line.phase === "backward" ? readerOf(line.of) : line.line);
  if (joined === line) {
    const unnamed = [line.id, ...line.inputs].some((id) =>
      isPart(state.folding?.ownerOf(id) ?? id),
    );
    return unnamed ? { ...line, formula: mathOf(line, values) ?? line.formula } : line;
  }
  return place ? { ...joined, text: textOf(line, place) } : joined;
}

/** The source line that reads a value first. @param {string | null} value */
const readerOf = (value) =>
  value &&
  whole?.lines.find(({ phase, inputs }) => phase !== "backward" && inputs.includes(value))?.line;

/** A source line, or the way back through it. @param {Line} line @param {number} row */
function textOf({ phase, file }, row) {
  const { lines = [] } = state.program?.source ?? {};
  const source = lines.find((other) => other.number === row && (!file || other.file === file));
  const shown = row - (state.program ? firstLine(state.program) : 1) + 1;
  const code = source?.text.trim() ?? "";
  return phase === "backward" ? PROGRAMS.wayBack(shown, code) : PROGRAMS.lineIs(shown, code);
}

/** Of many parts: the sum over the places that read it. @param {Line} line @returns {Formula} */
function sumOf({ symbol, sum_of: parts = [] }) {
  const below = `<mtext>${PROGRAMS.parts(parts.length)}</mtext>`;
  return {
    latex: "",
    mathml: symbol.mathml.replace("<mrow>", `<munder><mo>&#x2211;</mo>${below}</munder><mrow>`),
  };
}

/** The first entry; where that is 0 the largest. @param {Line} line */
function firstEntry({ value, shape }) {
  const entries = flat(value).map((each) => Math.abs(each ?? 0));
  return indexAt(entries[0] ? 0 : entries.indexOf(Math.max(...entries)), shape);
}

/** Fold anew, and write out the current line. */
function refold() {
  if (!whole || !state.program) return;
  const chosen = lineOf(whole, state.line);
  if (chosen && !state.entry && chosen.shape.length) store.set({ entry: firstEntry(chosen) });
  store.set({ folding: foldingOf(state.program, whole, opened(), state.line) });
  const line = shownLine();
  const { folding } = state;
  if (!line || !folding) return;
  const values = valuesOf(whole);
  const filled = [...folding.wholes.keys()].flatMap((id) => values.get(id)?.symbol ?? []);
  const current = { ...line, formula: withoutRuns(line.formula, filled) };
  const lines = whole.lines.map((other) => {
    const shown = other.id === line.id ? current : other;
    return folding.wholes.has(folding.ownerOf(other.id)) ? unindexed(shown) : shown;
  });
  store.set({ trace: { ...whole, lines } });
}
store.on(["line", "open", "short"], refold);

/** @param {string} id of a line @param {number[] | null} entry */
function choose(id, entry) {
  const line = state.folding?.lines.get(id);
  if (!line) {
    // a given has no line: its gradient has
    if (state.folding?.lines.has(gradientName(id))) choose(gradientName(id), entry);
    return;
  }
  store.set({ line: id, entry });
}

function toggle(/** @type {string} */ group) {
  const open = opened();
  store.set({ open: open.includes(group) ? open.filter((id) => id !== group) : [...open, group] });
}

/** The value that a source line assigns, or its gradient in the pass back. @param {number} row */
function chooseRow(row) {
  const { folding, trace, line } = state;
  const back = trace && lineOf(trace, line)?.phase === "backward";
  const values = (whole?.lines ?? []).filter(
    (each) => each.line === row && each.phase !== "backward",
  );
  const shown = values.filter(({ id }) => folding && !folding.isHidden(id));
  const last = shown.at(-1) ?? values.at(-1);
  if (last)
    choose(
      back && folding?.lines.has(gradientName(last.id)) ? gradientName(last.id) : last.id,
      null,
    );
  else if (state.program?.wrt[0]) choose(gradientName(state.program.wrt[0]), null);
}

/** The first line of the working that is shown with a name.
 * @param {ProgramAnswer} answer @param {Trace} trace @param {string[]} open */
function firstNamed(answer, trace, open) {
  const { isHidden } = foldingOf(answer, trace, open);
  return trace.lines.find(({ id }) => !isPart(id) && !isHidden(id))?.id;
}

/** A ready program is read from its beginning; of a recording a gradient is asked for. */
function take(/** @type {ProgramAnswer} */ answer) {
  const trace = programTrace(answer);
  whole = trace;
  const known = (/** @type {string} */ id) => trace.lines.some((line) => line.id === id);
  const groups = new Set(answer.groups.map(({ id }) => id));
  const open = (state.open ?? openedAtFirst(answer, trace)).filter((id) => groups.has(id));
  const first = name ? (firstNamed(answer, trace, open) ?? "") : "";
  const starts = [state.line, first, ...answer.wrt.map(gradientName)];
  store.set({
    ...{ program: answer, trace, open, line: starts.find(known) ?? trace.lines[0].id },
    frame: /** @type {any} any: a program has no layers */ ({ layers: [] }),
    experiment: /** @type {any} any: its name alone is read */ ({
      id: `${answer.source.name} ${state.seed} ${state.sizes}`,
    }),
  });
  refold();
}

/** @type {AbortController | null} */
let asked = null;
async function load() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const path = name ? `/programs/${name}/trace` : `/graphs/${graphId}/trace`;
  const query = name ? { seed: state.seed, sizes: state.sizes } : {};
  try {
    take({
      ...(await api.get(path, { ...query, verify: false }, signal)),
      verification: undefined,
    });
    prove(path, query, signal);
  } catch (error) {
    refused(error);
  }
}

/** The proof takes longer than the lines: it follows them. @param {string} path
 * @param {Query} query @param {AbortSignal} signal */
async function prove(path, query, signal) {
  try {
    const lines = state.program?.cost_line;
    const answer = await api.get(path, { ...query, lines, formulas: "none" }, signal);
    if (!whole || !state.program) return;
    whole = { ...whole, verification: answer.verification };
    store.set({ program: { ...state.program, verification: answer.verification } });
    refold();
  } catch (error) {
    refused(error);
  }
}

/** @param {unknown} error */
function refused(error) {
  if (error instanceof DOMException) return;
  const said = error instanceof Problem ? error.reasons : String(error);
  store.set({ failure: { kind: "error", text: PROGRAMS.cannotShow(said) } });
  if (!whole) write(slot("waiting"), PROGRAMS.cannotShow(said));
}
store.on(["seed", "sizes"], () => whole && load());

// The address is the view.
let timer = 0;
function read(/** @type {string} */ address) {
  const initial = Object.fromEntries(IN_ADDRESS.map((each) => [each, TABLE[each].initial]));
  const { recipe, ...view } = clean(fromHash(address));
  const open = whole && state.program ? openedAtFirst(state.program, whole) : null;
  store.set({ ...initial, line: "", open, ...view });
}
const hash = () => toHash({ ...state, recipe: null });
store.on(IN_ADDRESS, () => {
  clearTimeout(timer);
  if (whole) timer = setTimeout(() => history.replaceState(null, "", `#${hash()}`), WRITING);
});
addEventListener("hashchange", ({ newURL }) => {
  const to = new URL(newURL).hash; // the view before it may be written over the address meanwhile
  if (to.slice(1) !== hash()) read(to);
});

read(location.hash);
const theme = mountTheme(store);
store.on(["theme"], () => painter.redraw());
mountNotice(store);
const help = mountHelp(PROGRAMS.help);
mountWords(services);
const ribbon = mountRibbon(services, {
  head: h("div.numbers-of.fine.soft.side-by-side", h("span")),
  cellsOf: cells,
});
const walker = createWalker(store, { still, lines: () => ({ lines: cells() }) });
mountWalk(store, painter);
const chips = createChips(services);
const working = mountWorking(services, { view: chips });
mountCode(services, chooseRow);
const graph = mountGraph({ store, painter, choose, toggle });

slot("share").addEventListener("click", async () => {
  history.replaceState(null, "", `#${hash()}`);
  const copied = await copyText(location.href);
  write(slot("announce"), copied ? PROGRAMS.linkCopied : location.href);
  write(slot("share"), copied ? PROGRAMS.linkCopied : PROGRAMS.share);
  setTimeout(() => write(slot("share"), PROGRAMS.share), 2000);
});

// On a phone one of picture, code and givens.
for (const tab of document.querySelectorAll("[data-tab]"))
  tab.addEventListener("click", () => {
    const shown = tab.getAttribute("data-tab") ?? "graph";
    find(".desk", HTMLElement).dataset.shown = shown;
    for (const other of document.querySelectorAll("[data-tab]"))
      set(other, { "aria-pressed": String(other === tab) });
  });

painter.add("foot", 0, ({ program, trace }) => {
  if (!program || !trace) return;
  const { verification, cost } = program;
  const checked = Object.values(verification?.autograd?.by_line ?? {});
  const worst = verification?.autograd?.tolerance ?? 0;
  const right = checked.filter((error) => typeof error !== "number" || error <= worst).length;
  const ties = checked.filter((error) => error === "tie").length;
  patch(
    slot("readouts"),
    h("div", h("span.soft", PROGRAMS.cost), h("strong[data-readout=cost]", number(cost))),
    h("div", h("span.soft", PROGRAMS.operations), h("strong", whole?.lines.length ?? 0)),
    h(
      "div",
      h("span.soft", PROGRAMS.proved),
      h(
        "strong[data-readout=proved]",
        { class: right === checked.length ? "all-right" : null },
        checked.length
          ? PROGRAMS.ofAll(right - ties, checked.length) + (ties ? PROGRAMS.ties(ties) : "")
          : verification === undefined
            ? "…"
            : PROGRAMS.notChecked,
      ),
    ),
  );
  for (const each of ["title", "heading"]) write(slot(each), program.source.title);
  write(slot("size"), PROGRAMS.linesOfCode(program.source.lines.length));
});

/** To another part of a gradient with several. @param {number} k */
function path(k) {
  const { folding, line } = state;
  const current = folding?.lines.get(line);
  const parts = current?.part
    ? (folding?.lines.get(current.part.of)?.sum_of ?? [])
    : (current?.sum_of ?? []);
  if (parts[k]) choose(parts[k], state.entry);
}
/** The loop around the current line, or the group that it is in. */
function foldHere() {
  const { folding, line } = state;
  const group = folding?.around(folding.ownerOf(line)).findLast(({ kind }) => kind === "loop");
  if (group) toggle(group.id);
}

const KEYS = PROGRAMS.keys;
const line = (/** @type {number} */ by) => () => ribbon.step(by);
const slice = (/** @type {number} */ by) => () => chips.turn(by);
const walk = (/** @type {Pass} */ pass) => () => walker.toggle(pass);
const nothing = () => store.set({ entry: null, path: [], source: null, projector: false });
/** @type {Command[]} */
const commands = [
  { text: KEYS.line, keys: { ArrowLeft: line(-1), ArrowRight: line(1) } },
  { text: KEYS.forward, keys: { f: walk("forward") }, action: "walk-forward" },
  { text: KEYS.back, keys: { r: walk("backward") }, action: "walk-backward" },
  { text: KEYS.slice, keys: { "<": slice(-1), ">": slice(1) } },
  { text: KEYS.path, keys: Object.fromEntries([0, 1, 2, 3].map((k) => [k + 1, () => path(k)])) },
  { text: KEYS.fold, keys: { u: foldHere } },
  { text: KEYS.short, keys: { j: () => store.set({ short: !state.short }) } },
  { text: KEYS.node, keys: {}, shown: ["Tab", "Enter"] },
  command(TEXT.commands.picture, { v: () => working.enlarge() }, { action: "picture" }),
  command(TEXT.commands.pathBack, { Backspace: () => working.back() }),
  command(TEXT.commands.chooseNothing, { Escape: nothing }),
  command(TEXT.commands.projector, { p: () => store.set({ projector: !state.projector }) }),
  command(TEXT.commands.theme, { t: () => theme.next() }),
  command(TEXT.commands.thisSheet, { "?": () => help.toggle() }, { action: "help" }),
];
const pagePath = name ? `programs/${name}` : `graphs/${graphId}`;
commands.push(...mountShowLine({ api, store }, pagePath, hash));
mountShortcuts(commands);
help.show(commands);
const project = () => set(document.body, { "data-projector": String(state.projector) });
store.on(["projector"], project);
project();

async function start() {
  const [entries] = await Promise.all([
    name ? api.get("/programs").then((answer) => answer.programs) : [],
    load(),
    graph.load(),
  ]);
  mountGiven(
    services,
    entries.find((/** @type {{name: string}} */ each) => each.name === name) ?? null,
  );
  await painter.drawn();
  document.body.dataset.ready = "true";
  await working.loadPictures();
}
start().catch((error) => store.set({ failure: { kind: "error", text: error.message } }));
