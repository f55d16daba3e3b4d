/**
 * Where a number comes from that no line of this step makes: the data, the initializer, the update
 * before, a setting.
 */
import { TEXT } from "../text/en.js";
import { sampleOf } from "./data-edits.js";
import { targetOf } from "./edits.js";
import { number } from "./format.js";
import { nameOf, stateWords, updatedName } from "./names.js";
import { find } from "./recipe.js";
import { variable } from "./trace.js";

/**
 * What to say of data that were changed on the way.
 * @param {Recipe} recipe @param {number} step @param {string} set
 */
function changedAt({ edits }, step, set) {
  const edit = (edits ?? []).findLast((each) => each.step <= step && each.set === set);
  return edit ? TEXT.provenance.setByHandAt(edit.step) : "";
}

const RATES = ["learning_rate", "base_learning_rate", "layer_factor"];

/** @typedef {{text: string, before: {step: number, line: string} | null}} Origin */

/**
 * What a given is, in a sentence; and for a parameter the line of the step before that made it.
 * @param {State} state @param {string} id @param {number[]} index
 * @returns {Origin}
 */
export function provenance(state, id, index) {
  const { trace, data, experiment, catalog } = state;
  const recipe = experiment.recipe;
  const { step } = trace;
  const array = variable(trace, id);
  /** @param {string} text @param {Origin["before"]} [before] @returns {Origin} */
  const end = (text, before = null) => ({ text, before });
  if (id === "x") {
    const feature = index[index.length - 1];
    const row = sampleOf(trace, index);
    const scale = data.feature_scale?.[feature];
    const raw =
      scale === undefined
        ? null
        : data.train.x[row]?.[feature] * scale + data.feature_mean[feature];
    const before =
      raw === null || Number.isNaN(raw) || !recipe.dataset.standardize
        ? ""
        : TEXT.provenance.beforeStandardising(number(raw));
    return end(
      TEXT.provenance.dataFeature(
        data.features[feature],
        row,
        changedAt(recipe, step, `x[${row},${feature}]`) || before,
      ),
    );
  }
  if (id === "target") {
    const row = sampleOf(trace, index);
    const all = data.train.targets?.[row];
    const value = all?.[index[index.length - 1]] ?? data.train.target[row];
    const set = all ? `target[${row},${index[index.length - 1]}]` : `target[${row}]`;
    return end(
      TEXT.provenance.dataTarget(
        row,
        data.task === "classification"
          ? TEXT.drawing.classNamed(data.classes[value] ?? value)
          : number(value),
        changedAt(recipe, step, set),
      ),
    );
  }
  if (array?.quantity === "W" || array?.quantity === "b") {
    const name = nameOf(array);
    const set = targetOf(array, index);
    if (recipe.edits?.some((edit) => edit.step === step && edit.set === set))
      return end(TEXT.provenance.parameterByHand(step));
    if (step > 0)
      return end(TEXT.provenance.parameterUpdated(name, step), {
        step: step - 1,
        line: updatedName(id),
      });
    if (recipe.network.weights) return end(TEXT.provenance.parameterGiven(name));
    if (array.quantity === "b" && recipe.network.initializer !== "constant")
      return end(TEXT.provenance.biasesZero);
    const initializer =
      find(catalog?.initializers, recipe.network.initializer)?.title ?? recipe.network.initializer;
    return end(TEXT.provenance.drawnBy(initializer, recipe.network.seed));
  }
  if (array?.of) {
    const of = variable(trace, array.of) ?? array;
    const what = TEXT.provenance.stateOf(stateWords(id), nameOf(of));
    return step > 0
      ? end(TEXT.provenance.carriedOver(what, step), { step: step - 1, line: updatedName(id) })
      : end(TEXT.provenance.zeroBefore(what));
  }
  if (id === "cost_factor")
    return end(
      TEXT.provenance.costFactor(
        find(catalog?.reductions, trace.reduction)?.title ?? trace.reduction,
      ),
    );
  if (array && RATES.includes(array.quantity)) return end(TEXT.provenance.rateSetting);
  return end(TEXT.provenance.experimentSetting(id.replace(/_/g, " ")));
}
