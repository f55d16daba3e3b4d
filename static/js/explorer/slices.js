/**
 * The cost around the parameters of the step, in the middle figure: along the gradient, over a
 * plane, over two weights. Computed on demand, never while playing unless asked for.
 */

import { parseElement } from "../core/elements.js";
import { number } from "../core/format.js";
import {
  argmin,
  formatSlice,
  isEntry,
  parameterNames,
  parseSlice,
  queryOf,
} from "../core/slice.js";
import { ASKED, costVeiled, gradientsVeiled } from "../core/veil.js";
import { axisName, lineFigure, planeFigure } from "../figures/slices.js";
import { Problem } from "../server/api.js";
import { sizesOf } from "../state/shown.js";
import { h, set, slot, write } from "../ui/dom.js";
import { createPlot } from "../ui/plot.js";
import { palette } from "../ui/theme.js";

const CALM = 150; // ms: who scrubs through the run wants the last step only
const FURTHER = 5; // times as far, twice at most, where the cost still falls at the end of the line
const NAMED = 600; // parameters that a list can offer
const VIEWS = [
  ["gradient", "batch's gradient"],
  ["gradient:train", "training set's gradient"],
  ["plane:random", "gradient × random"],
  ["plane:start", "gradient × start"],
  ["weights", "two weights"],
];

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter,
 *   session: import("../server/session.js").Session, api: import("../server/api.js").Api, Plotly:
 *   any}} surroundings
 */
export function mountSlices({ store, painter, session, api, Plotly }) {
  const { state } = store;
  const root = slot("slice");
  /** @type {{key: string, answer: any} | null} */
  let found = null;
  let wanted = ""; // key that is being asked for
  let timer = 0;
  /** @type {Map<any, string>} what each of the two plots shows */
  const drawn = new Map();

  const view = h(
    "select",
    { "data-control": "slice", "aria-label": "What is cut through the cost", onchange: pick },
    VIEWS.map(([value, text]) => h("option", { value }, text)),
  );
  const seed = h("input", {
    type: "text",
    inputmode: "numeric",
    class: "slice-seed",
    "data-control": "slice-seed",
    "aria-label": "Seed of the random direction",
    onchange: () =>
      /^\d{1,9}$/.test(seed.value.trim()) &&
      choose({ kind: "plane", second: "random", seed: Number(seed.value) }),
  });
  const other = h(
    "button",
    {
      type: "button",
      class: "small",
      "data-action": "slice-seed",
      title: "Another random direction",
      onclick: () =>
        choose({ kind: "plane", second: "random", seed: (parseSlice(state.slice)?.seed ?? 0) + 1 }),
    },
    "another",
  );
  const names = h("datalist", { id: "slice-names" });
  const entry = (which, title) =>
    h("input", {
      type: "text",
      list: "slice-names",
      spellcheck: "false",
      autocomplete: "off",
      class: "slice-entry",
      "data-control": `slice-${which}`,
      "aria-label": title,
      title: `${title}, as W1[0,2] or b2[1]: rows are inputs, counted from 0`,
      onchange: typed,
    });
  const [a, b] = [entry("a", "Horizontal weight"), entry("b", "Vertical weight")];
  const take = h(
    "button",
    {
      type: "button",
      class: "small",
      "data-action": "slice-take",
      title:
        "The weight chosen in the network or the working becomes the vertical one, and the vertical one horizontal",
      onclick: takeChosen,
    },
    "chosen",
  );
  const larger = h(
    "button",
    {
      type: "button",
      class: "small slice-larger",
      "data-action": "slice-large",
      "aria-label": "Larger",
      title: "Larger",
      onclick: () => open(),
    },
    h("span", { "aria-hidden": "true" }, "⤢"),
  );
  const legend = h(
    "span",
    { class: "legend" },
    h("span", { class: "key-solid" }),
    "train",
    h("span", { class: "key-dashed" }),
    "batch",
  );
  const bar = h(
    "div",
    { class: "slice-bar" },
    view,
    legend,
    seed,
    other,
    a,
    b,
    take,
    names,
    larger,
  );
  const box = h("div", {
    class: "plot",
    "data-figure": "loss-slice",
    role: "img",
    "aria-label": "The cost around the present parameters",
  });
  const said = h("p", { class: "slice-said", "data-readout": "slice" });
  const again = h(
    "button",
    {
      type: "button",
      class: "link",
      "data-action": "slice-now",
      hidden: true,
      onclick: () => ask(keyOf()),
    },
    "draw now",
  );
  root.append(bar, box, h("div", { class: "slice-foot" }, said, again));
  const plot = createPlot(Plotly, box, () => painter.redraw("slice"));

  const largeBox = h("div", { class: "plot", "data-figure": "loss-slice-large", role: "img" });
  const largeSaid = h("p", {});
  const dialog = h(
    "dialog",
    { class: "help slice-dialog", "aria-labelledby": "slice-title" },
    h(
      "header",
      {},
      h("h2", { id: "slice-title" }, "The cost around this step"),
      h("button", { type: "button", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
    ),
    largeBox,
    largeSaid,
  );
  document.body.append(dialog);
  const largePlot = createPlot(Plotly, largeBox, () => dialog.open && painter.redraw("slice"));

  function open() {
    dialog.showModal();
    painter.redraw("slice");
  }

  /** @param {import("../core/slice.js").Slice} slice */
  function choose(slice) {
    store.set({ slice: formatSlice(slice) });
  }

  function pick() {
    if (view.value === "weights") choose({ kind: "weights", ...firstPair() });
    else store.set({ slice: view.value === "plane:random" ? "plane:random:0" : view.value });
  }

  /** The parameter that is chosen in the picture. @returns {string | null} */
  function chosen() {
    const e = parseElement(state.selection);
    if (!e || e.layer === 0) return null;
    return e.kind === "edge" ? `W${e.layer}[${e.from},${e.to}]` : `b${e.layer}[${e.unit}]`;
  }

  function firstPair() {
    const [first, second] = parameterNames(sizesOf(state), 2);
    const own = chosen();
    return own && own !== first ? { a: first, b: own } : { a: first, b: second };
  }

  function takeChosen() {
    const own = chosen();
    const slice = parseSlice(state.slice);
    if (own && slice?.kind === "weights" && own !== slice.b)
      choose({ kind: "weights", a: slice.b, b: own });
  }

  function typed() {
    const pair = { a: a.value.replace(/\s/g, ""), b: b.value.replace(/\s/g, "") };
    for (const [field, name] of [
      [a, pair.a],
      [b, pair.b],
    ])
      set(field, { "aria-invalid": isEntry(name) ? null : "true" });
    if (isEntry(pair.a) && isEntry(pair.b)) choose({ kind: "weights", ...pair });
  }

  const keyOf = () =>
    [
      state.experiment?.id,
      state.frame?.step,
      state.slice.startsWith("gradient") ? "gradient" : state.slice,
    ].join("|");

  function later(key) {
    clearTimeout(timer);
    timer = setTimeout(() => keyOf() === key && !state.playing && ask(key), CALM);
  }

  async function ask(key) {
    const { experiment, frame } = state;
    const slice = parseSlice(state.slice);
    if (!slice || !experiment || wanted === key) return;
    wanted = key;
    painter.redraw("slice");
    const answer = await session.ask("slice", async (signal) => {
      try {
        const read = (span) =>
          api.slice(experiment.id, frame.step, { ...queryOf(slice), span }, signal);
        let best = await read();
        for (let k = 0; k < 2 && falling(best); k++)
          best = await read(FURTHER * best.directions[0].t.at(-1));
        return best;
      } catch (error) {
        if (error instanceof Problem && error.status === 422)
          return { refused: error.errors[0]?.message ?? error.message };
        throw error;
      }
    });
    if (wanted === key) wanted = "";
    if (answer) found = { key, answer };
    painter.redraw("slice");
  }

  painter.add({
    name: "slice",
    fields: [
      "frame",
      "middle",
      "slice",
      "playing",
      "pending",
      "theme",
      "selection",
      "experiment",
      "dragging",
      "veil",
    ],
    reads: ["data"],
    every: 300,
    draw() {
      const on = state.middle === "cost";
      root.hidden = !on;
      if (!on || !state.frame || !state.data) return;
      showBar();
      // a lesson asks for the cost or for what leads to it: the figure would tell
      const asked = costVeiled(state) || gradientsVeiled(state);
      box.hidden = larger.hidden = asked;
      if (asked) {
        again.hidden = true;
        set(said, { title: null });
        return write(said, ASKED);
      }
      const key = keyOf();
      const current = found?.key === key;
      if (!current && !state.playing && !state.pending && !state.dragging && wanted !== key)
        later(key);
      again.hidden = current || !state.playing || wanted !== "";
      if (!found || !drawable()) return write(said, "The cost is being computed …");
      const { answer } = found;
      root.classList.toggle("stale", !current);
      if (answer.refused)
        return write(said, current ? answer.refused : "The cost is being computed …");
      const slice = parseSlice(state.slice);
      const [short, text] =
        answer.kind === "gradient"
          ? lineSaid(answer, slice.of)
          : planeSaid(answer, state.data.train.x.length);
      write(said, current ? short : `This is step ${answer.step}.`);
      set(said, { title: text });
      draw(plot, answer, slice, false);
      set(box, { "aria-label": `The cost around step ${answer.step}. ${text}` });
      if (!dialog.open) return;
      draw(largePlot, answer, slice, true);
      set(largeBox, { "aria-label": box.getAttribute("aria-label") });
      write(largeSaid, text);
    },
  });

  /** Is what is there of the kind that is asked for? What another kind left is not drawn. */
  const drawable = () =>
    found.answer.refused || found.answer.kind === parseSlice(state.slice)?.kind;

  /** While the network plays nothing changes here, and nothing is drawn. */
  function draw(where, answer, slice, square) {
    const { width, height } = where.size();
    const now = [found.key, slice.of, width, height, document.documentElement.dataset.theme].join(
      "|",
    );
    if (!where.visible || drawn.get(where) === now) return;
    where.draw(figureOf(answer, slice, { width, height }, square));
    drawn.set(where, now);
  }

  const figureOf = (answer, slice, size, square) =>
    answer.kind === "gradient"
      ? lineFigure(answer, slice.of, palette(), size)
      : planeFigure(answer, palette(), { ...size, square });

  function showBar() {
    const slice = parseSlice(state.slice) ?? parseSlice("gradient");
    view.value =
      slice.kind === "weights"
        ? "weights"
        : slice.kind === "plane"
          ? `plane:${slice.second}`
          : formatSlice(slice);
    const random = slice.kind === "plane" && slice.second === "random";
    const weights = slice.kind === "weights";
    seed.hidden = other.hidden = !random;
    legend.hidden = slice.kind !== "gradient";
    a.hidden = b.hidden = take.hidden = !weights;
    if (random && document.activeElement !== seed) seed.value = String(slice.seed);
    if (!weights) return;
    for (const [field, name] of [
      [a, slice.a],
      [b, slice.b],
    ]) {
      if (document.activeElement === field) continue;
      field.value = name;
      set(field, { "aria-invalid": null });
    }
    set(take, { disabled: !chosen() || chosen() === slice.b });
    const sizes = sizesOf(state).join();
    if (names.dataset.sizes !== sizes) {
      names.dataset.sizes = sizes;
      names.replaceChildren(
        ...parameterNames(sizesOf(state), NAMED).map((name) => h("option", { value: name })),
      );
    }
  }
}

/** Does the cost of the training set still fall where its line ends? */
const falling = ({ kind, directions }) =>
  kind === "gradient" &&
  directions.every(({ t, cost_train }) => argmin(cost_train) === t.length - 1);

/** What the line says, in short and in words. @returns {[string, string]} */
function lineSaid(answer, of) {
  const {
    t,
    cost_train: train,
    update,
    gradient_norm: norm,
  } = answer.directions.find((one) => one.of === of);
  if (!norm) return Array(2).fill("The gradient is zero here: there is no direction to go.");
  const k = argmin(train);
  const ends = k === t.length - 1;
  const least =
    k < 0
      ? ["", ""]
      : ends
        ? [
            " · still falls at the end",
            " The training set's cost still falls at the end of this line.",
          ]
        : [
            ` · ▽ at t = ${number(t[k], 2)}`,
            ` Along this line the training set's cost is least at t = ${number(t[k], 2)}, where it is ${number(train[k], 3)}.`,
          ];
  if (update.t === null)
    return [
      `The update has no place here${least[0]}`,
      `The update has no place on this line.${least[1]}`,
    ];
  const off = update.off > 0.005 ? `${Math.round(100 * update.off)} %` : "";
  const [before, after] = [number(answer.cost.train, 3), number(update.cost_train, 3)];
  return [
    `◆ t = ${number(update.t, 2)}${off && ` (${off} beside)`}: ${before} → ${after}${least[0]}`,
    `The update goes to t = ${number(update.t, 3)}${off && `, ${off} of its way beside the line`}: the training set's cost goes from ${before} to ${after}.${least[1]}`,
  ];
}

/** @returns {[string, string]} */
function planeSaid(answer, all) {
  const { here, update, path, cost, samples } = answer;
  const known = cost.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (high - low <= 1e-9 * Math.abs(high))
    return Array(2).fill("Flat: the cost does not depend on these two.");
  const least = number(low, 3);
  // of a large training set the first rows stand for all: their cost is another
  const part = samples < all ? ` of ${samples} rows` : "";
  const names = answer.axes.map((axis) => axisName(axis, answer));
  const way = path
    ? `The line is the training so far, ${path.step.length} steps of it, the square its start.`
    : "The network is too large for its path to be kept.";
  const [now, next] = [number(here.cost, 3), number(update.cost, 3)];
  return [
    `○ now ${now}${part} · ◆ update ${next} · least here ${least}${path ? " · ■ start" : ""}`,
    `The cost is ${now}, after the update (◆) ${next}; the least in this plane is ${least}, of ${samples < all ? `the first ${samples} of ${all}` : `all ${samples}`} rows. Across: ${names[0]}; up: ${names[1]}. ${way}`,
  ];
}
