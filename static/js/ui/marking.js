/**
 * The marked working: every line in order with its mark, the student's own numbers, the diagnosis
 * beside the first wrong line, and the right numbers only when asked for.
 */

import { indexOf, off, shapeOf } from "../core/differences.js";
import { flat, label } from "../core/lines.js";
import { variable } from "../core/trace.js";
import { h, math, scrolling, set } from "./dom.js";
import { entryOfCell, matrixView } from "./matrix.js";
import { writtenOut } from "./written-out.js";

/** @typedef {import("../core/wire.js").Check} Check */
/** @typedef {import("../core/wire.js").Line} Line */
/** @typedef {import("../core/wire.js").Note} Note */
/** @typedef {import("../core/wire.js").Trace} Trace */
/** @typedef {import("../core/wire.js").Nested} Nested */
/**
 * What is marked: `own` has the student's values by line id, `titles` those of the mistakes, `link`
 * tells where the explorer shows a line.
 * @typedef {{result: Check, trace: Trace, own: Record<string, Nested>,
 *   titles: Record<string, string>,
 *   link: ((line: string, entry: number[]) => string) | null}} Marked
 */

export const MARKS = {
  correct: { sign: "✓", word: "correct", title: "agrees with the working" },
  follows: {
    sign: "↪",
    word: "follows",
    title: "differs, but consistent with your own earlier numbers: no new mistake",
  },
  wrong: { sign: "✗", word: "wrong", title: "does not follow from the lines before it" },
  missing: { sign: "·", word: "not handed in", title: "no numbers for this line" },
};
const HEADLINES = {
  correct: "All correct",
  wrong: "Something is wrong",
  incomplete: "Right so far, incomplete",
};
/** @type {Record<string, string>} */
const NOTES = {
  other_convention: "another convention",
  other_scaling: "another scaling of the cost",
  single_precision: "single precision",
  rounded_givens: "rounded givens",
  rounded_lines: "rounded lines",
  per_sample: "gradients of each sample alone",
  log_epsilon: "a small number inside the logarithm",
};
/** How sure the diagnoses are. */
const CERTAINTY = {
  all_lines: "This explains all your numbers, and no other known mistake does.",
  one_of_several: "Several mistakes give these numbers; more lines of yours would tell which.",
  some_lines: "This explains a part of your numbers only.",
};
/** Notes on how names and givens were read. @type {Record<string, string>} */
const READ = {
  numbering: "How your layers are counted",
  read_as: "How a name was read",
  samples_as_columns: "How x was read",
  bias_in_weights: "How W was read",
  class_targets: "How the targets were read",
};

/**
 * A note's name; of what can be a mistake as well only that it may be.
 * @param {Note} note
 * @param {Check["verdict"]} verdict
 */
function noteName({ kind }, verdict) {
  if (READ[kind]) return READ[kind];
  if (!NOTES[kind]) return "Note";
  const name = NOTES[kind];
  return verdict === "wrong"
    ? `Perhaps ${name}`
    : `${name[0].toUpperCase()}${name.slice(1)}, not a mistake`;
}
const ROWS = 8;
const COLUMNS = 6;

/** @param {Element} root what stands there before the first check */
export function explain(root) {
  const key = Object.values(MARKS).map(({ sign, word, title }, k) =>
    h(
      "li",
      { "data-verdict-key": Object.keys(MARKS)[k] },
      h("span", { class: "sign", "aria-hidden": "true" }, sign),
      h("strong", {}, word),
      h("span", {}, title),
    ),
  );
  root.replaceChildren(
    h(
      "div",
      { class: "before" },
      h(
        "p",
        {},
        "Nothing is marked yet. Press ",
        h("strong", {}, "Check my numbers"),
        " and each line of the working gets one of four marks:",
      ),
      h("ul", { class: "key" }, key),
    ),
  );
}

/**
 * @param {Element} root
 * @param {Marked} marked
 * @returns {HTMLElement | null} the first wrong line
 */
export function mark(root, { result, trace, own, titles, link }) {
  const first = result.first_wrong;
  const rows = trace.lines.map((line) => row(line, { result, trace, own, titles, link }));
  /** @param {string} id @returns {HTMLElement | null} */
  const place = (id) => root.querySelector(`li[data-line="${id}"]`);
  /** @param {string} id */
  const goTo = (id) => {
    const target = place(id);
    target?.scrollIntoView({ block: "center", behavior: scrolling() });
    target?.focus({ preventScroll: true });
  };
  /** @param {string} verdict */
  const count = (verdict) =>
    Object.values(result.lines).filter((line) => line.verdict === verdict).length;
  const counts = Object.entries(MARKS)
    .map(([verdict, { sign, word }]) => ({ verdict, sign, word, count: count(verdict) }))
    .filter((each) => each.count)
    .map(({ verdict, sign, word, count: n }) =>
      h(
        "li",
        { "data-verdict-key": verdict },
        h("span", { class: "sign", "aria-hidden": "true" }, sign),
        `${n} ${word}`,
      ),
    );
  const general = result.notes.filter((note) => !note.line);
  root.replaceChildren(
    h(
      "div",
      { class: "outcome", "data-outcome": result.verdict },
      h("p", { class: "headline", "data-readout": "verdict" }, HEADLINES[result.verdict]),
      first
        ? h(
            "p",
            { class: "first" },
            "First wrong line: ",
            h(
              "button",
              {
                type: "button",
                class: "quiet go-first",
                "data-readout": "first-wrong",
                onclick: () => goTo(first),
              },
              h("span", { class: "math" }, label(first)),
              " ",
              h("code", {}, first),
            ),
          )
        : null,
      h("p", { class: "summary", "data-readout": "summary" }, result.summary),
      h("ul", { class: "counts", "aria-label": "Lines by mark" }, counts),
    ),
    ...general
      .filter((note) => !result.summary.includes(note.message) || NOTES[note.kind])
      .map((note) =>
        h(
          "p",
          { class: "aside", "data-note": note.kind },
          h("strong", {}, `${noteName(note, result.verdict)}. `),
          note.message,
        ),
      ),
    h("ol", { class: "lines-marked", "aria-label": "The working, marked" }, rows),
  );
  return first ? place(first) : null;
}

/** @type {import("../core/wire.js").Mark} of a line that the server does not mark */
const UNMARKED = {
  verdict: "missing",
  max_relative_error: null,
  misconception: null,
  entries: null,
};

/** One line of the working. @param {Line} line @param {Marked} marking */
function row(line, { result, trace, own, titles, link }) {
  const marked = result.lines[line.id] ?? UNMARKED;
  const { verdict } = marked;
  const { sign, word, title } = MARKS[verdict];
  const value = own[line.id];
  const first = result.first_wrong === line.id;
  const student = value === undefined ? null : ownNumbers(line, value, marked);
  const shown = h("div", { class: "shown", id: `shown-${line.id}`, hidden: true });
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet show",
      "data-action": "show-me",
      "aria-expanded": "false",
      "aria-controls": shown.id,
      "aria-label": `Show me ${label(line.id)}`,
    },
    "show me",
  );
  let index = student?.firstOff ?? line.shape.map(() => 0);
  /** @param {boolean} yes */
  const open = (yes) => {
    shown.hidden = !yes;
    set(button, { "aria-expanded": String(yes) });
    button.textContent = yes ? "hide" : "show me";
    if (yes) fill();
  };
  // a wrong line leads to its sum in the explorer at once, any other from its working
  /** @param {NonNullable<typeof link>} to */
  const explore = (to) =>
    h(
      "a",
      {
        class: "quiet in-explorer",
        "data-action": "explore",
        href: to(line.id, index),
        "aria-label": `${label(line.id)} in the explorer`,
        title: "Follow this sum back to the data in the explorer",
      },
      "in the explorer",
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
    "li",
    {
      class: first ? "marked first-wrong" : "marked",
      "data-line": line.id,
      "data-verdict": verdict,
      "data-phase": line.phase,
      tabindex: "-1",
    },
    h("span", { class: "sign", title, "aria-hidden": "true" }, sign),
    h(
      "div",
      { class: "what" },
      h("span", { class: "symbol" }, math(line.symbol)),
      h("span", { class: "word", title }, word),
    ),
    h("div", { class: "own" }, student?.element ?? null),
    h("div", { class: "ways" }, button, beside),
    first
      ? diagnosis(result, titles)
      : marked.misconception && verdict === "wrong"
        ? h(
            "p",
            { class: "aside also" },
            `Likely: ${titles[marked.misconception] ?? marked.misconception}.`,
          )
        : null,
    result.notes
      .filter((note) => note.line === line.id)
      .map((note) => h("p", { class: "aside", "data-note": note.kind }, note.message)),
    shown,
  );
  // an entry of one's own that is pointed at is the one to be written out
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
 * @param {Line} line @param {Nested} value @param {import("../core/wire.js").Mark} mark
 * @returns {{element: HTMLElement, firstOff: number[] | null}} firstOff: the first wrong entry
 */
function ownNumbers(line, value, { verdict, entries }) {
  const shape = shapeOf(value);
  if (typeof value === "string" || shape.length > 4)
    return {
      element: h(
        "p",
        { class: "as-text" },
        typeof value === "string" ? value : `an array (${shape.join("×")})`,
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
      name: `your ${label(line.id)}`,
    },
  );
  if (shape.length === 1) element.classList.add("flat");
  if (wrong) {
    const places = new Set(wrong.flatMap((each, k) => (each ? [indexOf(k, shape).join()] : [])));
    for (const cell of element.querySelectorAll("[data-index]")) {
      if (!places.has(cell.getAttribute("data-index") ?? "")) continue;
      cell.classList.add("off");
      cell.append(h("span", { class: "visually-hidden" }, " wrong"));
    }
  }
  return { element, firstOff: keep[0] ?? null };
}

/**
 * What is likely to have happened, the likelier first.
 * @param {Check} result @param {Record<string, string>} titles of the mistakes
 */
function diagnosis(result, titles) {
  if (!result.diagnoses.length) {
    return h(
      "div",
      { class: "diagnosis", "data-readout": "diagnosis" },
      h(
        "p",
        {},
        "No mistake known here gives these numbers. Open “show me” and compare one entry with yours.",
      ),
    );
  }
  /** @param {import("../core/wire.js").Diagnosis} diagnosis @param {number} k */
  const one = ({ misconception, lines, message, alternative }, k) =>
    h(
      "li",
      { "data-misconception": misconception },
      h(
        "p",
        { class: "likely" },
        h("span", { class: "rank" }, k ? (alternative ? "or" : "and") : "likely"),
        h("strong", {}, titles[misconception] ?? misconception.replaceAll("_", " ")),
      ),
      h("p", {}, message),
      lines.length
        ? h(
            "p",
            { class: "made-in" },
            "in ",
            lines
              .slice(0, 8)
              .flatMap((id, i) => [i ? ", " : "", h("span", { class: "math" }, label(id))]),
            lines.length > 8 ? ` and ${lines.length - 8} more` : "",
          )
        : null,
    );
  const [{ certainty }] = result.diagnoses;
  return h(
    "div",
    { class: "diagnosed" },
    h("ol", { class: "diagnosis", "data-readout": "diagnosis" }, result.diagnoses.map(one)),
    h("p", { class: "aside", "data-readout": "certainty" }, CERTAINTY[certainty]),
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
      name: `the right ${label(line.id)}`,
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
  const entry = h("p", { class: "written-out", "data-readout": "entry" });
  entry.append(...write(6));
  return [
    h(
      "div",
      { class: "formula" },
      named
        ? math(line.formula, true)
        : h(
            "div",
            { class: "named" },
            math(line.symbol, true),
            h("span", { class: "operator" }, "="),
            math(line.formula, true),
          ),
    ),
    h("p", { class: "sentence" }, line.text),
    entry,
    h("div", { class: "right-numbers" }, h("span", { class: "tag" }, "the right numbers"), right),
  ];
}
