/**
 * Changes on the way: edits of an experiment at a step. Targets are written as the wire has them
 * (row convention, layers from 1, entries from 0): "W1[0,2]" is the weight from neuron 0 to neuron
 * 2.
 */
import { TEXT } from "../text/en.js";
import { isDataEdit, parseDataEdit } from "./data-edits.js";
import { endsOf } from "./elements.js";
import { full, number, subscript } from "./format.js";
import { flatten } from "./leaves.js";
import { isParameter, italic, named, nameOf, readEntry } from "./names.js";

/**
 * The edit's target for an entry of the working, or null if it cannot be set.
 * @param {Given | undefined} variable @param {number[]} index
 */
export function targetOf(variable, index) {
  if (variable?.quantity === "b") return `${variable.id}[${index[0]}]`;
  if (variable?.quantity !== "W") return null;
  const { from, to } = endsOf(variable, index);
  return `${variable.id}[${from},${to}]`;
}

/** @param {Recipe} recipe @param {Edit} edit replaces one of the same step and target */
export function withEdit(recipe, edit) {
  const others = (recipe.edits ?? []).filter(
    ({ step, set }) => step !== edit.step || set !== edit.set,
  );
  return { ...recipe, edits: [...others, edit].sort((a, b) => a.step - b.step) };
}

/** @param {Recipe} recipe @param {number} k */
export const withoutEdit = (recipe, k) => ({
  ...recipe,
  edits: (recipe.edits ?? []).filter((_, i) => i !== k),
});

const sizes = (/** @type {Recipe} */ recipe) =>
  JSON.stringify([recipe.dataset.name, recipe.network.layers.map(({ units }) => units)]);

/**
 * Edits of parameters that a network of another shape does not have, and of rows of other data, are
 * dropped.
 * @param {Recipe} recipe @param {Recipe | null} before
 */
export function fitEdits(recipe, before) {
  if (!recipe.edits?.length || !before) return recipe;
  const sameNetwork = sizes(recipe) === sizes(before);
  const sameData = JSON.stringify(recipe.dataset) === JSON.stringify(before.dataset);
  if (sameNetwork && sameData) return recipe;
  return {
    ...recipe,
    edits: recipe.edits.filter(({ set }) =>
      isDataEdit(set)
        ? sameData
        : sameNetwork || !(isParameter(set) || set.startsWith("activation")),
    ),
  };
}

/** All digits of a short number, else four. @param {number} value */
const written = (value) => (String(value).length <= 8 ? full(value) : number(value));

/** "𝑊⁽¹⁾ from 0 to 2 = 0.5" @param {Pick<Edit, "set" | "to">} edit */
export function describeEdit({ set, to }) {
  const place = parseDataEdit(set);
  if (place) {
    const name =
      place.of === "target"
        ? TEXT.core.targetNamed(place.column)
        : `${italic("x")}${subscript(Number(place.column))}`;
    return TEXT.core.valueOfSample(name, place.row, written(to));
  }
  if (set === "optimizer") return TEXT.core.withLearningRate(to.name, written(to.learning_rate));
  const layer = /^activation(\d+)$/.exec(set);
  if (layer) return `${TEXT.core.layer(layer[1])} ${to.replace(/_/g, " ")}`;
  const parameter = describeParameter(set);
  if (parameter) return `${parameter} = ${written(to)}`;
  return `${set.replace(/_/g, " ")} ${typeof to === "number" ? written(to) : to}`;
}

/** "𝑊⁽¹⁾ from 0 to 2" of "W1[0,2]", "𝑏⁽²⁾ of 1" of "b2[1]"; null of others. @param {string} set */
export function describeParameter(set) {
  const entry = isParameter(set) ? readEntry(set) : null;
  if (!entry) return null;
  const name = nameOf(named(entry.id));
  const [i, j] = entry.index;
  return j === undefined ? TEXT.core.biasNamed(name, i) : TEXT.core.weightNamed(name, i, j);
}

/** "layers 1–6": a run of numbers, else each. @param {number[]} numbers ascending */
const layersOf = (numbers) =>
  numbers.length === 1
    ? TEXT.core.layer(numbers[0])
    : TEXT.core.layers(
        numbers[numbers.length - 1] - numbers[0] === numbers.length - 1
          ? `${numbers[0]}–${numbers.at(-1)}`
          : numbers.join(", "),
      );

/**
 * Edits in words, those that give several layers one activation at one step together.
 * @param {Edit[]} edits
 * @returns {string[]}
 */
export function describeEdits(edits) {
  /** @type {Map<string, {edit: Edit, layers: number[]}>} */
  const said = new Map();
  for (const edit of edits) {
    const layer = /^activation(\d+)$/.exec(edit.set)?.[1];
    const key = layer ? `${edit.step} ${edit.to}` : JSON.stringify(edit);
    said.set(key, { edit, layers: [...(said.get(key)?.layers ?? []), ...(layer ? [+layer] : [])] });
  }
  return [...said.values()].map(({ edit, layers }) =>
    TEXT.core.fromStep(
      layers.length
        ? `${layersOf(layers.sort((p, q) => p - q))} ${edit.to.replace(/_/g, " ")}`
        : describeEdit(edit),
      edit.step,
    ),
  );
}

/**
 * What one recipe has that another has not, in words.
 * @param {Recipe} recipe @param {Recipe} other
 */
export function differences(recipe, other) {
  const { edits = [], ...rest } = recipe;
  const known = new Set((other.edits ?? []).map((edit) => JSON.stringify(edit)));
  const said = describeEdits(edits.filter((edit) => !known.has(JSON.stringify(edit))));
  const { edits: _, ...otherRest } = other;
  const theirs = new Map(flatten(otherRest).map(([path, value]) => [path, JSON.stringify(value)]));
  for (const [path, value] of flatten(rest)) {
    if (theirs.get(path) === JSON.stringify(value)) continue;
    const layer = /^network\.layers\.(\d+)\.(\w+)$/.exec(path);
    const name = layer
      ? `${TEXT.core.layer(+layer[1] + 1)} ${layer[2] === "activation" ? "" : layer[2]}`.trim()
      : path
          .replace(/\.name$/, "")
          .replace(/^(?!batch\.size).*\./, "")
          .replace(/[_.]/g, " ");
    const to = Array.isArray(value)
      ? TEXT.core.given
      : (value ?? (path === "batch.size" ? TEXT.core.all : TEXT.core.none));
    said.push(`${name} ${String(to).replace(/_/g, " ")}`);
  }
  return said;
}

/**
 * The same, at most three.
 * @param {Recipe} recipe @param {Recipe} other
 */
export function difference(recipe, other) {
  const said = differences(recipe, other);
  return said.slice(0, 2).join(", ") + (said.length > 2 ? TEXT.core.andMore(said.length - 2) : "");
}
