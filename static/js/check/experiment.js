/** The givens of the explorer's current experiment: the explorer wrote the address after #. */

import { variable } from "../core/trace.js";
import { TABLE } from "../state/store.js";
import { clean, fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";

const SENT = ["W", "b", "x", "target"];

const inLine = (/** @type {Nested} */ value) => JSON.stringify(value).replaceAll(",", ", ");

/** A matrix row by row. @param {Nested} value */
const asText = (value) =>
  Array.isArray(value) && Array.isArray(value[0])
    ? `[${value.map(inLine).join(",\n      ")}]`
    : inLine(value);

/**
 * @param {Api} api @param {string} hash
 * @returns {Promise<{work: Partial<Work>, source: string}>} source: a sentence
 */
export async function experimentGivens(api, hash) {
  const wanted = clean(fromHash(hash));
  const {
    step = TABLE.step.initial,
    sample = TABLE.sample.initial,
    convention = TABLE.convention.initial,
  } = wanted;
  const { id, recipe } = await api.createExperiment(wanted.recipe ?? {});
  const reduction = wanted.reduction ?? recipe.cost.reduction ?? "mean";
  const trace = await api.trace(id, step, { sample, convention, reduction, verify: false });
  const givens = trace.givens.filter(({ quantity }) => SENT.includes(quantity));
  const { l1 = 0, l2 = 0 } = recipe.penalty ?? {};
  const plain = trace.lines.find(({ op }) => op === "descend")?.inputs.includes("learning_rate");
  const work = {
    text: `${givens.map(({ id: name, value }) => `${name} = ${asText(value)}`).join("\n")}\n\n`,
    activations: trace.activations,
    convention,
    cost: recipe.cost.name,
    reduction,
    penalty: l1 || l2 ? { l1, l2 } : null,
    rate: plain ? String(variable(trace, "learning_rate")?.value ?? "") : "",
    from: hash,
  };
  const which =
    sample === "batch" ? TEXT.check.wholeBatch(trace.rows.length) : TEXT.ui.sampleNumber(sample);
  const name = recipe.dataset.name.replace(/_/g, " ");
  const source = TEXT.check.fromExperiment(name, trace.step, which);
  return { work, source };
}
