/** Which cut through the cost is shown: its kind, the seed, the two weights. */

import { parseElement } from "../../core/elements.js";
import { entryId, idOf, isParameter } from "../../core/names.js";
import { formatSlice, parameterNames, parseSlice } from "../../core/slice.js";
import { sizesOf } from "../../state/shown.js";
import { TEXT } from "../../text/en.js";
import { button, h, set } from "../../ui/dom.js";
import { menu, textField } from "../../ui/fields.js";

const NAMED = 600; // parameters that a list can offer
/** @type {[string, string][]} */
const VIEWS = [
  ["gradient", TEXT.slices.batchGradient],
  ["gradient:train", TEXT.slices.trainingGradient],
  ["plane:random", TEXT.slices.gradientAndRandom],
  ["plane:start", TEXT.slices.gradientAndStart],
  ["weights", TEXT.slices.twoWeights],
];

/** The entry of the menu that a cut belongs to. @param {Slice} slice */
const viewOf = (slice) => {
  if (slice.kind === "weights") return "weights";
  return slice.kind === "plane" ? `plane:${slice.second}` : formatSlice(slice);
};

/** The cut that the state names. @param {Pick<Page, "slice">} state */
export const sliceOf = (state) =>
  parseSlice(state.slice) ?? /** @type {Slice} */ ({ kind: "gradient", of: "batch" });

/**
 * The parameter of an element of the network figure: "W1[0,2]"; of a neuron its bias.
 * @param {string | null} selection @returns {string | null}
 */
export function parameterOf(selection) {
  const e = parseElement(selection);
  if (!e || e.layer === 0) return null;
  return e.kind === "edge"
    ? entryId(idOf("W", e.layer), e.from, e.to)
    : entryId(idOf("b", e.layer), e.unit);
}

/** @param {Store} store @param {() => void} enlarge */
export function createCostBar(store, enlarge) {
  const { state } = store;

  const choose = (/** @type {Slice} */ slice) => store.set({ slice: formatSlice(slice) });
  const chosen = () => parameterOf(state.selection);

  function firstPair() {
    if (!state.frame) return { a: "", b: "" };
    const [first, second] = parameterNames(sizesOf(state), 2);
    const weight = chosen();
    return weight && weight !== first ? { a: first, b: weight } : { a: first, b: second };
  }

  const view = menu(
    VIEWS,
    (value) => {
      if (value === "weights") choose({ kind: "weights", ...firstPair() });
      else store.set({ slice: value === "plane:random" ? "plane:random:0" : value });
    },
    { "data-control": "slice", "aria-label": TEXT.slices.whatIsCut },
  );
  /** @param {number} number */
  const chooseSeed = (number) => choose({ kind: "plane", second: "random", seed: number });
  const seed = textField({
    class: "slice-seed",
    inputmode: "numeric",
    "data-control": "slice-seed",
    "aria-label": TEXT.slices.randomSeed,
    onchange: () => /^\d{1,9}$/.test(seed.value.trim()) && chooseSeed(Number(seed.value)),
  });
  const another = button(
    "slice-seed.small",
    TEXT.slices.another,
    () => {
      const slice = sliceOf(state);
      chooseSeed(slice.kind === "plane" ? slice.seed + 1 : 0);
    },
    { title: TEXT.slices.anotherDirection },
  );
  const names = h("datalist[id=slice-names]");
  /** @param {"a" | "b"} which @param {string} title */
  const entry = (which, title) =>
    textField({
      class: "slice-entry",
      list: "slice-names",
      "data-control": `slice-${which}`,
      "aria-label": title,
      title: TEXT.slices.weightEntry(title),
      onchange: takeTyped,
    });
  const [a, b] = [entry("a", TEXT.slices.horizontalWeight), entry("b", TEXT.slices.verticalWeight)];
  const take = button(
    "slice-take.small",
    TEXT.cost.chosen,
    () => {
      const weight = chosen();
      const slice = sliceOf(state);
      if (weight && slice.kind === "weights" && weight !== slice.b)
        choose({ kind: "weights", a: slice.b, b: weight });
    },
    { title: TEXT.slices.chosenWeight },
  );
  const larger = button("slice-large.small.at-end", h("span[aria-hidden=true]", "⤢"), enlarge, {
    "aria-label": TEXT.slices.larger,
    title: TEXT.slices.larger,
  });
  const legend = h(
    "span.legend.soft.unbroken",
    h("span.key-solid"),
    "train",
    h("span.key-dashed"),
    "batch",
  );

  function takeTyped() {
    const [first, second] = [a, b].map((field) => field.value.replace(/\s/g, ""));
    set(a, { "aria-invalid": isParameter(first) ? null : "true" });
    set(b, { "aria-invalid": isParameter(second) ? null : "true" });
    if (isParameter(first) && isParameter(second)) choose({ kind: "weights", a: first, b: second });
  }

  /** @param {HTMLInputElement} field @param {string} name */
  function showEntry(field, name) {
    if (document.activeElement === field) return;
    field.value = name;
    set(field, { "aria-invalid": null });
  }

  return {
    larger,
    element: h(
      "div.slice-bar.side-by-side",
      ...[view, legend, seed, another, a, b, take, names, larger],
    ),
    /** Show what the state names. */
    draw() {
      const slice = sliceOf(state);
      view.value = viewOf(slice);
      const random = slice.kind === "plane" && slice.second === "random";
      const weights = slice.kind === "weights";
      seed.hidden = another.hidden = !random;
      legend.hidden = slice.kind !== "gradient";
      a.hidden = b.hidden = take.hidden = !weights;
      if (random && document.activeElement !== seed) seed.value = String(slice.seed);
      if (!weights) return;
      showEntry(a, slice.a);
      showEntry(b, slice.b);
      set(take, { disabled: !chosen() || chosen() === slice.b });
      if (!state.frame) return;
      const sizes = sizesOf(state);
      if (names.dataset.sizes === sizes.join()) return;
      names.dataset.sizes = sizes.join();
      names.replaceChildren(
        ...parameterNames(sizes, NAMED).map((name) => h("option", { value: name })),
      );
    },
  };
}
