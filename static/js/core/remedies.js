/**
 * What can be tried against an alarm, as a changed recipe. Each knows when it would change nothing
 * and is then left out.
 */
import { TEXT } from "../text/en.js";
import { find, put } from "./recipe.js";

/**
 * @typedef {{text: string, change: (recipe: Recipe) => Recipe, edits?: (frame: Frame) => Change[],
 *   needs?: ["activations" | "initializers", string]}} Remedy
 * @typedef {Pick<Edit, "set" | "to">} Change
 * @typedef {{text: string, recipe: Recipe, edits?: (frame: Frame) => Change[], at?: number}} Offer
 */

/** @param {string} activation @returns {(recipe: Recipe) => Recipe} */
const hiddenTo = (activation) => (recipe) => {
  const { layers } = recipe.network;
  return put(
    recipe,
    "network.layers",
    layers.map((layer, i) => (i < layers.length - 1 ? { ...layer, activation } : layer)),
  );
};
/** @param {number} factor @returns {(recipe: Recipe) => Recipe} */
const rateTimes = (factor) => (recipe) =>
  put(
    recipe,
    "optimizer.learning_rate",
    Number((recipe.optimizer.learning_rate * factor).toPrecision(2)),
  );
// the same from a step on
/** @param {string} activation @returns {(frame: Frame) => Change[]} */
const hiddenFrom = (activation) => (frame) =>
  frame.layers.slice(0, -1).map((_, i) => ({ set: `activation${i + 1}`, to: activation }));
/** @param {number} factor @returns {(frame: Frame) => Change[]} */
const rateFrom = (factor) => (frame) => [
  { set: "learning_rate", to: Number((frame.learning_rate * factor).toPrecision(2)) },
];

/** @param {string} text @param {string} activation of the hidden layers @returns {Remedy} */
const use = (text, activation) => ({
  text,
  change: hiddenTo(activation),
  edits: hiddenFrom(activation),
  needs: ["activations", activation],
});
/** @param {number} factor @returns {Remedy} */
const smaller = (factor) => ({
  text: TEXT.remedies.smallerRate,
  change: rateTimes(factor),
  edits: rateFrom(factor),
});
/** @type {Remedy} */
const XAVIER = {
  text: TEXT.remedies.xavier,
  change: (recipe) =>
    put(put(recipe, "network.initializer", "xavier_normal"), "network.weights", null),
  needs: ["initializers", "xavier_normal"],
};

/** @type {Record<string, Remedy[]>} */
const REMEDIES = {
  vanishing: [use(TEXT.remedies.useReLU, "relu"), use(TEXT.remedies.useTanh, "tanh"), XAVIER],
  exploding: [smaller(0.1), XAVIER],
  dead: [use(TEXT.remedies.useLeakyReLU, "leaky_relu"), smaller(0.3)],
  saturated: [XAVIER, smaller(0.3)],
  symmetric: [XAVIER],
  diverged: [smaller(0.1)],
};

/**
 * @param {string} kind @param {Recipe} recipe @param {Catalog} catalog
 * @returns {Offer[]} at most two; with `edits` it can also be tried from the present step on
 */
export function remediesFor(kind, recipe, catalog) {
  const before = JSON.stringify(recipe);
  return (REMEDIES[kind] ?? [])
    .filter(({ needs }) => !needs || find(catalog[needs[0]], needs[1]))
    .map(({ text, change, edits }) => ({ text, recipe: change(recipe), edits }))
    .filter(({ recipe: changed }) => JSON.stringify(changed) !== before)
    .slice(0, 2);
}

/**
 * The server's suggestion for a run that diverged: the smaller rate from the step at which the
 * cost was least, where the rate that failed already held; from the beginning of that rate if it
 * has only done harm.
 * @param {Schemas["Suggestion"] | null | undefined} suggestion @param {Recipe} recipe
 * @param {RunHistory | null} history
 * @returns {Offer & {at: number} | null}
 */
export function suggested(suggestion, recipe, history) {
  if (!suggestion?.set) return null;
  const path = suggestion.set === "learning_rate" ? "optimizer.learning_rate" : suggestion.set;
  const edit = /^edits\.(\d+)\./.exec(path);
  const from = edit ? (recipe.edits?.[Number(edit[1])].step ?? 0) : 0;
  const at = bestStep(history, from);
  const branched = at > from ? { edits: () => [{ set: "learning_rate", to: suggestion.to }] } : {};
  return {
    text: TEXT.remedies.tryRate(suggestion.to),
    recipe: put(recipe, path, suggestion.to),
    at,
    ...branched,
  };
}

/**
 * The recorded step of the least cost, none before `from`.
 * @param {RunHistory | null} history @param {number} from
 */
export function bestStep(history, from) {
  if (!history) return from;
  let best = -1;
  history.step.forEach((step, k) => {
    if (step >= from && (best < 0 || history.cost_train[k] < history.cost_train[best])) best = k;
  });
  return best < 0 ? from : history.step[best];
}

/**
 * What a button for an offer says and does: a branch where the change can be made on the way, else
 * the whole run again.
 * @param {Offer} offer
 * @param {{step: number, branch: (edits: Change[], at: number) => void,
 *   restart: (recipe: Recipe, at: number) => void}} actions step: the one that is shown
 */
export function plan(offer, { step, branch, restart }) {
  // without the number of the shown step: it changes while the button is there
  const { edits } = offer;
  if (edits && (offer.at ?? step) > 0)
    return {
      text: TEXT.remedies.from(
        offer.text,
        offer.at ? TEXT.remedies.atStep(offer.at) : TEXT.remedies.hereOn,
      ),
      run: (/** @type {Frame} */ frame) => branch(edits(frame), offer.at ?? frame.step),
    };
  const start = offer.at ?? 0;
  return {
    text: step > 0 ? TEXT.remedies.againFrom(offer.text, start) : offer.text,
    run: () => restart(offer.recipe, start),
  };
}
