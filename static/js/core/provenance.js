/**
 * Where a number comes from that no line of this step makes: the data, the initializer, the update
 * before, a setting.
 */
import { sampleOf } from "./data-edits.js";
import { number, subscript } from "./format.js";
import { italic, parse } from "./lines.js";
import { find } from "./recipe.js";

/**
 * The edit that sets this entry at this very step.
 * @param {import("./wire.js").Recipe} recipe @param {number} step @param {string} id
 * @param {number[]} index @param {string} convention
 */
function editOf({ edits }, step, id, index, convention) {
  const [i, j] = convention === "column" ? [index[1], index[0]] : index;
  const set = id[0] === "W" ? `${id}[${i},${j}]` : `${id}[${index[0]}]`;
  return (edits ?? []).findLast((edit) => edit.step === step && edit.set === set);
}

/**
 * What to say of data that were changed on the way.
 * @param {import("./wire.js").Recipe} recipe
 * @param {number} step
 * @param {string} set
 */
function changedAt({ edits }, step, set) {
  const edit = (edits ?? []).findLast((each) => each.step <= step && each.set === set);
  return edit ? ` Set by hand at step ${edit.step}.` : "";
}

/** @typedef {{text: string, before: {step: number, line: string} | null}} Origin */

/**
 * What a given is, in a sentence; and for a parameter the line of the step before that made it.
 * @param {import("../state/store.js").State} state @param {string} id @param {number[]} index
 * @returns {Origin}
 */
export function provenance(state, id, index) {
  const { trace, data, experiment, catalog } = state;
  const recipe = experiment.recipe;
  const { step } = trace;
  const { kind, letter, layer, state: carried } = parse(id);
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
        : ` Before standardising it was ${number(raw)}.`;
    return end(
      `Data: ${data.features[feature]} of training sample ${row}.${changedAt(recipe, step, `x[${row},${feature}]`) || before}`,
    );
  }
  if (id === "target") {
    const row = sampleOf(trace, index);
    const all = data.train.targets?.[row];
    const value = all?.[index[index.length - 1]] ?? data.train.target[row];
    const set = all ? `target[${row},${index[index.length - 1]}]` : `target[${row}]`;
    return end(
      `Data: the target of training sample ${row}, ${data.task === "classification" ? `class ${data.classes[value] ?? value}` : number(value)}.${changedAt(recipe, step, set)}`,
    );
  }
  if (kind === "value" && (letter === "W" || letter === "b")) {
    const name = `${italic(letter)}${subscript(layer)}`;
    if (editOf(recipe, step, id, index, trace.convention))
      return end(`Parameter: set by hand at step ${step}.`);
    if (step > 0)
      return end(`Parameter: ${name} as update ${step} left it.`, {
        step: step - 1,
        line: `${id}_next`,
      });
    if (recipe.network.weights) return end(`Parameter: ${name} as the experiment gives it.`);
    if (letter === "b" && recipe.network.initializer !== "constant")
      return end("Parameter: biases start at 0.");
    const initializer =
      find(catalog?.initializers, recipe.network.initializer)?.title ?? recipe.network.initializer;
    return end(`Parameter: drawn by ${initializer}, seed ${recipe.network.seed}.`);
  }
  if (kind === "state") {
    const what = `The optimizer's ${carried.replace(/_/g, " ")} of ${italic(letter)}${subscript(layer)}`;
    return step > 0
      ? end(`${what}, carried over from update ${step}.`, { step: step - 1, line: `${id}_next` })
      : end(`${what}: 0 before the first update.`);
  }
  if (id === "cost_factor")
    return end(
      `The factor of the cost that “${find(catalog?.reductions, trace.reduction)?.title ?? trace.reduction}” asks for.`,
    );
  if (id.endsWith("learning_rate"))
    return end("A setting of the optimizer: how far one update goes.");
  return end(`A setting of the experiment: ${id.replace(/_/g, " ")}.`);
}
