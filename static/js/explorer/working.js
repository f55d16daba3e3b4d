/**
 * The working of one line: symbol, formula, sentence, shapes, matrices with numbers, one entry
 * written out, and whether it is right.
 */
import { elementOf } from "../core/elements.js";
import { at, outputAxis, reader } from "../core/entries.js";
import { shapesOf, vectorsAreRows } from "../core/equation.js";
import { number, tiny, shape as written } from "../core/format.js";
import { collapse } from "../core/jacobians.js";
import { nameOf, withId } from "../core/names.js";
import { leftOut, lineOf, shapeOfInput, variable } from "../core/trace.js";
import { bareAt, NOT_SHOWN, veiled } from "../core/veil.js";
import { chosenEntry, depthOf, pointedEntry } from "../state/entry.js";
import { onlyRun } from "../state/paint.js";
import { awaitsNumbers } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, math, panel, patch, set, windowIs, write } from "../ui/dom.js";
import { ledger, renumberLedger } from "../ui/ledger.js";
import { entryOfCell, foldOf } from "../ui/matrix.js";
import { cellOf, moveFocus } from "./cells.js";
import { createPath } from "./path.js";
import { createPicture } from "./picture.js";
import { worded } from "./words.js";
import {
  equationView,
  formOfLine,
  highlightEntries,
  renumberMatrices,
  withName,
} from "./working-equation.js";
import { createKeptWidths, createLayout } from "./working-layout.js";

const ALL_TERMS = 400; // of a sum that is written out
const ROW = 1.42; // height of a row of the sum, in ems, as the style sheet has it

/**
 * @typedef {{view: {element: HTMLElement, remark: HTMLElement, draw: () => void}, submitted:
 *   ReturnType<typeof import("./submitted-numbers.js").createSubmittedNumbers>, sampleParts:
 *   ReturnType<typeof import("./sample-parts.js").createSampleParts>, sums: ReturnType<typeof
 *   import("./largest-sums.js").createLargestSums>, whose: ReturnType<typeof
 *   import("./whose-numbers.js").createWhoseUpdate>, whatIf: (root: HTMLElement) => void, origin:
 *   typeof import("../core/provenance.js").provenance}} Parts what a working may have
 */

/** @param {Services} services @param {Partial<Parts>} [parts] */
export function mountWorking(
  services,
  { view, submitted, sampleParts, sums, whose, whatIf, origin } = {},
) {
  const { store, painter } = services;
  const path = createPath({ ...services, origin });
  const picture = createPicture(services);
  const root = panel("working");
  const parts = {
    head: h("header.working-head.side-by-side"),
    formula: h("div.formula", {
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "ArrowLeft" || event.key === "ArrowRight") event.stopPropagation();
      },
    }),
    text: h("p.sentence"),
    shapes: h("p.shapes.smaller.soft"),
    equation: h("div.equation.side-by-side.wraps"),
    entry: h("div.written-out[data-readout=entry]"),
    was: h("p.soft[data-readout=was][hidden]"),
    collapse: h("p.collapse.soft.smaller[data-readout=collapse][hidden]"),
    checks: h("p.checks[data-readout=verified]"),
  };
  const title = h("h2[data-readout=line]");
  const where = h("p.where");
  parts.head.append(title, where);
  const gestures = h(
    "p.gestures.at-end.soft.fine",
    whatIf ? TEXT.working.gestures : TEXT.working.whereFrom,
  );
  /** @param {string} name @param {Child[]} children */
  const section = (name, ...children) => h("section", { class: `part part-${name}` }, children);
  const wide = windowIs("wide");
  /**
   * Where there is no room for both beside each other: sum or picture.
   * @type {{value: State["beside"], text: string}[]}
   */
  const tabs = [
    { value: "sum", text: TEXT.pictures.sumTab },
    { value: "picture", text: TEXT.pictures.picture },
  ];
  const besides = choice(TEXT.pictures.beside, tabs, (beside) => store.set({ beside }), {
    "data-control": "beside",
  });
  /** On a phone only the result is seen before. */
  const matrices = button("matrices.quiet", TEXT.working.showMatrices, () => {
    const all = root.toggleAttribute("data-matrices");
    write(matrices, all ? TEXT.working.hideMatrices : TEXT.working.showMatrices);
    set(matrices, { "aria-expanded": String(all) });
    refit();
  });
  set(matrices, { "aria-expanded": "false" });
  const widths = createKeptWidths();
  const layout = createLayout();
  /** As many terms as are seen without scrolling. @param {Line} [line] those of a cost are long */
  function fewTerms(line) {
    const long = store.state.trace?.batch || /cross_entropy/.test(line?.op ?? "");
    if (line?.phase === "cost" && long) return 1;
    if (!wide.matches) return windowIs("phone").matches ? 3 : 5;
    if (Number.isNaN(rows)) measureRows();
    return Math.max(2, Math.min(5, rows - 3)); // beside them the smaller ones and the total
  }
  let rows = NaN; // of a sum, that have room
  function measureRows() {
    const size = parseFloat(getComputedStyle(parts.entry).fontSize);
    rows = Math.floor(beside.clientHeight / (ROW * size));
  }
  const beside = h(
    "div.beside",
    section("entry", parts.entry, parts.was, parts.collapse),
    section("samples", sampleParts?.element),
  );
  // measured where it costs no further layout
  new ResizeObserver(measureRows).observe(beside);
  let terms = 1; // until there is a line
  let previous = "";
  // what changes the cells of the matrices; with each drawing what that reads is added
  const otherCells = new Set(["line", "trace", "start", "size", "held"]);
  /** @type {string | null} */
  let form = null; // of the line that is drawn

  painter.add("working", 0, draw, ["sample", "sampleBefore"]); // the working of another one follows
  /** @param {Page} state @param {Set<string>} changed */
  function draw(state, changed) {
    const { trace } = state;
    if (!trace) return;
    if (!root.contains(parts.head)) {
      root.replaceChildren(
        parts.head,
        section(
          "formula",
          parts.formula,
          h(
            "div.explained",
            parts.text,
            whose?.element,
            h("div.shapes-row", parts.shapes, sampleParts?.link),
          ),
        ),
        section("numbers", parts.equation, matrices, sums?.element),
        beside,
        section("picture", picture.element),
        section("proof", parts.checks, view?.element, besides.element),
        section(
          "path",
          view?.remark,
          path.element,
          h("div.submitted-row", submitted?.element, gestures),
        ),
      );
    }
    if (!onlyRun(state, changed)) {
      view?.draw();
      besides.show(state.beside);
      set(root, { "data-beside": state.beside });
    }
    const line = lineOf(trace, state.line);
    if (!line || leftOut(trace, line.id).length) return; // its numbers have not come yet
    if (awaitsNumbers(state)) return;
    const now = formOfLine(state, line);
    if (now !== null && now === form && onlyRun(state, changed)) {
      renumberLine(state, line);
      return;
    }
    form = now;
    if (line.id !== previous) terms = fewTerms(line);
    writeEntry(state, line); // the matrices have the room that it leaves
    if ([...changed].some((field) => otherCells.has(field))) {
      const focused = root.contains(document.activeElement)
        ? entryOfCell(document.activeElement)
        : null;
      writeLine(state, line);
      // the cells are new: focus the one that replaces the focused one
      if (focused)
        root
          .querySelector(withId("data-variable", focused.variable))
          ?.querySelector(`td[data-index="${focused.index.join()}"]`)
          ?.focus();
      previous = line.id;
    }
    set(root, { "data-arriving": state.arriving === line.id });
    highlightEntries(root, state, line);
    submitted?.draw(root, line);
    keepHeights(state);
    const chosen = chosenEntry(state, line);
    path.draw(chosen);
    sampleParts?.draw(line, chosen);
    sums?.draw(state, line, chosen);
  }

  /**
   * Other numbers of the same line while the run plays: no element is new, and the page is laid out
   * only once in the animation frame.
   * @param {State} state @param {Line} line
   */
  function renumberLine(state, line) {
    set(root, { "data-step": state.trace.step });
    renumberMatrices(parts.equation, state, line);
    const { wider } = widths.matrices(parts.equation, state.experiment.id);
    if (writeEntry(state, line) || wider) {
      placeMatrices(state, line);
      highlightEntries(root, state, line);
    }
    if (state.held) writeText(state, line);
    submitted?.draw(root, line);
    path.draw(chosenEntry(state, line));
    sampleParts?.draw(line, chosenEntry(state, line));
    sums?.draw(state, line, chosenEntry(state, line));
  }

  /**
   * The sentence, and while a number is held what it asks.
   * @param {State} state @param {Line} line
   */
  function writeText(state, line) {
    const { held, heldValue } = state;
    const hidden = veiled(state, line.id) && !state.veil?.alone;
    const asked = held ? TEXT.hold.whatIf(held.id[0], number(heldValue)) : line.text;
    patch(parts.text, ...worded(hidden ? TEXT.working.thisLineIs(NOT_SHOWN) : asked));
    const index = pointedEntry(state, line);
    const [before, now] = [held?.before.trace ?? null, state.trace].map((trace) => {
      const array = variable(trace, line.id);
      return array ? number(at(array.value, index)) : "";
    });
    write(parts.was, held && before !== now ? TEXT.hold.was(before) : "");
    parts.was.hidden = !parts.was.textContent;
  }

  /**
   * In one column the parts keep the greatest height that they had in a run: at another line what
   * is below them stays where it is.
   */
  function keepHeights(/** @type {State} */ { experiment }) {
    if (heightsOf !== experiment.id) forgetHeights();
    heightsOf = experiment.id;
    if (wide.matches || terms === ALL_TERMS) return;
    for (const part of keeping()) {
      const { offsetHeight, style } = part;
      if (offsetHeight > (parseFloat(style.minHeight) || 0)) style.minHeight = `${offsetHeight}px`;
    }
  }
  let heightsOf = ""; // name of the run
  /** @returns {NodeListOf<HTMLElement>} */
  const keeping = () =>
    root.querySelectorAll(".part:is(.part-formula, .part-entry, .part-numbers)");
  function forgetHeights() {
    for (const { style } of keeping()) style.minHeight = "";
  }

  /** Everything but the entry that is written out. @param {State} state @param {Line} line */
  function writeLine(state, line) {
    const { trace } = state;
    const veil = veiled(state, line.id) && !state.veil?.alone ? state.veil : null;
    set(root, {
      "data-phase": line.phase,
      "data-line": line.id,
      "data-step": trace.step,
      "data-veiled": veil !== null,
    });
    patch(title, math(line.symbol));
    set(title, { "aria-label": nameOf(line) });
    const k = trace.lines.indexOf(line);
    patch(
      where,
      h("strong", line.phase + (line.layer ? TEXT.working.ofLayer(line.layer) : "")),
      h("span", TEXT.working.lineOf(k + 1, trace.lines.length)),
    );
    patch(
      parts.formula,
      veil
        ? h("div.named.side-by-side", math(line.symbol, true), h("span.operator", "= ?"))
        : withName(line),
    );
    const { batch, convention } = trace;
    layout.formula(
      parts.formula,
      [line.id, line.formula.latex, line.text, batch, convention, !veil, !state.held].join(),
    );
    writeText(state, line);
    whose?.draw(line);
    const shapes = line.inputs.map((id) => shapeOfInput(trace, id));
    patch(
      parts.shapes,
      h("span.tag", TEXT.working.shapes),
      " ",
      veil && bareAt(state, line.id)
        ? NOT_SHOWN
        : veil
          ? written(line.shape)
          : shapesOf(line, shapes, vectorsAreRows(trace, line)),
    );
    set(parts.equation, { "data-phase": line.phase });
    placeMatrices(state, line);
    patch(parts.checks, state.held ? TEXT.hold.unchecked : checks(line, trace.verification));
  }

  /** @param {State} state @param {Line} line */
  function placeMatrices(state, line) {
    const { id } = state.experiment;
    const { batch, convention } = state.trace;
    // what the line reads of the batch is larger than of a sample
    const numbers = `${line.id} ${line.shape} ${batch} ${convention}`;
    layout.place(parts.equation, numbers, id, (level) => {
      const read = store.reading(() => patch(parts.equation, equationView(line, state, level)));
      for (const name of read) otherCells.add(name);
      return widths.matrices(parts.equation, id).form;
    });
  }

  /** @param {State} state @param {Line} line @returns {boolean} whether it became wider */
  function writeEntry(state, line) {
    const inputs = line.inputs.map((id) => variable(state.trace, id)?.value);
    const onMore = () => {
      terms = ALL_TERMS;
      if (store.state.trace) writeEntry(store.state, line);
    };
    const index = pointedEntry(state, line);
    const veil = veiled(state, line.id);
    if (veil)
      patch(
        parts.entry,
        h("span.entry-name.math", nameOf(line)),
        h("span.operator", ` = ?  ${NOT_SHOWN}`),
      );
    else if (!renumberLedger(parts.entry, line, index, inputs, { terms, onMore }))
      patch(parts.entry, ledger(line, index, inputs, { terms, onMore }));
    parts.entry.dataset.index = index.join();
    const outer = veil ? null : collapse(state.trace, line, index);
    parts.collapse.hidden = outer === null;
    write(parts.collapse, outer ?? "");
    return widths.sum(parts.entry, line.id, state.experiment.id).wider;
  }

  // Widths change with the fonts, which may come after the first numbers, and with the window.
  let [width, height] = [0, 0];
  const refit = () => {
    widths.remeasure();
    layout.forget();
    rows = NaN;
    forgetHeights();
    painter.redraw("working");
  };
  document.fonts.addEventListener("loadingdone", refit);
  new ResizeObserver(() => {
    const same = root.offsetWidth === width;
    // in one column the height is that of what is in it
    if (wide.matches && root.offsetHeight !== height) layout.remeasure();
    [width, height] = [root.offsetWidth, root.offsetHeight];
    if (!same) refit();
  }).observe(root);

  /**
   * Choose an entry that needs what is folded away; of what the line sums over, write all terms.
   * @param {Line} line @param {NonNullable<ReturnType<typeof foldOf>>} fold
   */
  function unfold(line, { variable: id, axis, index }) {
    const { state } = store;
    if (!state.trace) return;
    const place = outputAxis(line, id, axis);
    if (place >= 0) return store.set({ entry: chosenEntry(state, line).with(place, index) });
    terms = ALL_TERMS;
    writeEntry(state, line);
  }

  whatIf?.(root);
  // Pointing at entries
  // By moves only: "pointerover" also comes where a new line is drawn under a pointer that rests.
  root.addEventListener("pointermove", (/** @type {MouseEvent & {target: Element}} */ event) => {
    if (event.target.closest(".picture-plot")) return; // it points at its own entries
    store.set({ hoverEntry: same(store.state.hoverEntry, entryOfCell(event.target)) });
  });
  store.on(["line"], () => store.set({ hoverEntry: null }));
  root.addEventListener("pointerleave", () => store.set({ hoverEntry: null }));
  root.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
    const cell = cellOf(event);
    if (cell) store.set({ hoverEntry: entryOfCell(cell) });
  });
  root.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
    if (cellOf(event)) store.set({ hoverEntry: null });
  });
  root.addEventListener("click", (/** @type {MouseEvent & {target: Element}} */ event) => {
    const pointed = entryOfCell(event.target);
    const { state } = store;
    const line = state.trace && lineOf(state.trace, state.line);
    const fold = line && foldOf(event.target);
    if (fold) return unfold(line, fold);
    if (!pointed || !line) return;
    const shown = variable(state.trace, pointed.variable);
    const element = elementOf(shown, pointed.index, depthOf(state));
    const isOutput = pointed.variable === state.line;
    // the path must not lead to what the entry does not read
    const entry = isOutput ? pointed.index : reader(line, pointed, chosenEntry(state, line));
    store.set({ selection: element ?? state.selection, ...(entry ? { entry } : {}) });
    if (!isOutput && entry) path.follow(pointed, entry);
  });
  root.addEventListener("mousedown", (/** @type {MouseEvent} */ event) => {
    // a click chooses an entry, but the arrow keys must still move the line
    if (cellOf(event)) event.preventDefault();
  });
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const cell = cellOf(event);
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") cell.click();
    else if (event.key === "Escape") cell.blur();
    else if (!moveFocus(cell, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    back: () => path.back(),
    mark: () => submitted?.open(),
    move: picture.move,
    enlarge: picture.enlarge,
    loadPictures: picture.load,
  };
}

/** @typedef {State["hoverEntry"]} PointedEntry */

/**
 * The one before if both are the same entry, so that nothing is drawn again.
 * @param {PointedEntry} before @param {PointedEntry} now @returns {PointedEntry}
 */
const same = (before, now) =>
  before && now && before.variable === now.variable && before.index.join() === now.index.join()
    ? before
    : now;

/** @type {{key: "autograd" | "finite_differences", name: string, title: string}[]} */
const ORACLES = [
  { key: "autograd", name: "autograd", title: TEXT.checks.autogradTitle },
  {
    key: "finite_differences",
    name: TEXT.checks.finiteDifferences,
    title: TEXT.checks.finiteDifferencesTitle,
  },
];

/**
 * @param {string} text @param {number | string | null | undefined} error of a line, or a word
 * @param {boolean | null} passed @param {string} title
 */
const verdict = (text, error, passed, title) =>
  typeof error !== "number"
    ? h(
        "span.check.open",
        { title },
        `${text} ${error === "tie" ? TEXT.checks.tie : TEXT.checks.belowResolution}`,
      )
    : h("span", { class: `check ${passed ? "passed" : "failed"}`, title }, [
        worded(text),
        ` ${passed ? "✓" : "✗"} ${tiny(error)}`,
      ]);

/**
 * @param {Line} line @param {Schemas["Verification"] | null | undefined} verification null
 *   while playing, undefined while it is computed
 * @returns {HTMLElement[]}
 */
function checks(line, verification) {
  if (verification === undefined && line.axes_of)
    return [h("span.check.open", TEXT.checks.checking)];
  if (!verification) return [h("span.check.open", TEXT.checks.checkedWhenPaused)];
  const known = ORACLES.filter(({ key }) => verification[key]);
  const checked = known.filter(({ key }) => verification[key].by_line?.[line.id] !== undefined);
  const verdicts = checked.length
    ? checked.map(({ key, name, title }) => {
        const { by_line: errors, tolerance } = verification[key];
        const error = errors[line.id];
        return verdict(`= ${name}`, error, Number(error) <= tolerance, title);
      })
    : known.map(({ key, name, title }) => {
        const { max_relative_error: worst, passed } = verification[key];
        const about = title.replace(TEXT.checks.thisArray, TEXT.checks.worstArray);
        return verdict(name, worst, passed, about);
      });
  return [
    // A forward line has no derivative to compare; say what the whole step's gradients gave.
    ...(checked.length ? [] : [h("span.dot", TEXT.checks.gradients)]),
    ...verdicts.flatMap((each, k) => (k ? [h("span.dot", " · "), each] : [each])),
  ];
}
