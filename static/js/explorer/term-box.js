/**
 * What a term means: two lines, and an example with this run's numbers, in a dialog without
 * backdrop. On a phone it comes from below.
 */
import { baseName } from "../core/activations.js";
import { at } from "../core/entries.js";
import { compile } from "../core/expression.js";
import { count, minus, number, tiny } from "../core/format.js";
import { flat } from "../core/lines.js";
import { ROOT } from "../core/root.js";
import { lineOf, quantityIn } from "../core/trace.js";
import { chosenEntry } from "../state/entry.js";
import { TEXT } from "../text/en.js";
import { placeAt } from "../ui/dialog.js";
import { button, h, s, set, write } from "../ui/dom.js";

const WIDE = 2.2; // of the curve, to both sides
const LIKE = [-3, -0.5, 0, 0.5, 3]; // values that an activation is shown at

/** @param {Services} services */
export function createTermBox({ store, api }) {
  const { state } = store;
  const title = h("h2[id=term-title]");
  const says = h("p");
  const example = h("p.term-example");
  const curve = s("svg.term-curve[role=img]", { viewBox: "0 0 150 90" });
  const lesson = h("a.term-lesson");
  /** @type {Promise<{lessons: {name: string, title: string}[]} | null> | null} */
  let lessons = null;
  const box = h(
    "div.popup.term-box",
    ...[{ popover: "auto", role: "dialog", "aria-labelledby": "term-title", tabindex: "-1" }],
    h(
      "header",
      title,
      button("close", "×", () => close(), { "aria-label": TEXT.ui.close }),
    ),
    says,
    h("div.term-here.side-by-side", curve, example),
    lesson,
  );
  /** @type {HTMLElement | null} */
  let asked = null;

  function close() {
    box.hidePopover();
    asked?.focus();
  }
  /** @param {Term} term @param {HTMLElement} word that was pressed */
  function show(term, word) {
    asked = word;
    // an example could be what a lesson asks
    const free = state.experiment && !state.veil && !state.asking;
    const shown = free ? exampleOf(term, state) : "";
    write(title, word.textContent ?? "");
    write(says, term.says);
    example.replaceChildren(...(shown ? [h("span.tag", TEXT.words.here), ` ${shown}`] : []));
    const drawn = free ? curveOf(term, state) : null;
    set(curve, { "aria-label": drawn?.said ?? null });
    curve.replaceChildren(...(drawn?.shapes ?? []));
    curve.classList.toggle("empty", !drawn);
    lesson.hidden = true;
    tellLesson(term);
    // what is outside of an open dialog is inert, and a menu closes with the next one outside of it
    (word.closest("dialog, [popover]") ?? document.body).append(box);
    box.showPopover();
    placeAt(box, word);
    box.focus();
  }
  /** Its title comes from the server, when the first term is asked. @param {Term} term */
  async function tellLesson({ lesson: name }) {
    lessons ??= api.get("/lessons").catch(() => null);
    const entry = (await lessons)?.lessons.find((each) => each.name === name);
    if (!entry || state.veil) return; // a lesson's page leads to no other one
    lesson.hidden = false;
    set(lesson, { href: `${ROOT}lessons/${name}` });
    write(lesson, TEXT.words.lesson(entry.title));
  }
  box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    if (event.key === "Tab" && (event.shiftKey ? event.target === box : event.target !== box)) {
      event.preventDefault(); // past the end
      close();
    }
  });
  return { show };
}

/**
 * The activation of a layer as a function of one number; null: it is none, or was not computed.
 * @param {State} state @param {number} layer
 */
function activationOf({ trace, frame }, layer) {
  const line = quantityIn(trace, "a", layer);
  if (!line || !("entry" in line) || frame.layers[layer - 1]?.activation === "softmax") return null;
  const arithmetic = compile(/** @type {Line} */ (line));
  return (
    arithmetic &&
    ((/** @type {number} */ x) => {
      arithmetic.data[0] = [x];
      return arithmetic.at([]);
    })
  );
}

/**
 * The layer whose activation a term is, else that of the line.
 * @param {Term} term @param {State} state
 */
function layerOf({ entry }, state) {
  const layer = state.frame.layers.findIndex(
    ({ activation }) => entry && baseName(activation) === entry,
  );
  return layer < 0 ? (lineOf(state.trace, state.line)?.layer ?? 1) : layer + 1;
}

/**
 * The activation with its tangent at the shown unit, for the terms that are about it.
 * @param {Term} term @param {State} state
 */
function curveOf(term, state) {
  const layer = layerOf(term, state);
  const activation = state.frame.layers[layer - 1]?.activation ?? "";
  const about = term.entry
    ? baseName(activation) === term.entry
    : ["slope", "activation", "saturated", "dead"].includes(term.words[0]);
  const f = about ? activationOf(state, layer) : null;
  const z = Number(numbersOf(state, layer).zFull);
  if (!f || !Number.isFinite(z)) return null;
  const reach = Math.max(WIDE, Math.abs(z) * 1.1);
  const xs = Array.from({ length: 61 }, (_, k) => (reach * (k - 30)) / 30);
  const ys = xs.map(f);
  const [low, high] = [Math.min(0, ...ys), Math.max(0.5, ...ys)];
  if (!Number.isFinite(low + high)) return null;
  const px = (/** @type {number} */ x) => 75 + (70 * x) / reach;
  const py = (/** @type {number} */ y) => 84 - (78 * (y - low)) / (high - low);
  const slope = (f(z + 1e-4) - f(z - 1e-4)) / 2e-4;
  const across = reach / 3;
  const path = xs.map((x, k) => `${px(x).toFixed(1)} ${py(ys[k]).toFixed(1)}`).join("L");
  const ends = [-across, across].map((d) => `${px(z + d)} ${py(f(z) + slope * d)}`);
  return {
    said: TEXT.words.curve(activation.replace(/_/g, " "), number(slope, 2)),
    shapes: [
      s("path.term-axis", { d: `M5 ${py(0)}H145M75 6V84` }),
      s("path.term-line", { d: `M${path}` }),
      s("path.term-tangent", { d: `M${ends.join("L")}` }),
      s("circle.term-dot", { cx: px(z), cy: py(f(z)), r: 4 }),
    ],
  };
}

/**
 * The example with the run's numbers; "" if the run lacks one of them.
 * @param {Term} term @param {State} state
 */
function exampleOf(term, state) {
  const { example, entry } = term;
  const { recipe } = state.experiment;
  const layers = state.frame.layers.map(({ activation }) => baseName(activation));
  if (entry && ![recipe.cost.name, recipe.optimizer.name, ...layers].includes(entry)) return "";
  const numbers = numbersOf(state, layerOf(term, state));
  const names = [...example.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.some((name) => !numbers[name])) return "";
  return example.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
}

/**
 * Numbers of the run at the line and entry that are shown: of one unit, its layer, one weight.
 * @param {State} state @param {number} [layer] if it is another one
 * @returns {Record<string, string>} some may be missing
 */
function numbersOf(state, layer = lineOf(state.trace, state.line)?.layer ?? 1) {
  const { trace, frame, experiment, data, catalog } = state;
  if (!trace || !frame) return {};
  const line = lineOf(trace, state.line);
  const index = line?.layer === layer ? chosenEntry(state, line) : [];
  const unit = index[line?.axes.indexOf(TEXT.core.unit) ?? -1] ?? index.at(-1) ?? 0;
  /** @param {string} quantity @param {number | null} of @param {number[]} [place] */
  const one = (quantity, of, place = [unit]) => {
    const array = quantityIn(trace, quantity, of);
    if (!array?.value) return null;
    const full = array.shape.length > place.length ? [0, ...place] : place;
    return array.shape.length ? at(array.value, full) : Number(array.value);
  };
  /** @param {string} quantity @param {number | null} of */
  const all = (quantity, of) => flat(quantityIn(trace, quantity, of)?.value ?? []).slice(0, 4);
  const listed = (/** @type {number[]} */ list) => {
    const texts = list.map((value) => number(value));
    return texts.length === 1 ? texts[0] : `(${texts.join(", ")})`;
  };
  const { units = 0, activation = "" } = frame.layers[layer - 1] ?? {};
  const below = layer > 1 ? frame.layers[layer - 2].units : data.features.length;
  const from = quantityIn(trace, "W", layer)?.axes.map((of) => (of === TEXT.core.unit ? unit : 0));
  const [da, dz] = [one("dC_da", layer), one("dC_dz", layer)];
  const samples = data.train.x.length;
  const batch = experiment.recipe.batch?.size ?? samples;
  const sample = state.sample === "batch" ? 0 : state.sample;
  const score = frame.score?.name === "accuracy" ? frame.score.train : null;
  const { recipe } = experiment;
  const shown = frame.layers[layer - 1];
  const percent = (/** @type {number | null | undefined} */ part) =>
    typeof part === "number" ? `${Math.round(100 * part)} %` : "";
  const ofActivation = activationOf(state, layer);
  const differs = trace.verification?.autograd?.max_relative_error;
  const values = {
    z: one("z", layer),
    a: one("a", layer),
    ...{ da, dz, slope: da && dz !== null ? dz / da : null },
    ...{ w: one("W", layer, from), b: one("b", layer), wNext: one("W_next", layer, from) },
    ...{
      C: one("C", null, []),
      c: one("cost_factor", null, []),
      eta: frame.learning_rate,
      accuracy: score,
    },
    ...{ dw: one("dC_dW", layer, from), costTest: frame.cost.test },
    normdW: shown?.gradient?.W_norm,
  };
  /** @type {Record<string, string>} */
  const texts = { unit: String(unit), layer: String(layer), units: count(units) };
  for (const [name, value] of Object.entries(values))
    if (typeof value === "number" && Number.isFinite(value)) texts[name] = number(value);
  const title = catalog?.activations.find(({ name }) => name === activation)?.title;
  return {
    ...texts,
    ...{ inputs: count(below), f: title ?? activation },
    ...{ x: listed(data.train.x[sample] ?? []), output: listed(all("a", frame.layers.length)) },
    y: listed([data.train.target[sample]].flat()),
    ...{ samples: count(samples), batch: count(batch) },
    ...{ perEpoch: count(Math.ceil(samples / batch)), epoch: String(frame.epoch) },
    parameters: count(experiment.parameters ?? 0),
    outputs: count(frame.layers.at(-1)?.units ?? 0),
    ...{ tests: count(data.test.x.length), seed: String(recipe.network.seed ?? 0) },
    sizes: [data.features.length, ...frame.layers.map((each) => each.units)].join(", "),
    reduction: (recipe.cost.reduction ?? "").replace(/_/g, " "),
    ...{ l1: String(recipe.penalty?.l1 ?? 0), l2: String(recipe.penalty?.l2 ?? 0) },
    shapeW: quantityIn(trace, "W", layer)?.shape.join("×") ?? "",
    dead: percent(shown?.activation_statistics?.dead_fraction),
    saturated: percent(shown?.activation_statistics?.saturated_fraction),
    autograd: typeof differs === "number" ? tiny(differs) : "",
    like: ofActivation
      ? LIKE.map((x) => `${minus(String(x))} → ${number(ofActivation(x), 3)}`).join(", ")
      : "",
    zFull: String(values.z ?? ""),
  };
}
