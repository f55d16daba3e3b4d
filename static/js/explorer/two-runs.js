/**
 * Two runs beside each other: their planes with one cross-hair, where they disagree, their numbers,
 * and both costs on one time line that moves both runs.
 */
import { baseName } from "../core/activations.js";
import { differences } from "../core/edits.js";
import { number, typedNumber } from "../core/format.js";
import { defaults, find } from "../core/recipe.js";
import { costVeiled, outputVeiled } from "../core/veil.js";
import { bitmap } from "../figures/bitmap.js";
import { channels } from "../figures/colour.js";
import {
  classOf,
  crossHair,
  into,
  outputAt,
  planeOf,
  planeShapes,
  wrongPlaces,
  wrongShapes,
} from "../figures/plane.js";
import { words } from "../figures/shapes.js";
import { TEXT } from "../text/en.js";
import { button, closest, h, patch, s, set, tableRow, write } from "../ui/dom.js";
import { menu, numberField, options } from "../ui/fields.js";
import { takeKeys } from "../ui/shortcuts.js";
import { palette } from "../ui/theme.js";
import { createShapes } from "./drawn-shapes.js";

const SIDE = 400; // of a picture, in units of the drawing
const BOX = { x: 0, y: 0, w: SIDE, h: SIDE };
const RADIUS = 4; // of a point
const [LONG, TALL] = [1200, 150]; // of the time line
const LOWEST = 1e-6; // of a cost on the time line: lower ones would stretch it

/** @typedef {import("../core/remedies.js").Change} Change */

/**
 * @param {Pick<Services, "store" | "painter" | "comparison" | "session" | "player">} services
 * @param {Branching} comparing
 */
export function mountTwoRuns({ store, painter, comparison, session, player }, comparing) {
  const { state } = store;
  const close = () => store.set({ both: false });
  const title = h("h2");
  const said = h("p.soft");
  const change = createChange(store, (edits, step) =>
    comparing.branch(edits, step, state.reference),
  );
  const panels = ["A", "B"].map((name) => {
    const picture = s("svg.run-plane", {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      role: "img",
      "data-plane": name,
    });
    const label = h("p.run-name", h("b", name), h("span"));
    const wrong = h("p.run-wrong.soft");
    const draw = createShapes(picture, "run-shapes");
    return { picture, draw, label, wrong, element: h("section.run-panel", label, picture, wrong) };
  });
  const apart = h("img.runs-apart", { alt: "" });
  const apartText = h("p", { "data-readout": "disagree" });
  const table = h("table.runs-table");
  const line = s("svg.runs-line", {
    viewBox: `0 0 ${LONG} ${TALL}`,
    role: "slider",
    tabindex: "0",
    "aria-label": TEXT.twoRuns.timeLine,
    preserveAspectRatio: "none",
  });
  const about = h("p.soft");
  const wipe = h("input.runs-wipe", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    "aria-label": TEXT.twoRuns.wipe,
  });
  const planes = h(
    "div.run-planes",
    panels.map(({ element }) => element),
  );
  const root = h(
    "section.two-runs",
    { "data-slot": "two-runs", "aria-label": TEXT.twoRuns.title, hidden: true },
    h(
      "header",
      h("div", title, said),
      button("swap-runs.small", [TEXT.twoRuns.swap, " ", h("kbd", "X")], () => comparison.swap()),
      button("close-runs.small", [TEXT.twoRuns.close, " ", h("kbd", TEXT.ui.keys.Escape)], close),
    ),
    change.element,
    h(
      "div.runs-body",
      planes,
      wipe,
      h("aside", h("h3", TEXT.twoRuns.apart), apart, apartText, table),
    ),
    h("div.runs-time", about, line),
  );
  document.body.append(root);
  wipe.addEventListener("input", () => planes.style.setProperty("--wipe", `${wipe.value}%`));

  /** Where both cross-hairs are, as parts of the side. @type {number[] | null} */
  let cross = null;
  for (const { picture } of panels)
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      cross = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      painter.redraw("run-planes");
    });
  planes.addEventListener("pointerleave", () => {
    cross = null;
    painter.redraw("run-planes");
  });
  const last = () => Math.max(1, state.history?.reached ?? 1, state.compared?.history.reached ?? 1);
  const go = (/** @type {number} */ step) => {
    if (state.playing) player.pause();
    session.go(Math.max(0, Math.min(last(), Math.round(step))));
  };
  const drag = (/** @type {PointerEvent} */ { clientX, buttons }) => {
    const box = line.getBoundingClientRect();
    if (buttons) go(((clientX - box.left) / box.width) * last());
  };
  line.addEventListener("pointerdown", drag);
  line.addEventListener("pointermove", drag);
  line.addEventListener("keydown", ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (by) go(state.step + by);
  });
  takeKeys(document, (event) => {
    if (!state.both || !state.reference || event.ctrlKey || event.metaKey) return false;
    const typing = closest(event.target, "input, select") !== null;
    if (event.key.startsWith("Arrow") && event.target !== line) event.stopPropagation();
    if (event.key === "Escape") close();
    else if (event.key === "x" && !typing) comparison.swap();
    else return false;
    return true;
  });

  /**
   * @param {Data} data @param {Boundary} boundary @param {[number, number][]} wrong places
   * @returns {Shape[]}
   */
  function shapesOf(data, boundary, wrong) {
    const { ranges } = planeOf(data, boundary);
    const shapes = [
      ...planeShapes(data, boundary, palette(), BOX, RADIUS),
      ...wrongShapes(wrong, into(BOX, ranges), RADIUS),
    ];
    if (!cross || boundary.kind === "curve") return shapes;
    const [across, down] = cross;
    const [x, y] = [across * SIDE, down * SIDE];
    const [u, v] = ranges.map(([low, high], k) => low + (high - low) * (k ? 1 - down : across));
    const value = `a = ${number(outputAt(boundary, u, v), 3)}`;
    return [
      ...shapes,
      ...crossHair({ x, y }, BOX, 0.8),
      words(value, Math.min(SIDE - 60, x + 8), Math.max(14, y - 8), "run-value"),
    ];
  }

  /** @param {RunHistory} history @param {number} end @param {number[]} range of log10 */
  function costPath({ step, cost_test: test, cost_train: train }, end, [low, high]) {
    const cost = test.some(Number.isFinite) ? test : train;
    const y = (/** @type {number} */ v) =>
      TALL * (1 - (Math.log10(Math.max(v, LOWEST)) - low) / (high - low || 1));
    return step
      .flatMap((each, k) =>
        Number.isFinite(cost[k])
          ? [`${((LONG * each) / end).toFixed(1)} ${y(cost[k]).toFixed(1)}`]
          : [],
      )
      .join("L");
  }

  const isShown = (/** @type {Page} */ page) => !outputVeiled(page) && !costVeiled(page);

  /**
   * A is the kept run, B the one that is shown and changed; null: one of them is not there yet.
   * @param {Page} page
   */
  function runsOf(page) {
    const { compared, frame } = page;
    if (!compared?.frame || !frame) return null;
    const runs = [compared, page].map(({ experiment, frame, history }) => ({
      ...{ experiment, history },
      frame: /** @type {Frame} */ (frame),
    }));
    const [kept, current] = runs.map(({ experiment }) => experiment.recipe);
    const has = [differences(kept, current), differences(current, kept)];
    return { page: /** @type {State} */ (page), runs, kept, current, has };
  }

  painter.add("two-runs", 0, (now) => {
    const { both, reference } = now;
    const known = both && reference !== null ? runsOf(now) : null;
    // Once open it stays until it is closed: after a swap the other frame comes later.
    const on = both && reference !== null && (known !== null || !root.hidden);
    root.hidden = !on;
    document.body.dataset.twoRuns = String(on);
    if (!known) return;
    const { page, runs, has } = known;
    const count = Math.max(has[0].length, has[1].length);
    const [a, b] = has.map((each) => each.join(", "));
    write(title, TEXT.twoRuns.differ(count));
    write(said, count ? TEXT.twoRuns.sentence(a, b, page.step) : TEXT.twoRuns.same(page.step));
    change.draw();
    const shown = isShown(page);
    const rows = [
      [TEXT.twoRuns.train, ...runs.map(({ frame }) => frame.cost.train), -1],
      [TEXT.twoRuns.test, ...runs.map(({ frame }) => frame.cost.test), -1],
      [
        page.frame.score?.name ?? TEXT.twoRuns.score,
        ...runs.map(({ frame }) => frame.score?.test ?? frame.score?.train),
        1,
      ],
    ];
    patch(
      table,
      h("tr", h("td"), h("th", "A"), h("th", "B")),
      rows.map(([name, a, b, sign]) => {
        const better = (Number(a) - Number(b)) * Number(sign);
        const cell = (/** @type {unknown} */ v, /** @type {boolean} */ bold) =>
          h(bold ? "td.better" : "td", shown ? (typeof v === "number" ? number(v, 4) : "–") : "?");
        return tableRow(String(name), cell(a, better > 0), cell(b, better < 0));
      }),
    );
  });

  painter.add("run-planes", 120, (now) => {
    const known = now.both && now.reference ? runsOf(now) : null;
    if (!known) return;
    const { page, runs, kept, current, has } = known;
    const colours = palette();
    const shown = isShown(page);
    const boundaries = runs.map(({ frame }) => frame.boundary);
    // of other points, or the same in other units, there is no plane to draw these over
    const sameData = JSON.stringify(current.dataset) === JSON.stringify(kept.dataset);
    const plane = sameData && boundaries.every((each) => each);
    planes.hidden = !plane || !shown;
    panels.forEach(({ picture, draw, label, wrong: said }, k) => {
      write(/** @type {Node} */ (label.lastChild), has[k].join(", ") || TEXT.twoRuns.asItWas);
      const each = boundaries[k];
      if (!plane || !shown || !each) return;
      const wrong = wrongPlaces(page.data, each);
      draw(shapesOf(page.data, each, wrong));
      const all = page.data.train.x.length + page.data.test.x.length;
      const count =
        page.data.task === "classification" ? TEXT.twoRuns.wrong(wrong.length, all) : "";
      write(said, count);
      set(said, { "data-wrong": wrong.length > 0 });
      set(picture, { "aria-label": `${"AB"[k]}: ${has[k].join(", ")}. ${count}` });
    });
    const [p, q] = boundaries;
    const same =
      plane &&
      shown &&
      p &&
      q &&
      p.kind === q.kind &&
      p.z.data.length === q.z.data.length &&
      !["surface", "curve"].includes(p.kind);
    apart.hidden = apartText.hidden = !same;
    if (same) {
      const columns = p.x.data.length;
      const off = Array.from(
        p.z.data,
        (value, k) => classOf(p.kind, value) !== classOf(q.kind, q.z.data[k]),
      );
      const [yes, no] = [channels(colours.phases.backward), channels(colours.wash)];
      set(apart, {
        src: bitmap(columns, off.length / columns, (c, r) => (off[r * columns + c] ? yes : no)),
      });
      write(
        apartText,
        TEXT.twoRuns.disagree(Math.round((100 * off.filter(Boolean).length) / off.length)),
      );
    }
    const end = last();
    const costs = runs
      .flatMap(({ history }) => [...history.cost_test, ...history.cost_train])
      .filter((v) => v > 0 && Number.isFinite(v));
    const range = [Math.min(...costs), Math.max(...costs)].map((v) =>
      Math.log10(Math.max(v, LOWEST)),
    );
    const [low, high] = range.map((power) => number(10 ** power, 3));
    write(about, TEXT.twoRuns.line(low, high, end));
    const at = (LONG * Math.min(page.step, end)) / end;
    patch(
      line,
      ...(shown
        ? runs.map(({ history }, k) =>
            s("path", {
              class: k ? "run-b" : "run-a",
              d: `M${costPath(history, end, range) || "0 0"}`,
            }),
          )
        : []),
      s("path.run-now", { d: `M${at} 0V${TALL}` }),
    );
    set(line, { "aria-valuemin": 0, "aria-valuemax": end, "aria-valuenow": page.step });
  });
}

/**
 * How B is changed from the shown update on: a setting and its new value.
 * @param {Store} store @param {(edits: Change[], step: number) => void} branch
 */
function createChange({ state }, branch) {
  const names = TEXT.twoRuns.settings;
  const setting = menu(Object.entries(names), fill, {
    "data-control": "change-setting",
    "aria-label": TEXT.twoRuns.change,
  });
  const attributes = { "data-control": "change-value" };
  const typed = numberField(attributes);
  const listed = h("select", attributes);
  const from = h("span.soft");
  const problem = h("span.problem", { role: "alert" });
  const go = h("button.small", { type: "submit", "data-action": "change-run" });
  const element = h(
    "form.runs-change",
    { autocomplete: "off" },
    h("label", TEXT.twoRuns.change, " ", setting),
    h("label", TEXT.twoRuns.to, " ", typed, listed),
    from,
    go,
    problem,
  );
  write(go, TEXT.twoRuns.start);
  /** What holds at the shown update. */
  function now() {
    const { frame, experiment } = /** @type {State} */ (state);
    const edited = (experiment.recipe.edits ?? []).findLast(
      ({ set, step }) => set === "optimizer" && step <= frame.step,
    );
    return {
      learning_rate: String(Number(frame.learning_rate.toPrecision(6))),
      optimizer: edited?.to.name ?? experiment.recipe.optimizer.name,
      activation: frame.layers[0].activation,
      hidden: frame.layers.length - 1,
    };
  }
  function fill() {
    if (!state.frame || !state.catalog) return;
    const { optimizers, activations } = state.catalog;
    const name = /** @type {keyof typeof names} */ (setting.value);
    typed.hidden = name !== "learning_rate";
    listed.hidden = !typed.hidden;
    listed.replaceChildren(
      ...options(name === "optimizer" ? optimizers : activations).filter(
        ({ value }) => value !== "softmax",
      ),
    );
    const value = now()[name];
    // one with a parameter, such as leaky_relu(0.1), is not in the catalog
    if (name === "activation" && baseName(value) !== value)
      listed.append(...options([[value, value.replace(/_/g, " ")]]));
    typed.value = listed.value = value;
    write(problem, "");
  }
  element.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!state.frame || state.pending) return; // it would be lost with the change before
    const name = /** @type {keyof typeof names} */ (setting.value);
    const { hidden, ...held } = now();
    const rate = typedNumber(typed.value);
    const to = name === "learning_rate" ? String(rate) : listed.value;
    if (name === "learning_rate" && !(rate >= 0)) return write(problem, TEXT.twoRuns.rateNeeded);
    if (to === held[name]) return write(problem, TEXT.twoRuns.changeSomething);
    write(problem, "");
    const method = find(state.catalog?.optimizers, to);
    const optimizer = {
      name: to,
      ...defaults(method),
      learning_rate: method?.default_learning_rate ?? Number(held.learning_rate),
    };
    branch(
      name === "learning_rate"
        ? [{ set: name, to: rate }]
        : name === "optimizer"
          ? [{ set: name, to: optimizer }]
          : Array.from({ length: hidden }, (_, k) => ({ set: `activation${k + 1}`, to })),
      state.frame.step,
    );
  });
  let filled = "";
  return {
    element,
    draw() {
      write(from, TEXT.twoRuns.from(state.step));
      set(go, { disabled: state.pending });
      const id = state.experiment?.id ?? "";
      const alone = (state.frame?.layers.length ?? 0) < 2;
      for (const option of setting.options)
        option.disabled = alone && option.value === "activation";
      if (filled !== id) fill();
      filled = id;
    },
  };
}
