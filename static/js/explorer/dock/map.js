/**
 * The map of runs: it fills from coarse to fine, says what a cell has, and
 * opens a cell's run beside the present one.
 */
import { number } from "../../core/format.js";
import {
  bestCell,
  cellText,
  digitsFor,
  mapAsCsv,
  mapAsNumpy,
  secondsLeft,
  valueText,
  zoomed,
} from "../../core/sweep.js";
import { quantityIn } from "../../core/trace.js";
import { curvePath, mapFigure } from "../../figures/map.js";
import { isAbort, Problem } from "../../server/api.js";
import { readSweep, recipeOfCell } from "../../server/sweep.js";
import { TEXT } from "../../text/en.js";
import { copyText } from "../../ui/clipboard.js";
import { button, h, s, set, write } from "../../ui/dom.js";
import { download } from "../../ui/download.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { mapForm, USUAL_STEPS } from "./map-form.js";

/** @param {Place} place @param {FigureServices} services */
export function mountMap({ section }, { store, painter, session, player, undo, api, Plotly }) {
  const { state } = store;
  const root = h("div.map-panel[data-slot=map]");
  section.append(root);
  /** @type {{kept: import("../../server/sweep.js").Kept, cells: Cells} | null} */
  let drawn = null;
  /** @type {AbortController | null} */
  let asking = null;
  let key = ""; // the map that is shown or asked for
  let begun = 0;
  let refused = ""; // why the map cannot be computed
  /** @type {Cell | null} */
  let cursor = null;
  /** @type {Cell | null} */
  let corner = null; // the other end of a rectangle

  /** @type {Sweep[]} */
  const earlier = []; // the maps that "back" returns to

  const form = mapForm({ store, draw: show });
  const said = h("p.map-said.soft[role=status][data-readout=map]");
  const progress = h("progress.map-progress", { max: 1, "aria-label": TEXT.map.cellsComputed });
  /** @param {string} name @param {string} text @param {string} title @param {() => void} run */
  const tool = (name, text, title, run) => button(`map-${name}.small`, text, run, { title });
  const stop = tool("stop", TEXT.map.stop, TEXT.map.stopTitle, () => (asking ? halt() : ask()));
  const open = tool("open", TEXT.map.open, TEXT.map.openTitle, () => cursor && openCell(cursor));
  const zoom = tool("zoom", TEXT.map.zoom, TEXT.map.zoomTitle, zoomIn);
  const back = tool("out", TEXT.map.back, TEXT.map.backTitle, showEarlier);
  const resize = () => (root.popover ? root.hidePopover() : enlarge());
  const close = tool("close", "×", TEXT.map.close, resize);
  set(close, { "aria-label": TEXT.map.close });
  const tools = h(
    "div.map-tools[role=toolbar]",
    { "aria-label": TEXT.map.tools },
    h("button.small[popovertarget=map-form][data-action=map-form]", TEXT.map.axes),
    ...[stop, open, zoom, back],
    h(
      "span.map-more",
      tool("row", TEXT.map.row, TEXT.map.rowTitle, () => curves("row")),
      tool("column", TEXT.map.column, TEXT.map.columnTitle, () => curves("column")),
      tool("numpy", TEXT.map.numpy, TEXT.map.numpyTitle, () => save("numpy")),
      tool("csv", TEXT.map.csv, TEXT.map.csvTitle, () => save("csv")),
    ),
    tool("large", TEXT.map.larger, TEXT.map.largerTitle, resize),
    close,
  );
  const box = h("div[aria-describedby=map-keys]", {
    ...{ class: "plot", "data-figure": "map", tabindex: "0", role: "application" },
    "aria-label": TEXT.dock.figures.map.heading,
    onkeydown: press,
    onpointermove: point,
    onpointerdown: down,
    onpointerup: up,
  });
  const keys = h("p.visually-hidden[id=map-keys]", TEXT.map.keys);
  const small = mapCurves(api);
  const first = h(
    "div.map-first",
    h("p", TEXT.map.whatItShows(USUAL_STEPS)),
    button("map-usual.primary", TEXT.map.drawUsual, form.drawUsual),
  );
  const signs = h(
    "p.map-signs.soft",
    h("span[data-sign=best]", "★ ", TEXT.map.best),
    h("span[data-sign=diverged]", TEXT.map.diverged),
  );
  root.append(tools, progress, first, box, small.element, signs, said, keys);
  root.addEventListener("beforetoggle", (/** @type {ToggleEvent} */ { newState }) => {
    root.classList.toggle("large", newState === "open");
    painter.redraw("map");
  });
  root.addEventListener("toggle", (/** @type {ToggleEvent} */ { newState }) => {
    if (newState === "closed") root.popover = null;
  });
  /** Over the whole window; Escape and a press outside close it. */
  function enlarge() {
    root.popover = "auto";
    root.showPopover();
  }
  const plot = createPlot(Plotly, box, () => painter.redraw("map"));

  const measure = () =>
    /** @type {Measure} */ (
      state.catalog?.measures.find(
        (/** @type {{name: string}} */ each) => each.name === drawn?.kept.sweep.measure,
      ) ?? { name: "", title: TEXT.map.value, description: "", better: null }
    );

  painter.add("map", 240, () => {
    const on = state.tab === "map";
    if (!on) return root.popover && root.hidePopover();
    const wanted = state.map ? JSON.stringify(state.map) : "";
    if (wanted !== key && state.catalog && state.experiment) {
      key = wanted;
      halt();
      drawn = cursor = corner = null;
      small.clear();
      if (state.map) ask();
    }
    paint();
  });

  function show(/** @type {Sweep} */ map) {
    if (state.map) earlier.push(state.map);
    store.set({ map });
  }

  function showEarlier() {
    const map = earlier.pop();
    if (map) store.set({ map });
  }

  function halt() {
    asking?.abort();
    asking = null;
  }

  async function ask() {
    const map = state.map;
    if (!map) return;
    const controller = new AbortController();
    asking = controller;
    begun = 0;
    refused = "";
    try {
      await readSweep(
        api,
        map,
        (kept, cells) => {
          if (asking !== controller) return;
          begun ||= cells.reached ? performance.now() : 0;
          drawn = { kept, cells };
          cursor ??= { row: 0, column: 0 };
          painter.redraw("map");
        },
        controller.signal,
      );
    } catch (error) {
      if (isAbort(error)) return;
      const text = error instanceof Error ? error.message : String(error);
      const fields = error instanceof Problem ? error.errors : [];
      const named = fields.map(({ field, message }) => `${field}: ${message}`).join("; ");
      if (error instanceof Problem && !drawn) form.refuse(named || text);
      refused = named || text;
    } finally {
      if (asking === controller) asking = null;
      painter.redraw("map");
    }
  }

  function paint() {
    const busy = asking !== null;
    const missing = state.map !== null && (!drawn || drawn.cells.reached < drawn.cells.target);
    write(stop, busy ? TEXT.map.stop : TEXT.map.goOn);
    stop.hidden = !(busy || missing);
    for (const each of [open, zoom]) each.disabled = !cursor;
    back.disabled = !earlier.length;
    progress.hidden = !busy;
    set(root, { "data-empty": state.map === null });
    signs.hidden = !drawn;
    first.hidden = state.map !== null;
    box.hidden = state.map === null;
    if (!drawn) {
      plot.clear();
      set(box, { "aria-label": TEXT.dock.figures.map.heading });
      write(said, refused || (state.map ? TEXT.map.beingComputed : TEXT.map.chooseAxes));
      return;
    }
    const { kept, cells } = drawn;
    set(progress, { value: cells.reached / cells.target });
    const best = bestCell(cells, kept.better);
    if (plot.visible)
      plot.draw(
        mapFigure(kept.sweep, cells, measure(), palette(), {
          ...plot.size(),
          ...{ best, cursor, corner },
        }),
      );
    say();
  }

  /** What the cell at the cursor has, and how far the map is. */
  function say() {
    if (!drawn || !cursor) return;
    const { kept, cells } = drawn;
    const text = cellText(kept.sweep, cells, cursor, measure());
    const seconds = asking && begun ? secondsLeft(cells, (performance.now() - begun) / 1000) : null;
    const far = asking
      ? TEXT.map.percentDone(
          Math.round((100 * cells.reached) / cells.target),
          seconds === null ? null : Math.ceil(seconds),
        )
      : cells.reached < cells.target
        ? TEXT.map.stopped
        : "";
    write(said, text + far);
    set(box, { "aria-label": TEXT.map.described(cells.rows, cells.columns, text) });
  }

  /** @param {Cell} cell @param {boolean} [marking] */
  function moveTo(cell, marking = false) {
    if (!drawn) return;
    corner = marking ? (corner ?? cursor) : null;
    cursor = {
      row: Math.max(0, Math.min(drawn.cells.rows - 1, cell.row)),
      column: Math.max(0, Math.min(drawn.cells.columns - 1, cell.column)),
    };
    paint();
  }

  function press(/** @type {KeyboardEvent} */ event) {
    if (!drawn || !cursor || event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, [number, number]>} */
    const by = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const way = by[event.key];
    const best = bestCell(drawn.cells, drawn.kept.better);
    if (way) moveTo({ row: cursor.row + way[0], column: cursor.column + way[1] }, event.shiftKey);
    else if (event.key === "Enter") openCell(cursor);
    else if (event.key === "z") zoomIn();
    else if (event.key === "b" && best) moveTo(best);
    else if (event.key === "Backspace") showEarlier();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The cell under the pointer. @param {PointerEvent} event @returns {Cell | null} */
  function cellAt(event) {
    const { xaxis, yaxis } = /** @type {PlotElement} */ (box)._fullLayout ?? {};
    if (!drawn || !xaxis) return null;
    const bounds = box.getBoundingClientRect();
    const column = Math.round(xaxis.p2d(event.clientX - bounds.left - xaxis._offset));
    const row = Math.round(yaxis.p2d(event.clientY - bounds.top - yaxis._offset));
    const inside =
      row >= 0 && column >= 0 && row < drawn.cells.rows && column < drawn.cells.columns;
    return inside ? { row, column } : null;
  }

  /** @type {Cell | null} */
  let pressed = null;
  function down(/** @type {PointerEvent} */ event) {
    pressed = cellAt(event);
    if (pressed) {
      // plotly.js covers the page while a button is down, and would get the moves
      box.setPointerCapture(event.pointerId);
      corner = null;
      moveTo(pressed);
    }
  }
  function point(/** @type {PointerEvent} */ event) {
    const cell = cellAt(event);
    if (!cell || (cursor && cell.row === cursor.row && cell.column === cursor.column)) return;
    if (pressed) corner = pressed;
    else if (corner) return; // a rectangle is marked: it stays until the next press
    moveTo(cell, pressed !== null);
  }
  function up(/** @type {PointerEvent} */ event) {
    const cell = cellAt(event);
    // over the whole window a press chooses a cell: its run would open behind the map
    const same = cell && cell.row === pressed?.row && cell.column === pressed.column;
    if (same && !corner && !root.popover) openCell(cell);
    pressed = null;
  }

  function zoomIn() {
    if (!drawn || !cursor || !state.map) return;
    const near = 2;
    const a = corner ?? { row: cursor.row - near, column: cursor.column - near };
    const b = corner ? cursor : { row: cursor.row + near, column: cursor.column + near };
    const { rows, columns } = drawn.cells;
    const ends = [
      [a.row, b.row, rows],
      [a.column, b.column, columns],
    ];
    const wanted = state.map.axes;
    const axes = drawn.kept.sweep.axes.map(
      (/** @type {Axis} */ { values }, /** @type {number} */ k) => {
        const [first, last, size] = ends[k];
        const inside = (/** @type {number} */ at) => Math.max(0, Math.min(size - 1, at));
        return zoomed(wanted[k], values ?? [], inside(first), inside(last)) ?? wanted[k];
      },
    );
    show({ ...state.map, axes });
  }

  /** Its run, beside the present one; if it diverged, where it did. @param {Cell} cell */
  async function openCell(cell) {
    if (!drawn) return;
    const { kept, cells } = drawn;
    const died = cells.diverged[cell.row * cells.columns + cell.column];
    try {
      const recipe = await recipeOfCell(api, kept.id, cell);
      if (state.playing) player.pause();
      undo.remember();
      const before = state.experiment?.recipe ?? null;
      const step = Number.isFinite(died) ? died : kept.sweep.step;
      if (root.popover) root.hidePopover();
      if (!(await session.open(recipe, step))) return;
      store.set({ reference: before, ...(Number.isFinite(died) ? { line: dyingLine() } : {}) });
    } catch (error) {
      write(said, error instanceof Error ? error.message : String(error));
    }
  }

  /** The update of the weights whose gradient is the largest. */
  function dyingLine() {
    const norms = (state.frame?.layers ?? []).map(({ gradient }) => gradient?.W_norm ?? 0);
    const layer = norms.indexOf(Math.max(...norms)) + 1;
    return quantityIn(state.trace, "W_next", layer)?.id ?? state.line;
  }

  async function save(/** @type {"numpy" | "csv"} */ as) {
    if (!drawn) return;
    const { kept, cells } = drawn;
    if (as === "csv") {
      const text = mapAsCsv(kept.sweep, cells);
      return download(new Blob([text], { type: "text/csv" }), "map.csv");
    }
    const text = mapAsNumpy(kept.sweep, cells);
    if (await copyText(text)) write(said, TEXT.map.copied);
    else download(new Blob([text], { type: "text/x-python" }), "map.py");
  }

  function curves(/** @type {"row" | "column"} */ which) {
    if (!drawn || !cursor) return;
    if (!root.popover) enlarge(); // there is no place for them beside the network
    small.show(drawn.kept, drawn.cells, cursor, which);
  }
}

const MOST = 12;
const [WIDTH, HEIGHT] = [84, 40];

/**
 * A column of the recorded points, as plain numbers.
 * @param {Frame} frame @param {keyof NonNullable<Frame["curves"]>} name @returns {number[]}
 */
const columnOf = (frame, name) => Array.from(frame.curves?.[name]?.data ?? []);

function mapCurves(/** @type {Api} */ api) {
  // it takes the focus so that arrow keys can scroll it
  const element = h("div.map-curves[role=list][tabindex=0][hidden]");
  let requests = 0;

  /**
   * @param {import("../../server/sweep.js").Kept} kept @param {Cells} cells @param {Cell} at
   * @param {"row" | "column"} which
   */
  async function show(kept, cells, at, which) {
    requests += 1;
    const request = requests;
    const along = which === "row" ? cells.columns : cells.rows;
    const every = Math.ceil(along / MOST);
    const places = Array.from({ length: along }, (_, k) => k).filter((k) => k % every === 0);
    const axis = kept.sweep.axes[which === "row" ? 1 : 0] ?? kept.sweep.axes[0];
    element.hidden = false;
    element.setAttribute("aria-label", TEXT.map.costsOf[which]);
    element.replaceChildren(h("p.soft", TEXT.map.curvesBeingComputed));
    const curves = await Promise.all(
      places.map(async (k) => {
        const cell = which === "row" ? { ...at, column: k } : { ...at, row: k };
        const recipe = await recipeOfCell(api, kept.id, cell);
        const { id } = await api.createExperiment(recipe);
        const frame = await api.frame(id, kept.sweep.step, { include: "curves" });
        return {
          value: axis.values[k],
          steps: columnOf(frame, "step"),
          costs: columnOf(frame, "cost_train"),
        };
      }),
    ).catch(() => null);
    if (request !== requests) return;
    if (!curves) return element.replaceChildren(h("p.soft", TEXT.map.noCurves));
    const costs = curves.flatMap((each) => each.costs);
    const digits = digitsFor(axis.values, 3);
    const finite = costs.filter(Number.isFinite).sort((a, b) => a - b);
    const [low, high] = [finite[0] ?? 0, finite[Math.floor(0.95 * (finite.length - 1))] ?? 1];
    element.replaceChildren(
      ...curves.map(({ value, steps, costs: values }) => {
        const last = values.at(-1);
        const size = { width: WIDTH, height: HEIGHT };
        const name = valueText(value, digits);
        const said = TEXT.map.curve(name, number(last ?? null, 3), steps.at(-1));
        const svg = s(
          "svg[role=img]",
          { ...size, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-label": said },
          s("path.map-curve", {
            d: curvePath(steps, values, { ...size, last: kept.sweep.step, low, high }),
          }),
        );
        return h("div[role=listitem]", svg, h("span", name));
      }),
    );
  }

  return {
    element,
    show,
    clear() {
      requests += 1;
      element.hidden = true;
      element.replaceChildren();
    },
  };
}
