/** Terms that can be pressed; what they mean is in a box, see term-box.js. */
import { once } from "../core/once.js";
import { TEXT } from "../text/en.js";
import { closest, h } from "../ui/dom.js";

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
  lines.flatMap((words, k) => {
    const [says, example, lesson] = lines.slice(k + 1);
    return k % 4 ? [] : [{ words: words.split("|"), says, example, lesson }];
  }),
);

/**
 * A text with its terms as buttons, each where it occurs first.
 * @param {string} text @returns {(string | HTMLElement)[]}
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
  h("button.defined[aria-haspopup=dialog]", { "data-term": word.toLowerCase() }, word);

/** Every term once, as buttons. */
export const allWords = () =>
  [...new Set(known.values())]
    .map(({ words: [name] }) => name)
    .sort()
    .flatMap((name) => [wordButton(name), " "]);

/** @param {Services} services */
export function mountWords(services) {
  const { store } = services;
  const { state } = store;
  const box = once(async () => (await import("./term-box.js")).createTermBox(services));
  document.addEventListener("click", async (event) => {
    const word = closest(event.target, ".defined");
    if (!(word instanceof HTMLElement)) return;
    event.preventDefault(); // of a label around it
    const term = known.get(word.dataset.term ?? "");
    if (term) (await box()).show(term, word);
  });
  store.on(["catalog"], () => {
    const { activations = [], costs = [], optimizers = [] } = state.catalog ?? {};
    /** @param {Entry[]} entries @param {string} example @param {string} lesson */
    const from = (entries, example, lesson) =>
      entries.map(({ name, title = name, description = "" }) => ({
        ...{ words: [title.replace(/ \(.*/, "")], says: description, example, lesson },
        entry: name,
      }));
    learn([
      ...from(costs, "C = {C}", "one-layer-by-hand"),
      ...from(optimizers, "η = {eta}: {w} → {wNext}", "optimizers"),
      ...from(activations, "{f}: {z} → {a}; {like}", "an-activation-for-each-layer"),
    ]);
  });
}
