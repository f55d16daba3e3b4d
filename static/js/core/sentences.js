/** The settings of an experiment in words: one short sentence for each group of the form. */

import { TEXT } from "../text/en.js";
import { baseName } from "./activations.js";
import { full, number } from "./format.js";
import { find, isOwn, providedTable } from "./recipe.js";

/** @typedef {"data" | "network" | "cost" | "optimizer" | "batch"} Group */

export const asWords = (/** @type {string} */ name) => name.replace(/_/g, " ");
/** @param {Recipe} recipe @param {Catalog} catalog @param {number | undefined} rows */
function ofData({ dataset }, catalog, rows) {
  const title = providedTable(dataset, catalog)?.title ?? TEXT.core.ownData;
  const name = isOwn(dataset) ? title : asWords(dataset.name);
  const known = find(catalog.datasets, dataset.name)?.parameters ?? [];
  const others = known
    .filter(({ name: parameter }) => parameter !== "samples" && dataset[parameter] !== undefined)
    .map(({ name: parameter }) => `${asWords(parameter)} ${full(dataset[parameter])}`);
  return [name, rows === undefined ? "" : TEXT.experiment.points(rows), ...others];
}

/** @param {Recipe} recipe @param {number | undefined} inputs */
function ofNetwork({ network: { layers } }, inputs) {
  const sizes = [inputs ?? "·", ...layers.map(({ units }) => units)];
  const shown = sizes.length > 7 ? [...sizes.slice(0, 3), "…", ...sizes.slice(-2)] : sizes;
  const hidden = [...new Set(layers.slice(0, -1).map(({ activation }) => baseName(activation)))];
  const output = baseName(layers[layers.length - 1].activation);
  return [
    shown.join("–"),
    ...hidden.map(asWords),
    hidden.length ? TEXT.experiment.thenOutput(asWords(output)) : asWords(output),
  ];
}

/** @param {Recipe} recipe @param {Catalog} catalog */
function ofCost({ cost, penalty }, catalog) {
  const name = find(catalog.costs, cost.name)?.title ?? asWords(cost.name);
  return [
    name,
    asWords(cost.reduction ?? ""),
    penalty?.l1 ? `L1 ${full(penalty.l1)}` : "",
    penalty?.l2 ? `L2 ${full(penalty.l2)}` : "",
  ];
}

const MOST_RATES = 4;

/** The learning rate, or those of the layers. @param {Recipe["optimizer"]} optimizer */
function rateOf({ learning_rate, layer_factors }) {
  if (learning_rate === undefined) return "";
  if (!layer_factors) return `𝜂 = ${full(learning_rate)}`;
  const rates = layer_factors.map((/** @type {number} */ each) => number(each * learning_rate, 3));
  const more = rates.length > MOST_RATES ? ["…"] : [];
  return `𝜂 = ${[...rates.slice(0, MOST_RATES), ...more].join(", ")}`;
}

/** @param {Recipe} recipe @param {Catalog} catalog */
function ofOptimizer({ optimizer }, catalog) {
  const name = find(catalog.optimizers, optimizer.name)?.title ?? asWords(optimizer.name);
  const schedule = optimizer.schedule?.name ?? "constant";
  return [name, rateOf(optimizer), schedule === "constant" ? "" : asWords(schedule)];
}

function ofBatch(/** @type {Recipe} */ { batch }) {
  return [
    batch.size === null ? TEXT.experiment.allPoints : TEXT.experiment.points(batch.size),
    batch.shuffle ? TEXT.experiment.shuffled : TEXT.experiment.inOrder,
  ];
}

/**
 * @param {Recipe} recipe @param {Catalog} catalog
 * @param {Data | null} data of the experiment, for its numbers of points and inputs
 * @returns {Record<Group, string>}
 */
export function sentences(recipe, catalog, data) {
  const rows = data ? data.train.x.length + data.test.x.length : undefined;
  const said = (/** @type {string[]} */ parts) => parts.filter(Boolean).join(", ");
  return {
    data: said(ofData(recipe, catalog, rows)),
    network: said(ofNetwork(recipe, data?.features.length)),
    cost: said(ofCost(recipe, catalog)),
    optimizer: said(ofOptimizer(recipe, catalog)),
    batch: said(ofBatch(recipe)),
  };
}
