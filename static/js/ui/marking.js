/** The marked working: what it comes to, and every line in order. */

import { named, nameOf, withId } from "../core/names.js";
import { lineOf } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { h, scrolling } from "./dom.js";
import { MARKS, row } from "./marked-line.js";

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
