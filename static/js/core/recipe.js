/**
 * Changes to an experiment's recipe. Recipes are never changed in place.
 */
import { TEXT } from "../text/en.js";

/** @param {any} object any: what a path leads to has no common type @param {string} path dotted */
export const get = (object, path) => path.split(".").reduce((at, key) => at?.[key], object);

/**
 * @template T
 * @param {T} object @param {string} path dotted
 * @param {unknown} value
 * @returns {T} a changed copy
 */
export function put(object, path, value) {
  const [key, ...rest] = path.split(".");
  /** @type {any} its type depends on the path */
  const copy = Array.isArray(object) ? [...object] : { ...object };
  copy[key] = rest.length ? put(copy[key] ?? {}, rest.join("."), value) : value;
  return copy;
}

/**
 * The entry of a table of the catalog.
 * @template {Entry} T
 * @param {T[] | undefined} entries @param {string} name
 */
export const find = (entries, name) => entries?.find((entry) => entry.name === name);

/** @param {Entry | undefined} entry @returns {Record<string, number>} defaults of its parameters */
export const defaults = (entry) =>
  Object.fromEntries((entry?.parameters ?? []).map((p) => [p.name, p.default]));

/**
 * Number of classes; a dataset may have it as a parameter.
 * @param {Recipe} recipe @param {Catalog} catalog
 */
export function classesOf(recipe, catalog) {
  if (recipe.dataset.name === "points") return recipe.dataset.classes?.length || null;
  const entry = find(catalog.datasets, recipe.dataset.name);
  if (!entry || entry.task === "regression") return null;
  return recipe.dataset.classes ?? entry.classes;
}

/**
 * Make the last layer and the cost fit the data, where they do not already.
 * The form calls this when the data change; a person may then choose another activation or cost.
 * @param {Recipe} recipe @param {Catalog} catalog
 */
export const fitOutput = (recipe, catalog) => fitTo(recipe, classesOf(recipe, catalog), catalog);

/**
 * @param {Recipe} recipe @param {number | null} classes null: a regression
 * @param {Catalog} catalog
 */
export function fitTo(recipe, classes, catalog) {
  const wanted =
    classes === null
      ? { units: 1, activation: "identity", cost: "mse" }
      : classes <= 2
        ? { units: 1, activation: "sigmoid", cost: "binary_cross_entropy" }
        : { units: classes, activation: "softmax", cost: "cross_entropy" };
  const { units, activation, cost: name } = wanted;
  const fitted = withOutputLayer(recipe, { units, activation });
  if (recipe.cost.name === name) return fitted;
  const reduction = find(catalog.costs, name)?.default_reduction ?? recipe.cost.reduction;
  return { ...fitted, cost: { ...recipe.cost, name, reduction } };
}

/** @param {Recipe} recipe @param {{units?: number, activation?: string}} change */
function withOutputLayer(recipe, change) {
  const { layers } = recipe.network;
  const last = layers.length - 1;
  return put(recipe, `network.layers.${last}`, { ...layers[last], ...change });
}

/**
 * Another dataset: its parameters, the split and seed kept.
 * @param {Recipe} recipe @param {string} name @param {Catalog} catalog
 */
export function withDataset(recipe, name, catalog) {
  const { seed, test_fraction, standardize } = recipe.dataset;
  const dataset = {
    name,
    ...defaults(find(catalog.datasets, name)),
    seed,
    test_fraction,
    standardize,
  };
  return fitOutput({ ...recipe, dataset, edits: [] }, catalog);
}

/**
 * Own data: split and scaled as before, first weights drawn again, output and cost
 * fitted to them.
 * @param {Recipe} recipe @param {DatasetRecipe} dataset `points` or `uploaded`
 * @param {number | null} classes null: a regression
 * @param {Catalog} catalog @param {number} [outputs] numbers that a regression predicts
 */
export function withOwnData(recipe, dataset, classes, catalog, outputs = targetsOf(dataset)) {
  const { seed, test_fraction, standardize } = recipe.dataset;
  const changed = {
    ...recipe,
    dataset: { ...dataset, seed, test_fraction, standardize },
    network: { ...recipe.network, weights: null },
    edits: [],
  };
  const fitted = fitTo(changed, classes, catalog);
  return outputs === 1 ? fitted : withOutputLayer(fitted, { units: outputs });
}

/** Of points; a recipe does not say it of an uploaded table. @param {DatasetRecipe} dataset */
const targetsOf = ({ target }) => (Array.isArray(target?.[0]) ? target[0].length : 1);

/** @param {DatasetRecipe} dataset */
export const isOwn = (dataset) => dataset?.name === "points" || dataset?.name === "uploaded";

/**
 * The server's table that the data are, if they are one.
 * @param {DatasetRecipe} dataset @param {Catalog | null} [catalog]
 */
export const providedTable = ({ name, id }, catalog) =>
  name === "uploaded"
    ? catalog?.provided_datasets.find(({ dataset }) => dataset.id === id)
    : undefined;

/**
 * What the output and the cost have been fitted to, in words.
 * @param {Recipe} recipe @param {number | null} classes @param {Catalog} catalog
 */
export function describeFit({ network, cost }, classes, catalog) {
  const output = network.layers[network.layers.length - 1];
  /** @param {"activations" | "costs"} table @param {string} name */
  const title = (table, name) =>
    find(/** @type {Entry[]} */ (catalog[table]), name)?.title ?? name.replace(/_/g, " ");
  const to = classes === null ? TEXT.core.aNumber : TEXT.core.classesCount(classes);
  return TEXT.core.fittedTo(
    to,
    output.units,
    title("activations", output.activation),
    title("costs", cost.name),
  );
}

/**
 * Another optimizer: rate and schedule kept.
 * @param {Recipe} recipe @param {string} name @param {Catalog} catalog
 */
export function withOptimizer(recipe, name, catalog) {
  const { learning_rate, schedule, layer_factors } = recipe.optimizer;
  const parameters = defaults(find(catalog.optimizers, name));
  const factors = layer_factors ? { layer_factors } : {};
  return put(recipe, "optimizer", { name, learning_rate, ...parameters, schedule, ...factors });
}

/**
 * Another cost, and an output activation that suits it.
 * @param {Recipe} recipe @param {string} name @param {Catalog} catalog
 */
export function withCost(recipe, name, catalog) {
  const activations = find(catalog.costs, name)?.suits ?? [];
  const output = recipe.network.layers[recipe.network.layers.length - 1];
  const suits = !activations.length || activations.includes(output.activation);
  const changed = put(recipe, "cost.name", name);
  return suits ? changed : withOutputLayer(changed, { activation: activations[0] });
}

/**
 * Other first weights: drawn by an initializer with its usual parameters.
 * @param {Recipe} recipe @param {string} name @param {Catalog} catalog
 */
export function withInitializer(recipe, name, catalog) {
  const { value: _, ...network } = recipe.network;
  const parameters = defaults(find(catalog.initializers, name));
  return { ...recipe, network: { ...network, initializer: name, weights: null, ...parameters } };
}

/**
 * Another schedule of the learning rate, with its usual parameters.
 * @param {Recipe} recipe @param {string} name @param {Catalog} catalog
 */
export const withSchedule = (recipe, name, catalog) =>
  put(recipe, "optimizer.schedule", { name, ...defaults(find(catalog.schedules, name)) });

/**
 * With a factor of the learning rate for each layer (1 at first), or without.
 * @param {Recipe} recipe @param {boolean} on
 */
export function withLayerFactors(recipe, on) {
  const { layer_factors, ...optimizer } = recipe.optimizer;
  const ones = recipe.network.layers.map(() => 1);
  return { ...recipe, optimizer: on ? { ...optimizer, layer_factors: ones } : optimizer };
}

/**
 * The optimizer when layers are added or removed.
 * @param {Recipe} recipe @param {(factors: number[]) => number[]} changed
 */
const optimizerWith = ({ optimizer }, changed) =>
  optimizer.layer_factors
    ? { ...optimizer, layer_factors: changed(optimizer.layer_factors) }
    : optimizer;

/** A hidden layer like the one before it, before the output. @param {Recipe} recipe */
export function addLayer(recipe) {
  const layers = recipe.network.layers;
  const before = layers[layers.length - 2] ?? { units: 4, activation: "tanh" };
  const optimizer = optimizerWith(recipe, (factors) =>
    factors.toSpliced(-1, 0, factors.at(-2) ?? 1),
  );
  return {
    ...recipe,
    optimizer,
    network: { ...recipe.network, weights: null, layers: layers.toSpliced(-1, 0, { ...before }) },
  };
}

/** @param {Recipe} recipe @param {number} index never the output layer */
export function removeLayer(recipe, index) {
  const layers = recipe.network.layers.toSpliced(index, 1);
  return {
    ...recipe,
    optimizer: optimizerWith(recipe, (factors) => factors.toSpliced(index, 1)),
    network: { ...recipe.network, weights: null, layers },
  };
}

/**
 * Other activations from the first step on.
 * @param {Recipe} recipe @param {LayerActivation[]} activations
 */
export function withActivations(recipe, activations) {
  const wanted = new Map(activations.map(({ layer, activation }) => [layer, activation]));
  return {
    ...recipe,
    edits: recipe.edits?.filter(
      ({ step, set }) => step > 0 || !wanted.has(Number(set.replace("activation", ""))),
    ),
    network: {
      ...recipe.network,
      layers: recipe.network.layers.map((layer, k) => ({
        ...layer,
        activation: wanted.get(k + 1) ?? layer.activation,
      })),
    },
  };
}

/** Four and more equal layers in a row as one: 2-4×22-1. @param {(number | string)[]} sizes */
function abridged(sizes) {
  const out = [];
  for (let i = 0; i < sizes.length; ) {
    let run = 1;
    while (sizes[i + run] === sizes[i]) run++;
    out.push(...(run < 4 ? Array(run).fill(sizes[i]) : [`${sizes[i]}×${run}`]));
    i += run;
  }
  return out;
}

/**
 * "moons · 2-4-4-1 · tanh"
 * @param {Recipe} recipe @param {number | undefined} inputs @param {Catalog | null} [catalog]
 */
export function summary(recipe, inputs, catalog) {
  const { layers } = recipe.network;
  const sizes = [inputs ?? "·", ...layers.map((layer) => layer.units)];
  const hidden = layers[0].activation;
  const title = providedTable(recipe.dataset, catalog)?.title ?? TEXT.core.ownData;
  const data = isOwn(recipe.dataset) ? title : recipe.dataset.name.replace(/_/g, " ");
  return `${data} · ${abridged(sizes).join("-")} · ${hidden.replace(/_/g, " ")}`;
}
