/** The marked working: what it comes to, and every line in order. */
import { indexOf, off, shapeOf } from "../core/differences.js";
import { flat } from "../core/lines.js";
import { named, nameOf, withId } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { h, math, scrolling, set } from "./dom.js";
import { activationOffer, MARKS } from "./marks.js";
import { entryOfCell, matrixView } from "./matrix.js";
import { writtenOut } from "./written-out.js";

/**
 * A note's name; of what can be a mistake as well only that it may be.
 * @param {Note} note @param {Check["verdict"]} verdict
 */
function noteName({ kind }, verdict) {
  if (TEXT.marking.readings[kind]) return TEXT.marking.readings[kind];
  if (!TEXT.marking.notes[kind]) return TEXT.marking.note;
  const name = TEXT.marking.notes[kind];
  return verdict === "wrong" ? TEXT.marking.perhaps(name) : TEXT.marking.notAMistake(name);
}

/** @param {Element} root shown before the first check */
export function explain(root) {
  const key = Object.values(MARKS).map(({ sign, word, title }, k) =>
    h(
      "li",
      { "data-verdict-key": Object.keys(MARKS)[k] },
      h("span.sign[aria-hidden=true]", sign),
      h("strong", word),
      h("span", title),
    ),
  );
  root.replaceChildren(
    h(
      "div.before",
      h(
        "p",
        TEXT.marking.nothingMarked,
        h("strong", TEXT.check.checkMyNumbers),
        TEXT.marking.fourMarks,
      ),
      h("ul.key", key),
    ),
  );
}

/**
 * @param {Element} root @param {Marked} marked @returns {HTMLElement | null} the first wrong line
 */
export function mark(root, marked) {
  const { result, trace } = marked;
  const first = result.first_wrong;
  const rows = trace.lines.map((line) => row(line, marked));
  /** @param {string} id @returns {HTMLElement | null} */
  const place = (id) => root.querySelector(`li${withId("data-line", id)}`);
  const goTo = (/** @type {string} */ id) => {
    const target = place(id);
    target?.scrollIntoView({ block: "center", behavior: scrolling() });
    target?.focus({ preventScroll: true });
  };
  const count = (/** @type {string} */ verdict) =>
    Object.values(result.lines).filter((line) => line.verdict === verdict).length;
  const counts = Object.entries(MARKS)
    .map(([verdict, { sign, word }]) => ({ verdict, sign, word, count: count(verdict) }))
    .filter((each) => each.count)
    .map(({ verdict, sign, word, count: n }) =>
      h(
        "li",
        { "data-verdict-key": verdict },
        h("span.sign[aria-hidden=true]", sign),
        `${n} ${word}`,
      ),
    );
  const general = result.notes.filter((note) => !note.line);
  root.replaceChildren(
    h(
      "div.outcome",
      { "data-outcome": result.verdict },
      h("p.headline[data-readout=verdict]", TEXT.marking.headlines[result.verdict]),
      first
        ? h(
            "p.first",
            TEXT.marking.firstWrong,
            h(
              "button.quiet.go-first[data-readout=first-wrong]",
              { onclick: () => goTo(first) },
              h("span.math", nameOf(lineOf(trace, first) ?? named(first))),
              " ",
              h("code", first),
            ),
          )
        : null,
      h("p.summary[data-readout=summary]", result.summary),
      h("ul.counts.soft.smaller", { "aria-label": TEXT.marking.linesByMark }, counts),
    ),
    ...general
      .filter((note) => !result.summary.includes(note.message) || TEXT.marking.notes[note.kind])
      .map((note) =>
        h(
          "p.aside",
          { "data-note": note.kind },
          h("strong", `${noteName(note, result.verdict)}. `),
          note.message,
        ),
      ),
    h("ol.lines-marked", { "aria-label": TEXT.marking.workingMarked }, rows),
  );
  return first ? place(first) : null;
}

const ROWS = 8;
const COLUMNS = 6;

/** @type {MarkedLine} of a line that the server does not mark */
const UNMARKED = {
  verdict: "missing",
  max_relative_error: null,
  misconception: null,
  entries: null,
};

/** A line of the working. @param {Line} line @param {Marked} marking */
function row(line, { result, trace, submitted, titles, link, take }) {
  const marked = result.lines[line.id] ?? UNMARKED;
  const { verdict } = marked;
  const { sign, word, title } = MARKS[verdict];
  const value = submitted[line.id];
  const first = result.first_wrong === line.id;
  const student = value === undefined ? null : studentNumbers(line, value, marked);
  const shown = h("div.shown[hidden]", { id: `shown-${line.id}` });
  const button = h(
    "button.quiet.show[data-action=show-me][aria-expanded=false]",
    { "aria-controls": shown.id, "aria-label": TEXT.marking.showMeLine(nameOf(line)) },
    TEXT.marking.showMe,
  );
  let index = student?.firstOff ?? line.shape.map(() => 0);
  const open = (/** @type {boolean} */ yes) => {
    shown.hidden = !yes;
    set(button, { "aria-expanded": String(yes) });
    button.textContent = yes ? TEXT.marking.hide : TEXT.marking.showMe;
    if (yes) fill();
  };
  // a wrong line leads to its sum in the explorer at once, any other from its working
  const explore = (/** @type {NonNullable<typeof link>} */ to) =>
    h(
      "a.quiet.in-explorer.soft.smaller[data-action=explore]",
      {
        href: to(line.id, index),
        "aria-label": TEXT.marking.inExplorerLine(nameOf(line)),
        title: TEXT.marking.followSum,
      },
      TEXT.marking.inExplorer,
    );
  const beside = verdict === "wrong" && link ? explore(link) : null;
  const fill = () => {
    if (beside && link) beside.href = link(line.id, index);
    shown.replaceChildren(
      ...working(line, trace, index, (next) => {
        index = next;
        fill();
      }),
      ...(link && !beside ? [explore(link)] : []),
    );
  };
  button.addEventListener("click", () => open(Boolean(shown.hidden)));
  const element = h(
    "li[tabindex=-1]",
    {
      class: first ? "marked first-wrong" : "marked",
      "data-line": line.id,
      "data-verdict": verdict,
      "data-phase": line.phase,
    },
    h("span.sign[aria-hidden=true]", { title }, sign),
    h(
      "div.what",
      h("span.symbol", math(line.symbol)),
      h("span.word.soft.fine.unbroken", { title }, word),
    ),
    h("div.submitted", student?.element ?? null),
    h("div.ways", button, beside),
    first
      ? diagnosis(result, titles, take ?? null)
      : marked.misconception && verdict === "wrong"
        ? h(
            "p.aside.also",
            TEXT.marking.likelyMistake(titles[marked.misconception] ?? marked.misconception),
          )
        : null,
    result.notes
      .filter((note) => note.line === line.id)
      .map((note) => h("p.aside", { "data-note": note.kind }, note.message)),
    shown,
  );
  // an entry of the student's that is pointed at is the one to be written out
  student?.element.addEventListener("click", (event) => {
    const pointed = entryOfCell(event.target);
    if (!pointed || pointed.index.length !== line.shape.length) return;
    index = pointed.index;
    open(true);
  });
  student?.element.addEventListener("keydown", (event) => {
    if (!(event.target instanceof HTMLElement) || !entryOfCell(event.target)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.target.click();
    }
  });
  return element;
}

/**
 * The student's array, wrong entries marked.
 * @param {Line} line @param {Nested} value @param {MarkedLine} mark
 * @returns {{element: HTMLElement, firstOff: number[] | null}} firstOff: the first wrong entry
 */
function studentNumbers(line, value, { verdict, entries }) {
  const shape = shapeOf(value);
  if (typeof value === "string" || shape.length > 4)
    return {
      element: h(
        "p.as-text.smaller",
        typeof value === "string" ? value : TEXT.marking.anArray(shape.join("×")),
      ),
      firstOff: null,
    };
  const fits = shape.join() === line.shape.join();
  const wrong =
    verdict !== "wrong" || !fits
      ? null
      : entries === null
        ? off(value, line.value)
        : flat(entries).map((right) => !right);
  const firstWrong = wrong?.indexOf(true) ?? -1;
  const keep = firstWrong < 0 ? [] : [indexOf(firstWrong, shape)];
  const element = matrixView(
    { id: line.id, symbol: null, shape, value },
    {
      role: "input",
      rows: ROWS,
      columns: shape.length > 1 ? COLUMNS : 1,
      keep,
      name: TEXT.marking.yours(nameOf(line)),
    },
  );
  if (shape.length === 1) element.classList.add("flat");
  if (wrong) {
    const places = new Set(wrong.flatMap((each, k) => (each ? [indexOf(k, shape).join()] : [])));
    for (const cell of element.querySelectorAll("[data-index]")) {
      if (!places.has(cell.getAttribute("data-index") ?? "")) continue;
      cell.classList.add("off");
      cell.append(h("span.visually-hidden", TEXT.marking.wrongEntry));
    }
  }
  return { element, firstOff: keep[0] ?? null };
}

/**
 * What is likely to have happened, the likelier first.
 * @param {Check} result @param {Record<string, string>} titles of the mistakes
 * @param {Parameters<typeof activationOffer>[1]} take
 */
function diagnosis(result, titles, take) {
  if (!result.diagnoses.length) {
    return h("div.diagnosis[data-readout=diagnosis]", h("p", TEXT.marking.noMistakeKnown));
  }
  /** @param {Diagnosis} diagnosis @param {number} k */
  const one = ({ misconception, lines, message, alternative, activations }, k) =>
    h(
      "li",
      { "data-misconception": misconception },
      h(
        "p.likely",
        h(
          "span.rank",
          k ? (alternative ? TEXT.marking.or : TEXT.marking.and) : TEXT.marking.likely,
        ),
        h("strong", titles[misconception] ?? misconception.replaceAll("_", " ")),
      ),
      h("p", message),
      lines.length > 0 &&
        h(
          "p.made-in.soft.smaller",
          TEXT.marking.madeIn,
          lines.slice(0, 8).flatMap((id, i) => [i ? ", " : "", h("span.math", nameOf(named(id)))]),
          lines.length > 8 ? TEXT.core.andMore(lines.length - 8) : "",
        ),
      activationOffer(activations, take),
    );
  const [{ certainty }] = result.diagnoses;
  return h(
    "div.diagnosed",
    h("ol.diagnosis[data-readout=diagnosis]", result.diagnoses.map(one)),
    h("p.aside[data-readout=certainty]", TEXT.marking.certainty[certainty]),
  );
}

/**
 * The line's formula, the sum of one entry with the right numbers, and the right array.
 * @param {Line} line @param {Trace} trace @param {number[]} index of the entry
 * @param {(index: number[]) => void} choose another entry
 */
function working(line, trace, index, choose) {
  const inputs = line.inputs.map((id) => variable(trace, id)?.value);
  const named = /(^|[^\\])=/.test(line.formula.latex) || line.formula.latex.includes("\\leftarrow");
  const right = matrixView(
    { id: line.id, symbol: line.symbol, shape: line.shape, value: line.value },
    {
      role: "output",
      rows: ROWS,
      columns: line.shape.length > 1 ? COLUMNS : 1,
      keep: index.length ? [index] : [],
      name: TEXT.marking.theRight(nameOf(line)),
    },
  );
  right.querySelector(`[data-index="${index.join()}"]`)?.classList.add("target");
  right.addEventListener("click", (event) => {
    const pointed = entryOfCell(event.target);
    if (pointed?.index.length) choose(pointed.index);
  });
  /** @param {number} terms @returns {HTMLElement[]} */
  const write = (terms) =>
    writtenOut(line, index, inputs, { terms, onMore: () => entry.replaceChildren(...write(400)) });
  const entry = h("p.written-out[data-readout=entry]");
  entry.append(...write(6));
  return [
    h(
      "div.formula",
      named
        ? math(line.formula, true)
        : h(
            "div.named.side-by-side",
            math(line.symbol, true),
            h("span.operator", "="),
            math(line.formula, true),
          ),
    ),
    h("p.sentence", line.text),
    entry,
    h("div.right-numbers", h("span.tag", TEXT.marking.rightNumbers), right),
  ];
}
