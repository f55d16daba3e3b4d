/**
 * The working of one line: symbol, formula, sentence, shapes, matrices with numbers, one entry
 * written out, and whether it is right.
 */

import { elementOf, patternOf } from "../core/elements.js";
import { equationOf, shapesOf, vectorsAreRows } from "../core/equation.js";
import { shape as written } from "../core/format.js";
import { collapse } from "../core/jacobians.js";
import { label } from "../core/lines.js";
import { leftOut, lineOf, shapeOfInput, variable } from "../core/trace.js";
import { ASKED, veiled } from "../core/veil.js";
import { h, math, panel, set, updateChildren, write } from "../ui/dom.js";
import { entryOfCell, matrixView } from "../ui/matrix.js";
import { writtenOut } from "../ui/written-out.js";
import { checks } from "./checks.js";
import { createOwnNumbers } from "./own-numbers.js";
import { createPath } from "./path.js";
import { createShares } from "./shares.js";
import { createViewBar } from "./view-bar.js";
import { mountWhatIf } from "./what-if.js";
import { markEntries } from "./working-marks.js";

const FEW = 6;

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter,
 *   session: import("../server/session.js").Session, player: import("../server/player.js").Player,
 *   undo: import("../state/undo.js").Undo}} surroundings
 * @returns {{back: () => Promise<boolean>, mark: () => void}}
 */
export function mountWorking(surroundings) {
  const { store, painter } = surroundings;
  const path = createPath(surroundings);
  const view = createViewBar(surroundings);
  const own = createOwnNumbers(surroundings);
  const shares = createShares(surroundings);
  const root = panel("working");
  const parts = {
    head: h("header", { class: "working-head" }),
    formula: h("div", { class: "formula" }),
    text: h("p", { class: "sentence" }),
    shapes: h("p", { class: "shapes" }),
    equation: h("div", { class: "equation" }),
    entry: h("p", { class: "written-out", "data-readout": "entry" }),
    collapse: h("p", { class: "collapse", "data-readout": "collapse", hidden: true }),
    checks: h("p", { class: "checks", "data-readout": "verified" }),
  };
  const title = h("h2", { "data-readout": "line" });
  const where = h("p", { class: "where" });
  parts.head.append(title, where, view.conventions);
  const gestures = h("p", { class: "gestures" }, "click: where from · drag: what if");
  const section = (name, ...children) => h("section", { class: `part part-${name}` }, children);
  let terms = FEW;
  let previous = "";

  painter.add({
    name: "working",
    fields: [
      "trace",
      "traceKey",
      "line",
      "selection",
      "entry",
      "hoverEntry",
      "hover",
      "playing",
      "catalog",
      "path",
      "source",
      "remark",
      "reduction",
      "jacobians",
      "fused",
      "convention",
      "experiment",
      "ownMarks",
      "veil",
    ],
    reads: ["data", "frame", "sample"],
    every: 240,
    draw(state, changed) {
      const { trace } = state;
      if (!trace) return;
      if (!root.contains(parts.head)) {
        root.replaceChildren(
          parts.head,
          view.element,
          section(
            "formula",
            parts.formula,
            parts.text,
            h("div", { class: "shapes-row" }, parts.shapes, shares.link),
          ),
          section("numbers", parts.equation),
          section("entry", parts.entry, parts.collapse),
          section("samples", shares.element),
          section(
            "checks",
            view.remark,
            path.element,
            h("div", { class: "own-row" }, own.element, gestures),
            parts.checks,
          ),
        );
      }
      view.draw();
      const line = lineOf(trace, state.line);
      if (!line || leftOut(trace, line.id).length) return; // its numbers are on their way
      if (
        changed.has("line") ||
        changed.has("trace") ||
        changed.has("start") ||
        changed.has("selection") ||
        changed.has("entry") ||
        changed.has("veil")
      ) {
        if (line.id !== previous) terms = FEW;
        const focused = root.contains(document.activeElement)
          ? entryOfCell(document.activeElement)
          : null;
        whole(state, line);
        // the cells are new: the one that had the focus has it again
        if (focused)
          root
            .querySelector(
              `[data-variable="${focused.variable}"] td[data-index="${focused.index.join()}"]`,
            )
            ?.focus();
        previous = line.id;
      }
      writeEntry(state, line);
      markEntries(root, state, line);
      own.draw(root, line);
      const chosen = chosenEntry(state, line);
      path.draw(chosen);
      shares.draw(line, chosen);
    },
  });

  /** Everything but the entry that is pointed at. */
  function whole(state, line) {
    const { trace } = state;
    set(root, { "data-phase": line.phase, "data-line": line.id, "data-step": trace.step });
    title.replaceChildren(math(line.symbol));
    set(title, { "aria-label": label(line.id) });
    const k = trace.lines.indexOf(line);
    where.replaceChildren(
      h("strong", {}, `${line.phase}${line.layer ? ` · layer ${line.layer}` : ""}`),
      h("span", {}, `line ${k + 1} of ${trace.lines.length}`),
    );
    const asked = veiled(state, line.id) ? state.veil : null;
    if (asked)
      parts.formula.replaceChildren(
        h(
          "div",
          { class: "named" },
          math(line.symbol, true),
          h("span", { class: "operator" }, "= ?"),
        ),
      );
    else parts.formula.replaceChildren(withName(line));
    fit(parts.formula);
    write(parts.text, asked ? `This line is ${ASKED}.` : line.text);
    const shapes = line.inputs.map((id) => shapeOfInput(trace, id));
    parts.shapes.replaceChildren(
      h("span", { class: "tag" }, "shapes"),
      " ",
      asked?.bare
        ? ASKED
        : asked
          ? written(line.shape)
          : shapesOf(line, shapes, vectorsAreRows(trace)),
    );
    const depth = state.frame.layers.length;
    updateChildren(parts.equation, equation(line, state, keepOf(state, line, depth)));
    set(parts.equation, { "data-phase": line.phase });
    arrange(parts.equation);
    parts.checks.replaceChildren(...checks(line, trace.verification));
  }

  /** Entries that the selection or the chosen entry needs on screen, per variable. */
  function keepOf(state, line, depth) {
    const context = { convention: state.trace.convention, depth };
    return (id, shape) => {
      const pattern = patternOf(state.selection, id, shape.length, context);
      const keep = pattern ? [pattern.map((value) => value ?? -1)] : [];
      if (id === line.id && state.entry?.length === shape.length) keep.push(state.entry);
      return keep;
    };
  }

  /**
   * The entry that is pointed at, chosen, or belongs to what is chosen in the picture; else the
   * first.
   */
  /** The entry that is pointed at, or else chosen. */
  function entryOf(state, line) {
    const fits = (index) =>
      index?.length === line.shape.length && index.every((i, d) => i < line.shape[d]);
    if (state.hoverEntry?.variable === line.id && fits(state.hoverEntry.index))
      return state.hoverEntry.index;
    const context = { convention: state.trace.convention, depth: state.frame.layers.length };
    const pattern = patternOf(state.hover, line.id, line.shape.length, context);
    if (pattern && fits(pattern.map((i) => i ?? 0))) return pattern.map((i) => i ?? 0);
    return chosenEntry(state, line);
  }

  /** The entry that is chosen, which a path goes on from. */
  function chosenEntry(state, line) {
    const fits = (index) =>
      index?.length === line.shape.length && index.every((i, d) => i < line.shape[d]);
    const context = { convention: state.trace.convention, depth: state.frame.layers.length };
    if (fits(state.entry)) return state.entry;
    const chosen = patternOf(state.selection, line.id, line.shape.length, context)?.map(
      (i) => i ?? 0,
    );
    return fits(chosen) ? chosen : line.shape.map(() => 0);
  }

  function writeEntry(state, line) {
    const inputs = line.inputs.map((id) => variable(state.trace, id)?.value);
    const onMore = () => {
      terms = 400;
      writeEntry(store.state, line);
    };
    const index = entryOf(state, line);
    const asked = veiled(state, line.id);
    if (asked)
      updateChildren(
        parts.entry,
        h("span", { class: "entry-name math" }, label(line.id)),
        h("span", { class: "operator" }, ` = ?  ${ASKED}`),
      );
    else updateChildren(parts.entry, writtenOut(line, index, inputs, { terms, onMore }));
    parts.entry.dataset.index = index.join();
    const outer = asked ? null : collapse(state.trace, line, index);
    parts.collapse.hidden = outer === null;
    write(parts.collapse, outer ?? "");
  }

  // Widths change with the fonts, which may come after the first numbers, and with the window.
  let width = 0;
  const refit = () => {
    fit(parts.formula);
    arrange(parts.equation);
  };
  document.fonts.ready.then(refit);
  new ResizeObserver(() => {
    if (root.offsetWidth === width) return;
    width = root.offsetWidth;
    refit();
  }).observe(root);

  const whatIf = mountWhatIf(root, surroundings);
  // Pointing at entries
  root.addEventListener("pointerover", (event) =>
    store.set({ hoverEntry: same(store.state.hoverEntry, entryOfCell(event.target)) }),
  );
  root.addEventListener("pointerleave", () => store.set({ hoverEntry: null }));
  root.addEventListener(
    "focusin",
    (event) => event.target.matches("td") && store.set({ hoverEntry: entryOfCell(event.target) }),
  );
  root.addEventListener(
    "focusout",
    (event) => event.target.matches("td") && store.set({ hoverEntry: null }),
  );
  root.addEventListener("click", (event) => {
    const pointed = entryOfCell(event.target);
    const { state } = store;
    if (!pointed || !state.trace || whatIf.dragged()) return;
    const line = lineOf(state.trace, state.line);
    const context = { convention: state.trace.convention, depth: state.frame.layers.length };
    const element = elementOf(pointed.variable, pointed.index, context);
    const from = chosenEntry(state, line);
    store.set({
      selection: element ?? state.selection,
      ...(pointed.variable === state.line ? { entry: pointed.index } : {}),
    });
    if (pointed.variable !== state.line) path.follow(pointed, from);
  });
  root.addEventListener("mousedown", (event) => {
    // a click chooses an entry but must not take the arrow keys from the ribbon
    if (event.target.closest("td[data-index]")) event.preventDefault();
  });
  root.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("td[data-index]");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") cell.click();
    else if (event.key === "Escape") cell.blur();
    else if (!walk(cell, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { back: () => path.back(), mark: () => own.open() };
}

/**
 * Too wide for one row: the result above, what it is made of in one row below.
 * @param {HTMLElement} box
 */
function arrange(box) {
  box.classList.remove("split");
  const sides = /** @type {HTMLElement[]} */ ([...box.children]);
  // centred in one row, a lower side begins later too, but never below the middle of the first
  const below =
    sides.length > 2 && sides.at(-1).offsetTop > sides[0].offsetTop + sides[0].offsetHeight / 2;
  if (below || box.scrollWidth > box.clientWidth + 1) box.classList.add("split");
}

/**
 * A formula too long for the column is set smaller, down to what can still be read.
 * @param {HTMLElement} box
 */
function fit(box) {
  box.style.setProperty("--fit", "1");
  const ratio = box.clientWidth / box.scrollWidth;
  if (ratio < 1) box.style.setProperty("--fit", String(Math.max(0.6, ratio * 0.98)));
}

/** "z⁽¹⁾ = W x + b": the server's formula may or may not name its left side. */
function withName(line) {
  const formula = math(line.formula, true);
  if (/(^|[^\\])=/.test(line.formula.latex) || line.formula.latex.includes("\\leftarrow"))
    return formula;
  return h(
    "div",
    { class: "named" },
    math(line.symbol, true),
    h("span", { class: "operator" }, "="),
    formula,
  );
}

/** The matrices in the order of the formula. */
function equation(line, state, keep) {
  const { trace, veil } = state;
  const rowVectors = vectorsAreRows(trace);
  const veilOf = (id) => (!veiled(state, id) ? undefined : veil.bare ? "all" : "entries");
  // of what is asked only what it is made of, and not even that where the question is about it
  const given = veil?.bare
    ? []
    : line.inputs
        .map((_, input) => ({ input, transposed: false }))
        .filter(({ input }) => line.inputs.indexOf(line.inputs[input]) === input);
  const { pieces, plain } = veilOf(line.id)
    ? { pieces: given, plain: true }
    : equationOf(line, rowVectors);
  const matrices = pieces.filter((piece) => "input" in piece);
  // what is folded anyway is folded further: the whole working should be on screen
  const large = matrices.some(
    ({ input }) => Math.max(...shapeOfInput(trace, line.inputs[input]), 0) > 7,
  );
  // an update sets three and more of one shape beside each other, entry by entry: their corners
  // tell the rest
  const crowded =
    matrices.filter(({ input }) => (shapeOfInput(trace, line.inputs[input])[1] ?? 0) > 4).length >
      1 && line.phase === "update";
  const tall = crowded ? 3 : trace.batch ? 4 : large || line.inputs.length > 3 ? 5 : 7;
  const most = (size) => (crowded ? 3 : size > 5 ? 4 : 5);
  /**
   * Rows and columns on screen. The axis that a product sums over is folded alike in both factors.
   */
  const roomOf = (shape, { transposed, product, role }) => {
    const [down, across] =
      shape.length === 1 ? [shape[0], shape[0]] : transposed ? [shape[1], shape[0]] : shape;
    const shared = (size, side) =>
      product === "inner" && role === side && Math.min(tall, most(size));
    return { rows: shared(down, "right") || tall, columns: shared(across, "left") || most(across) };
  };
  const view = (own, role, piece) =>
    matrixView(own, {
      role,
      piece,
      rowVectors,
      ...roomOf(own.shape, piece),
      keep: keep(own.id, own.shape),
      name: label(own.id),
      veil: veilOf(own.id),
    });
  const out = [
    h(
      "div",
      { class: "side" },
      view(line, "output", { transposed: false }),
      pieces.length ? h("span", { class: "operator" }, plain ? "from" : "=") : null,
    ),
  ];
  let before = "";
  for (const piece of pieces) {
    if ("operator" in piece) {
      before += piece.operator;
      continue;
    }
    const own = variable(trace, line.inputs[piece.input]);
    if (!own) continue;
    out.push(
      h(
        "div",
        { class: "side" },
        h("span", { class: "operator" }, before || (plain && piece !== matrices[0] ? "," : "")),
        view({ ...own, id: line.inputs[piece.input] }, "input", piece),
      ),
    );
    before = "";
  }
  if (before) out.push(h("span", { class: "operator" }, before));
  return out;
}

const same = (before, now) =>
  before && now && before.variable === now.variable && before.index.join() === now.index.join()
    ? before
    : now;

/** Move the focus between the entries of a matrix. */
function walk(cell, key) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (!step) return false;
  let row = cell.parentElement;
  let column = cell.cellIndex;
  const rows = row.parentElement.rows;
  for (let hops = 0; hops < 3; hops++) {
    row = rows[row.sectionRowIndex + step[0]];
    column += step[1];
    const next = row?.cells[column];
    if (!next) return true;
    if (next.dataset.index) {
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return true;
    }
  }
  return true;
}
