/**
 * Terms that can be pressed: two lines, and an example with this run's numbers, in a dialog without
 * backdrop. On a phone it comes from below.
 */
import { at } from "../core/entries.js";
import { count, number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { lineOf, quantityIn } from "../core/trace.js";
import { chosenEntry } from "../state/entry.js";
import { TEXT } from "../text/en.js";
import { placeAt } from "../ui/dialog.js";
import { button, closest, h, write } from "../ui/dom.js";

/** @typedef {{words: string[], says: string, example: string}} Term the first word is its name */

/** @type {Map<string, Term>} by each of its words */
const known = new Map();
let any = /(?!)/;

function learn(/** @type {Term[]} */ terms) {
  for (const term of terms) for (const word of term.words) known.set(word.toLowerCase(), term);
  const longest = [...known.keys()].sort((p, q) => q.length - p.length);
  const escaped = longest.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  any = new RegExp(`(?<![\\p{L}\\d-])(?:${escaped.join("|")})(?![\\p{L}\\d])`, "giu");
}
const lines = TEXT.words.table.trim().split("\n");
learn(
  lines.flatMap((words, k) =>
    k % 3 ? [] : [{ words: words.split("|"), says: lines[k + 1], example: lines[k + 2] ?? "" }],
  ),
);

/**
 * A text with its terms as buttons, each where it occurs first.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function worded(text) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  const seen = new Set();
  let end = 0;
  for (const { 0: word, index } of text.matchAll(any)) {
    const term = known.get(word.toLowerCase());
    if (!word || seen.has(term)) continue;
    seen.add(term);
    const [after] = /** @type {RegExpMatchArray} */ (text.slice(index + word.length).match(/^\S*/));
    // a line does not break between a word and its full stop
    const button = wordButton(word);
    parts.push(text.slice(end, index), after ? h("span.unbroken", button, after) : button);
    end = index + word.length + after.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

const wordButton = (/** @type {string} */ word) =>
  h("button.defined", { "data-term": word.toLowerCase(), "aria-haspopup": "dialog" }, word);

/** Every term once, as buttons. */
export const allWords = () =>
  [...new Set(known.values())]
    .map(({ words: [name] }) => name)
    .sort()
    .flatMap((name) => [wordButton(name), " "]);

/** @param {Pick<import("./services.js").Services, "store">} services */
export function mountWords({ store }) {
  const { state } = store;
  const title = h("h2", { id: "term-title" });
  const says = h("p");
  const example = h("p.term-example");
  const box = h(
    "div.popup.term-box",
    ...[{ popover: "auto", role: "dialog", "aria-labelledby": "term-title", tabindex: "-1" }],
    h(
      "header",
      title,
      button("close", "×", () => close(), { "aria-label": TEXT.ui.close }),
    ),
    says,
    example,
  );
  /** @type {HTMLElement | null} */
  let asked = null;

  function close() {
    box.hidePopover();
    asked?.focus();
  }
  function show(/** @type {HTMLElement} */ word) {
    const term = known.get(word.dataset.term ?? "");
    if (!term) return;
    asked = word;
    const shown = state.experiment ? exampleOf(term.example, state) : "";
    write(title, word.textContent ?? "");
    write(says, term.says);
    example.replaceChildren(...(shown ? [h("span.tag", TEXT.words.here), ` ${shown}`] : []));
    // what is outside of an open dialog is inert, and a menu closes with the next one outside of it
    (word.closest("dialog, [popover]") ?? document.body).append(box);
    box.showPopover();
    placeAt(box, word);
    box.focus();
  }
  document.addEventListener("click", (event) => {
    const word = closest(event.target, ".defined");
    if (!(word instanceof HTMLElement)) return;
    event.preventDefault(); // of a label around it
    show(word);
  });
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
  store.on(["catalog"], () => {
    const { activations = [], costs = [], optimizers = [] } = state.catalog ?? {};
    const found = [...costs, ...optimizers, ...activations].map(({ title, description }) => ({
      words: [title.replace(/ \(.*/, "")],
      says: description,
      example: "",
    }));
    learn(found);
  });
}

/**
 * The example with the run's numbers; "" if the run lacks one of them.
 * @param {string} example @param {State} state
 */
function exampleOf(example, state) {
  const numbers = numbersOf(state);
  const names = [...example.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.some((name) => !numbers[name])) return "";
  return example.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
}

/**
 * Numbers of the run at the line and entry that are shown: of one unit, its layer, one weight.
 * @param {State} state @returns {Record<string, string>} some may be missing
 */
function numbersOf(state) {
  const { trace, frame, experiment, data, catalog } = state;
  if (!trace || !frame) return {};
  const line = lineOf(trace, state.line);
  const layer = line?.layer ?? 1;
  const index = line ? chosenEntry(state, line) : [];
  const columns = trace.convention === "column" && line?.symbol.latex.includes("W");
  const unit = (columns ? index[0] : index.at(-1)) ?? 0;
  /** @param {string} quantity @param {number | null} of @param {number[]} [place] */
  const one = (quantity, of, place = [unit]) => {
    const found = quantityIn(trace, quantity, of);
    if (!found?.value) return null;
    const full = found.shape.length > place.length ? [0, ...place] : place;
    return found.shape.length ? at(found.value, full) : Number(found.value);
  };
  /** @param {string} quantity @param {number | null} of */
  const all = (quantity, of) => flat(quantityIn(trace, quantity, of)?.value ?? []).slice(0, 4);
  const listed = (/** @type {number[]} */ list) => {
    const texts = list.map((value) => number(value));
    return texts.length === 1 ? texts[0] : `(${texts.join(", ")})`;
  };
  const { units = 0, activation = "" } = frame.layers[layer - 1] ?? {};
  const below = layer > 1 ? frame.layers[layer - 2].units : data.features.length;
  const from = trace.convention === "column" ? [unit, 0] : [0, unit];
  const [da, dz] = [one("dC_da", layer), one("dC_dz", layer)];
  const samples = data.train.x.length;
  const batch = experiment.recipe.batch?.size ?? samples;
  const sample = state.sample === "batch" ? 0 : state.sample;
  const score = frame.score?.name === "accuracy" ? frame.score.train : null;
  const values = {
    z: one("z", layer),
    a: one("a", layer),
    ...{ da, dz, slope: da && dz !== null ? dz / da : null },
    ...{ w: one("W", layer, from), b: one("b", layer), wNext: one("W_next", layer, from) },
    ...{ C: one("C", null, []), eta: frame.learning_rate, accuracy: score },
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
  };
}
