/**
 * Opening a marked line in the explorer: the address that shows its sum, of the experiment that the
 * givens came from or of one made of the pasted givens; and what the explorer is told.
 */
import { MINE } from "../core/mine.js";
import { idOf, isJacobian, named } from "../core/names.js";
import { ROOT } from "../core/root.js";
import { keep } from "../core/storage.js";
import { TABLE } from "../state/store.js";
import { clean, fromHash, toHash } from "../state/url.js";
import { explorersPenalty } from "./penalty.js";

const MOST_ROWS = 1000;
const MOST_COLUMNS = 8; // of a data set of points

/** Keep the submitted numbers and their marks for the explorer. @param {Check} answer */
export function handOver({ givens, submitted, ...result }) {
  const { read_as: _, not_read: __, settings: ___, ...marks } = result;
  keep(MINE, JSON.stringify({ givens, submitted, result: marks }), "sessionStorage");
}

const transpose = (/** @type {number[][]} */ W) => W[0].map((_, j) => W.map((row) => row[j]));

/**
 * The experiment whose working of all its samples is that of these givens; null if there is none.
 * @param {FoundGivens} givens as they are sent to be checked @param {Catalog | null} catalog
 */
export function recipeOf(
  { layers, x, target, cost, reduction, convention, penalty, optimizer },
  catalog,
) {
  const rows = Array.isArray(x[0]) ? x : [x];
  const targets = Array.isArray(target[0]) ? target : [target];
  if (rows.length > MOST_ROWS || rows[0].length > MOST_COLUMNS || targets[0].length > MOST_COLUMNS)
    return null;
  const ours = explorersPenalty(penalty, rows.length);
  if (ours === undefined) return null;
  const data = targetOf(targets, catalog?.costs.find(({ name }) => name === cost)?.tasks ?? []);
  if (!data) return null;
  const weights = layers.map(({ W, b }) => ({ W: convention === "column" ? transpose(W) : W, b }));
  // givens in other shapes (class numbers, no b, samples as columns) are for the check only
  const usual =
    weights.every(({ W, b }) => b?.length === W[0].length && !Array.isArray(b[0])) &&
    rows[0].length === weights[0].W.length &&
    targets[0].length === weights.at(-1)?.W[0].length;
  if (!usual) return null;
  return {
    dataset: { name: "points", x: rows, ...data, test_fraction: 0, standardize: false },
    network: {
      layers: layers.map(({ b, activation }) => ({ units: b.length, activation })),
      weights,
    },
    cost: { name: cost, reduction },
    ...(ours ? { penalty: ours } : {}),
    optimizer: optimizer ?? { name: "sgd", learning_rate: 0.1 },
    batch: { size: null, shuffle: false },
  };
}

/**
 * Numbers where the cost takes them, else classes counted from 0.
 * @param {number[][]} targets @param {string[]} tasks
 */
function targetOf(targets, tasks) {
  const width = targets[0].length;
  if (tasks.includes("regression"))
    return { target: width === 1 ? targets.map(([y]) => y) : targets };
  const whole = targets.every((row) => row.every((y) => y === 0 || y === 1));
  if (
    !whole ||
    (width > 1 && targets.some((row) => row.indexOf(1) !== row.lastIndexOf(1) || !row.includes(1)))
  )
    return null;
  const count = Math.max(2, width);
  return {
    target: targets.map((row) => (width === 1 ? row[0] : row.indexOf(1))),
    classes: Array.from({ length: count }, (_, k) => `class ${k}`),
  };
}

/**
 * @param {{from: string}} work from: the address of the experiment, if the givens are its
 * @param {FoundGivens} givens @param {Catalog | null} catalog
 * @returns {((line: string, entry: number[]) => string) | null} null: the explorer cannot show them
 */
export function explorerLinks(work, givens, catalog) {
  /** @type {Fields} */
  const initial = Object.fromEntries(
    Object.entries(TABLE).map(([name, { initial }]) => [name, initial]),
  );
  const recipe = work.from ? null : recipeOf(givens, catalog);
  if (!work.from && !recipe) return null;
  const sample = Array.isArray(givens.x[0]) ? "batch" : 0;
  /** @type {typeof initial} */
  const base = {
    ...initial,
    ...(work.from ? clean(fromHash(work.from)) : { recipe, sample }),
    convention: givens.convention,
    selection: null,
  };
  const { reduction } = givens;
  base.reduction = base.recipe?.cost?.reduction === reduction ? null : reduction;
  return (line, entry) => {
    const apart = isJacobian(named(line).quantity);
    const two = line === idOf("dC_da", givens.layers.length);
    const place = { line, entry: entry.length ? entry : null };
    return `${ROOT}#${toHash({ ...base, ...place, jacobians: apart, fused: !two })}`;
  };
}
