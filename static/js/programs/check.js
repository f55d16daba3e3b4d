/**
 * The check of a program: its source with a mark and an array for each line, the inputs that were
 * tried, a result beside the gradient, and one entry as it was written or along its paths.
 */
import { at, flatIndex } from "../core/entries.js";
import { number, shape as written } from "../core/format.js";
import { indexAt, worded } from "../core/program.js";
import { API } from "../core/root.js";
import { createApi, Problem } from "../server/api.js";
import { PROGRAMS } from "../text/programs.js";
import { find, h, patch, s, scrolling, set, slot, write } from "../ui/dom.js";
import { matrixView } from "../ui/matrix.js";
import { openPage } from "../ui/page.js";
import { mountShortcuts } from "../ui/shortcuts.js";
import { arrayShapes, planOf } from "./arrays.js";
import { keywords } from "./code.js";
import { pathGraph } from "./paths.js";
import { windowsOf } from "./windows.js";

/** @typedef {Schemas["ProgramCheckRequest"]} Check @typedef {Schemas["ProgramCheckCase"]} Case */
/** @typedef {Schemas["ProgramCheckResult"]} Result */
/** @typedef {Schemas["CheckedArray"]} Flat an array, row by row */
/** @typedef {Pick<Given, "id" | "value" | "shape"> & {numbers: (number | null)[]}} Shown */

const MARKS = { right: "✓", wrong: "✗", follows: "↳", other: "" };
const FEW = 3; // numbers that stand beside a line
const [ROWS, COLUMNS] = [12, 8]; // of a matrix
const MOST_WRITES = 10;
const SAME = 1e-5; // of the largest entry: numbers that differ by less are equal
const BAR = 44; // px of the largest bar

const TEXTS = PROGRAMS.check;
const store = openPage();
/** @type {Check} */
let check;
/** What is chosen: an input, a line of the source by its place, an entry. */
const view = { at: 0, row: -1, entry: /** @type {number[] | null} */ (null) };

/** @param {string} id @param {Flat} array @returns {Shown | null} */
function shown(id, { shape, numbers }) {
  if (!numbers) return null;
  /** @param {number} depth @param {number} from @returns {any} any: nested as deep as the shape */
  const nested = (depth, from) => {
    const below = shape.slice(depth + 1).reduce((all, n) => all * n, 1);
    return depth === shape.length
      ? numbers[from]
      : Array.from({ length: shape[depth] }, (_, k) => nested(depth + 1, from + k * below));
  };
  return { id, shape, numbers, value: nested(0, 0) };
}

/** @param {Result} result @returns {Shown | null} yours − right, where both have one shape */
function difference({ mine, right, factor = 1 }) {
  if (factor === null) return null;
  if (!right?.numbers || !mine.numbers || mine.shape.join() !== right.shape.join()) return null;
  const numbers = mine.numbers.map((value, k) =>
    value === null ? null : value - (right.numbers?.[k] ?? Number.NaN),
  );
  return shown("difference", { shape: mine.shape, numbers });
}

const largest = (/** @type {(number | null)[]} */ numbers) =>
  numbers.reduce((/** @type {number} */ most, each) => Math.max(most, Math.abs(each ?? 0)), 0);

/** Whether an entry of a difference counts. @param {Result} result */
const differs = ({ mine, right }) => {
  const least = SAME * Math.max(largest(mine.numbers ?? []), largest(right?.numbers ?? []));
  return (/** @type {number | null} */ off) => off === null || !(Math.abs(off) <= least);
};

/** The lines of an input; where it has none those of the submitted input. @param {Case} now */
const linesOf = (now) => (now.lines?.length ? now.lines : (check.cases[0].lines ?? []));

/** Whether a line, an array or a result is of a line. @param {string | null | undefined} file
 * @param {number | null | undefined} number */
const isOf =
  (file, number) =>
  (/** @type {{file: string | null, number?: number, line?: number | null}} */ each) =>
    each.file === file && (each.number ?? each.line) === number;

const isWrong = (/** @type {Result} */ result) => !result.is_right;

/** The result that a line makes: of the first wrong one the first that is wrong. */
function resultOf(/** @type {Case} */ now, /** @type {number} */ row) {
  const line = linesOf(now)[row];
  if (!line) return undefined;
  const results = now.results ?? [];
  const here = results.filter(isOf(line.file, line.number));
  const wrong = isOf(now.file, now.first_wrong)(line) ? results.find(isWrong) : undefined;
  return here.find(isWrong) ?? wrong ?? here[0];
}

/** The entry that differs most. @param {Result} result */
function worstEntry(result) {
  const off = difference(result);
  if (!off) return result.mine.shape.map(() => 0);
  const sizes = off.numbers.map((each) => Math.abs(each ?? 0));
  return indexAt(sizes.indexOf(Math.max(...sizes)), off.shape);
}
/** @param {number} k of an input */
function chooseCase(k) {
  const now = check.cases[k];
  if (!now) return;
  view.at = k;
  const lines = linesOf(now);
  const wrong = lines.findIndex(isOf(now.file, now.first_wrong));
  const result = now.results?.find(isWrong) ?? now.results?.[0];
  const maker = lines.findIndex(isOf(result?.file, result?.line));
  chooseRow(wrong >= 0 ? wrong : maker >= 0 ? maker : view.row);
}
function chooseRow(/** @type {number} */ row) {
  view.row = Math.max(0, Math.min(linesOf(check.cases[view.at]).length - 1, row));
  const result = resultOf(check.cases[view.at], view.row);
  view.entry = result ? worstEntry(result) : null;
  draw();
}
/** To the next line with something to see. @param {number} by */
function step(by) {
  const now = check.cases[view.at];
  const lines = linesOf(now);
  for (let k = view.row + by; k >= 0 && k < lines.length; k += by)
    if (lines[k].status !== "other" || arrayAt(now, k)) return chooseRow(k);
}

/** @param {Case} now @param {number} row */
const arrayAt = (now, row) => {
  const { number, file } = linesOf(now)[row];
  return now.arrays?.find(isOf(file, number));
};

/** @param {Schemas["ProgramCheckArray"]} given */
function besideLine({ name, runs, array }) {
  const table = shown(name, array);
  const size = array.shape.reduce((all, n) => all * n, 1);
  const times = runs > 1 ? TEXTS.times(runs) : "";
  if (!table || !array.shape.length || size <= FEW) {
    const numbers = table?.numbers.map((each) => number(each, 3)).join("  ");
    const text = numbers === undefined ? "" : array.shape.length ? `[${numbers}]` : numbers;
    return [
      times && h("span", times),
      h("span", name),
      h("span.math", text || array.shape.join("×")),
    ];
  }
  const plan = planOf(array.shape, { numbers: 0, room: 18 });
  const svg = s(
    "svg[aria-hidden=true]",
    { width: plan.width, height: Math.min(18, plan.height) },
    arrayShapes(table, { ...plan, slices: 1, height: Math.min(18, plan.height) }, 0, 0),
  );
  return [times && h("span", times), h("span", `${name} ${array.shape.join("×")}`), svg];
}

function drawCode() {
  const now = check.cases[view.at];
  const lines = linesOf(now);
  const indent = Math.min(
    ...lines.map(({ text }) => (text.trim() ? text.length - text.trimStart().length : 99)),
  );
  const several = new Set(lines.map(({ file }) => file)).size > 1;
  patch(
    slot("code"),
    lines.map((line, k) => {
      const array = now.lines?.length ? arrayAt(now, k) : undefined;
      const title = several && line.file !== lines[k - 1]?.file ? line.file : null;
      return h(
        "li",
        { class: line.number > (lines[k - 1]?.number ?? line.number) + 1 ? "apart" : null },
        title ? h("span.soft.fine.code-file", title.split(/[\\/]/).at(-1)) : null,
        h(
          "button.check-line",
          {
            ...{ "data-source-line": line.number, "data-status": line.status },
            ...{ "aria-current": k === view.row ? "step" : null, title: line.note || null },
            onclick: () => chooseRow(k),
          },
          h("span.check-mark[aria-hidden=true]", MARKS[line.status]),
          h("span.code-number", line.number),
          h("code", keywords(line.text.slice(indent))),
          line.status === "other" ? null : h("span.visually-hidden", TEXTS.status[line.status]),
          array ? h("span.check-array.soft.fine.side-by-side", besideLine(array)) : null,
        ),
      );
    }),
  );
}

/** Whether the submitted input is right, and another one shows a mistake. */
const latent = () =>
  check.verdict === "wrong" ? undefined : check.cases.find(({ verdict }) => verdict === "wrong");

function drawVerdict() {
  const fault = latent();
  const parts = check.cases[0].results?.find((each) => each.parts?.length);
  const missing = parts?.parts?.find((each) => each.missing);
  const title = fault
    ? TEXTS.onlyWith(fault.name)
    : missing
      ? TEXTS.pathMissing(missing.through)
      : TEXTS.verdicts[check.verdict];
  patch(
    slot("verdict"),
    h("h2", title),
    h("p", fault ? fault.summary : check.summary),
    (check.notes ?? []).map((note) => h("p.soft", note)),
  );
  set(slot("verdict"), { "data-verdict": fault ? "wrong" : check.verdict });
}

function drawCases() {
  const { cases } = check;
  const wrong = cases.filter(({ verdict }) => verdict === "wrong").length;
  write(
    slot("cases-said"),
    wrong === cases.length
      ? TEXTS.wrongOnEach
      : check.verdict === "wrong"
        ? TEXTS.wrongOn(wrong, cases.length)
        : TEXTS.casesSaid(cases.length - 1),
  );
  set(slot("cases-section"), { hidden: cases.length < 2 });
  patch(
    slot("cases"),
    cases.map(({ name, about, verdict }, k) =>
      h(
        "button.case",
        {
          ...{ "data-verdict": verdict, "aria-pressed": String(k === view.at), "data-case": k },
          onclick: () => chooseCase(k),
        },
        h("strong", k ? name : TEXTS.yours),
        h(
          "span.case-mark[role=img]",
          { "aria-label": TEXTS.verdicts[verdict] },
          verdict === "wrong" ? "✗" : verdict === "unclear" ? "?" : "✓",
        ),
        h("span.soft", about),
      ),
    ),
  );
}

/** @param {Shown} array @param {string} title @param {"output" | "input"} role @param {((off:
 * number | null) => boolean) | null} wrong of the differences @param {Shown} [off] */
function matrix(array, title, role, wrong, off) {
  const entry = view.entry ?? [];
  const element = matrixView(
    { ...array, symbol: worded(title) },
    {
      ...{ role, rows: ROWS, columns: COLUMNS, name: title, derived: true, rowVectors: true },
      ...{ keep: [entry], leading: entry.length > 2 ? entry.slice(0, -2) : undefined },
    },
  );
  for (const cell of element.querySelectorAll("[data-index]")) {
    const index = (cell.getAttribute("data-index") ?? "").split(",").map(Number);
    const isChosen = index.join() === entry.join();
    cell.classList.toggle("chosen", isChosen);
    if (wrong && off && wrong(at(off.value, index))) cell.classList.add("differs");
    set(cell, { tabindex: isChosen && role === "output" ? "0" : "-1" });
  }
  return element;
}

const sign = (/** @type {string} */ text) => h("span.operator", text);

/** What the program calls a result. @param {Result} result */
function nameOf({ path, mine, line, file }) {
  const result = check.cases[view.at].arrays?.find(isOf(file, line));
  const named = result?.array.shape.join() === mine.shape.join() ? result.name : path;
  return named.startsWith("[") ? TEXTS.result(named) : named;
}

/** What stands beside a result. @param {Result} result */
const gradientOf = ({ parameter, factor }) =>
  `${(factor ?? 1) === 1 ? "" : `${number(factor ?? 1)} `}∂C/∂${parameter}`;

/** @param {Result} result */
function comparison(result) {
  const mine = shown("yours", result.mine);
  const right = result.right && shown("right", result.right);
  const off = difference(result);
  const wrong = result.is_right || !off ? null : differs(result);
  if (!mine) return [h("p.soft", TEXTS.large(written(result.mine.shape)))];
  return [
    h(
      "div.yours-right.side-by-side.wraps",
      matrix(mine, `${TEXTS.yours}  ${nameOf(result)}`, "output", wrong, off ?? undefined),
      right && [
        off ? sign("−") : result.is_right ? null : sign("≠"),
        matrix(right, `${TEXTS.right}  ${gradientOf(result)}`, "input", null),
      ],
      off ? [sign("="), matrix(off, TEXTS.difference, "input", wrong, off)] : null,
    ),
    result.right ? null : h("p.soft", TEXTS.hidden),
  ];
}

/** @param {number} value @param {number} most */
function bar(value, most) {
  const width = most ? (BAR * Math.abs(value)) / most : 0;
  return s(
    "svg.write-bar[aria-hidden=true]",
    { width: 2 * BAR, height: 14 },
    s("rect", {
      class: value < 0 ? "below" : "above",
      ...{ x: value < 0 ? BAR - width : BAR, y: 1, width, height: 12 },
    }),
    s("line", { x1: BAR, x2: BAR, y1: 0, y2: 14 }),
  );
}

/** @param {string} of @param {number} value @param {string} note @param {number} most
 * @param {string} [kind] @param {Child} [icon] */
const row = (of, value, note, most, kind = "", icon = null) =>
  h(
    "tr",
    { class: kind || null },
    h("th[scope=row]", icon, of),
    h("td.math", h(kind === "over" ? "s" : "span", number(value))),
    h("td", bar(value, most)),
    h("td", note),
  );

/** One entry in the order in which the program wrote it. @param {Result} result */
function writes(result) {
  const place = flatIndex(view.entry ?? [], result.mine.shape);
  const windows = windowsOf(result, view.entry ?? [], nameOf(result), placeOf(result));
  const covering = windows.covering.map((write) => {
    const { run, entries, numbers, added } = write;
    return { run, value: numbers[entries.indexOf(place)], added, icon: windows.icon(write) };
  });
  if (covering.length < 1 || !view.entry?.length) return null;
  const right = result.right?.numbers?.[place];
  const mine = result.mine.numbers?.[place] ?? 0;
  const most = largest([...covering.map(({ value }) => value), right ?? 0, mine]);
  const last = covering.findLastIndex(({ added }) => !added);
  const sum = covering.reduce((all, { value }) => all + value, 0);
  const adds = right !== undefined && right !== null && Math.abs(sum - right) <= SAME * most;
  const left = covering.length - MOST_WRITES;
  return h(
    "div.entry-windows",
    windows.drawn(),
    h(
      "section.entry-written",
      h("h3", TEXTS.writtenInOrder(placeOf(result))),
      h(
        "table",
        h(
          "tbody",
          left > 0 && h("tr", h("th[colspan=4]", TEXTS.earlier(left))),
          covering.slice(-MOST_WRITES).map(({ run, value, added, icon }, j) => {
            const k = j + Math.max(0, left);
            const names = Object.entries(run).map(([name, at]) => `${name} = ${at}`);
            const of = names.join(", ") || TEXTS.write(k + 1);
            const over = k < last;
            const note = over ? TEXTS.writtenOver : added ? TEXTS.added : TEXTS.stays;
            return row(of, value, note, most, over ? "over" : "", icon);
          }),
        ),
        h(
          "tfoot",
          right === undefined || right === null
            ? null
            : row(adds ? TEXTS.rightAll(covering.length) : TEXTS.right, right, "", most, "right"),
          row(TEXTS.yours, mine, "", most, result.is_right ? "" : "wrong"),
        ),
      ),
    ),
  );
}

/** The chosen entry of the gradient. @param {Result} result */
const placeIn = ({ parameter }) =>
  `∂C/∂${parameter}${view.entry?.length ? `[${view.entry.join(", ")}]` : ""}`;

const placeOf = (/** @type {Result} */ result) =>
  `${nameOf(result)}${view.entry?.length ? `[${view.entry.join(", ")}]` : ""}`;

/** What comes back along each path. @param {Result} result */
function paths(result) {
  const all = result.parts ?? [];
  if (!all.length) return null;
  const [{ array }] = all;
  const whole = result.parts_of === result.parameter;
  const place = whole ? flatIndex(view.entry ?? [], result.mine.shape) : 0;
  const index = indexAt(place, array.shape);
  const parts = all.map((part) => ({ ...part, value: part.array.numbers?.[place] ?? 0 }));
  const sum = parts.reduce((total, { value }) => total + value, 0);
  const kept = parts.reduce((total, { value, missing }) => total + (missing ? 0 : value), 0);
  const most = largest([...parts.map(({ value }) => value), sum]);
  return h(
    "section.entry-written",
    h(
      "h3",
      TEXTS.pathsOf(
        `∂C/∂${result.parts_of}${index.length ? `[${index.join(", ")}]` : ""}`,
        parts.length,
      ),
    ),
    h(
      "table",
      h(
        "tbody",
        parts.map(({ through, line, value, missing }) =>
          row(
            TEXTS.through(through, line ?? 0),
            value,
            missing ? TEXTS.notInYours : "✓",
            most,
            missing ? "missing" : "",
          ),
        ),
      ),
      h(
        "tfoot",
        row(TEXTS.right, sum, "", most, "right"),
        row(TEXTS.yours, kept, "", most, "wrong"),
      ),
    ),
  );
}

function drawLine() {
  const now = check.cases[view.at];
  const line = linesOf(now)[view.row];
  const result = resultOf(now, view.row);
  const array = line && now.lines?.length ? arrayAt(now, view.row) : undefined;
  const off = result && !result.is_right ? difference(result) : null;
  const count = off && result ? off.numbers.filter(differs(result)).length : 0;
  const name = view.at ? now.name : TEXTS.yourInput;
  const made = result && !isOf(line?.file, line?.number)(result) ? `∂C/∂${result.parameter}` : "";
  write(slot("line-title"), line ? TEXTS.lineOn(line.number, name, made) : "");
  write(slot("line-said"), off ? TEXTS.differ(count, off.numbers.length) : (line?.note ?? ""));
  const plain = array ? shown(array.name, array.array) : null;
  patch(
    slot("line"),
    result
      ? comparison(result)
      : plain
        ? h("div.yours-right.side-by-side.wraps", matrix(plain, array?.name ?? "", "output", null))
        : h("p.soft", now.lines?.length ? TEXTS.noNumbers : now.summary || TEXTS.onlyForward),
    result ? [writes(result), paths(result)] : null,
  );
  const missing = result?.parts?.find((each) => each.missing);
  patch(
    slot("paths"),
    missing &&
      result && [
        h(
          "h3",
          TEXTS.covers(
            (result.parts?.length ?? 1) - 1,
            result.parts?.length ?? 0,
            result.parts_of ?? "",
          ),
        ),
        pathGraph(result, flatIndex(view.entry ?? [], result.mine.shape)),
        h(
          "p.soft",
          TEXTS.edgeParts(result.edges?.length ? placeIn(result) : `∂C/∂${result.parts_of}`),
        ),
      ],
  );
  const why = now.why || (view.at ? "" : latent()?.why);
  patch(
    slot("why"),
    why
      ? [h("strong", TEXTS.whyNot), " ", why]
      : missing
        ? [h("strong", TEXTS.known), " ", TEXTS.knownBy(missing.through)]
        : null,
  );
}

function draw() {
  for (const part of [drawVerdict, drawCases, drawCode, drawLine]) part();
  const { at: k, row: line, entry } = view;
  history.replaceState(null, "", `#case=${k}&row=${line}${entry?.length ? `&entry=${entry}` : ""}`);
}

/** By keys: to a neighbour of the chosen entry. @param {KeyboardEvent} event */
function move(event) {
  const axes = { ArrowUp: -2, ArrowDown: -2, ArrowLeft: -1, ArrowRight: -1 };
  const axis = axes[/** @type {keyof typeof axes} */ (event.key)];
  const result = resultOf(check.cases[view.at], view.row);
  const { entry } = view;
  if (!axis || !entry?.length || !result) return;
  const k = Math.max(0, entry.length + axis);
  const by = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : -1;
  const next = Math.max(0, Math.min(result.mine.shape[k] - 1, entry[k] + by));
  event.preventDefault();
  event.stopPropagation();
  view.entry = entry.with(k, next);
  draw();
  slot("line").querySelector(".output .chosen")?.focus();
}

async function start() {
  const { check: id } = document.body.dataset;
  check = await api.get(`/check/programs/${id}`);
  const fields = new URLSearchParams(location.hash.slice(1));
  const fault = latent();
  chooseCase(Number(fields.get("case") ?? (fault ? check.cases.indexOf(fault) : 0)));
  if (fields.has("row")) chooseRow(Number(fields.get("row")));
  if (fields.has("entry") && view.entry)
    view.entry = (fields.get("entry") ?? "")
      .split(",")
      .map((each) => Math.max(0, Number(each) || 0))
      .slice(0, view.entry.length);
  draw();
  slot("line").addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
    const cell = target instanceof Element ? target.closest(".yours-right [data-index]") : null;
    const text = cell?.getAttribute("data-index");
    if (!text) return;
    view.entry = text.split(",").map(Number);
    draw();
  });
  slot("line").addEventListener("keydown", move);
  store.on(["theme"], draw);
  mountShortcuts([
    { text: TEXTS.keys.line, keys: { ArrowUp: () => step(-1), ArrowDown: () => step(1) } },
    { text: TEXTS.keys.working, keys: {}, shown: ["Enter"] },
    {
      text: TEXTS.keys.input,
      keys: Object.fromEntries(
        Array.from({ length: 9 }, (_, k) => [String(k + 1), () => chooseCase(k)]),
      ),
    },
  ]);
  document.body.dataset.ready = "true";
}

const api = createApi(API);
find(".program-check", HTMLElement).addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.target instanceof Element)) return;
  // Enter on a line goes on to its numbers
  if (!event.target.matches(".check-line[aria-current]")) return;
  event.preventDefault();
  /** @type {HTMLElement | null} */ (slot("line").querySelector(".output .chosen"))?.focus();
  slot("line").scrollIntoView({ block: "nearest", behavior: scrolling() });
});
start().catch((error) =>
  patch(
    slot("verdict"),
    h("h2", TEXTS.cannotShow(error instanceof Problem ? error.reasons : error.message)),
  ),
);
