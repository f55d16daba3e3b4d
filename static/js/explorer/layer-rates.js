/** A factor of the learning rate for each layer, in the form of the experiment. */
import { withLayerFactors } from "../core/recipe.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { numberField, row } from "./fields.js";

/**
 * @param {Form} form @param {Recipe} recipe @param {(recipe: Recipe, now: boolean) => void} change
 * @returns {HTMLElement[]}
 */
export function layerRates(form, recipe, change) {
  const factors = recipe.optimizer.layer_factors;
  const box = h("input[type=checkbox]", {
    "data-field": "optimizer.layer_factors",
    checked: Boolean(factors),
    onchange: () => change(withLayerFactors(recipe, box.checked), true),
  });
  return [
    row(TEXT.experiment.ratePerLayer, box, "check"),
    ...(factors ?? []).map((/** @type {number} */ _, /** @type {number} */ k) =>
      row(
        TEXT.experiment.factorOfLayer(k + 1),
        numberField(form, `optimizer.layer_factors.${k}`, { minimum: 0 }),
        "half",
      ),
    ),
  ];
}
