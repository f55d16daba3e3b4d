/**
 * What can be tried against an alarm, as a changed recipe. Each knows when it would change nothing and is then left out.
 */
import { find, put } from "./recipe.js";

const hiddenTo = (activation) => (recipe) => {
  const { layers } = recipe.network;
  return put(
    recipe,
    "network.layers",
    layers.map((layer, i) => (i < layers.length - 1 ? { ...layer, activation } : layer)),
  );
};
const initializer = (name) => (recipe) =>
  put(put(recipe, "network.initializer", name), "network.weights", null);
const rateTimes = (factor) => (recipe) =>
  put(
    recipe,
    "optimizer.learning_rate",
    Number((recipe.optimizer.learning_rate * factor).toPrecision(2)),
  );
// the same from a step on
const hiddenFrom = (activation) => (frame) =>
  frame.layers.slice(0, -1).map((_, i) => ({ set: `activation${i + 1}`, to: activation }));
const rateFrom = (factor) => (frame) => [
  { set: "learning_rate", to: Number((frame.learning_rate * factor).toPrecision(2)) },
];

const REMEDIES = {
  vanishing: [
    {
      text: "Use ReLU",
      change: hiddenTo("relu"),
      edits: hiddenFrom("relu"),
      needs: ["activations", "relu"],
    },
    {
      text: "Use tanh",
      change: hiddenTo("tanh"),
      edits: hiddenFrom("tanh"),
      needs: ["activations", "tanh"],
    },
    {
      text: "Xavier weights",
      change: initializer("xavier_normal"),
      needs: ["initializers", "xavier_normal"],
    },
  ],
  exploding: [
    { text: "Smaller learning rate", change: rateTimes(0.1), edits: rateFrom(0.1) },
    {
      text: "Xavier weights",
      change: initializer("xavier_normal"),
      needs: ["initializers", "xavier_normal"],
    },
  ],
  dead: [
    {
      text: "Use leaky ReLU",
      change: hiddenTo("leaky_relu"),
      edits: hiddenFrom("leaky_relu"),
      needs: ["activations", "leaky_relu"],
    },
    { text: "Smaller learning rate", change: rateTimes(0.3), edits: rateFrom(0.3) },
  ],
  saturated: [
    {
      text: "Xavier weights",
      change: initializer("xavier_normal"),
      needs: ["initializers", "xavier_normal"],
    },
    { text: "Smaller learning rate", change: rateTimes(0.3), edits: rateFrom(0.3) },
  ],
  symmetric: [
    {
      text: "Xavier weights",
      change: initializer("xavier_normal"),
      needs: ["initializers", "xavier_normal"],
    },
  ],
  diverged: [{ text: "Smaller learning rate", change: rateTimes(0.1), edits: rateFrom(0.1) }],
};

/**
 * @param {string} kind @param {any} recipe @param {any} catalog
 * @returns {{text: string, recipe: any, edits?: (frame: any) => {set: string, to: any}[]}[]} at most two; with `edits` it can also be
 *   tried from the present step on
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
 * The server's own suggestion for a run that diverged: the smaller rate from the step at which the cost was least, where
 * the rate that failed already held; from the beginning of that rate if it has only done harm.
 * @param {{set: string, to: any} | null | undefined} suggestion @param {any} recipe @param {import("./history.js").History | null} history
 * @returns {{text: string, recipe: any, edits?: (frame: any) => {set: string, to: any}[], at: number} | null}
 */
export function suggested(suggestion, recipe, history) {
  if (!suggestion?.set) return null;
  const path = suggestion.set === "learning_rate" ? "optimizer.learning_rate" : suggestion.set;
  const edit = /^edits\.(\d+)\./.exec(path);
  const from = edit ? recipe.edits[edit[1]].step : 0;
  const at = bestStep(history, from);
  const branched = at > from ? { edits: () => [{ set: "learning_rate", to: suggestion.to }] } : {};
  return {
    text: `Try learning rate ${suggestion.to}`,
    recipe: put(recipe, path, suggestion.to),
    at,
    ...branched,
  };
}

/** The recorded step of the least cost, none before `from`. @param {import("./history.js").History | null} history @param {number} from */
export function bestStep(history, from) {
  let best = -1;
  (history?.step ?? []).forEach((step, k) => {
    if (step >= from && (best < 0 || history.cost_train[k] < history.cost_train[best])) best = k;
  });
  return best < 0 ? from : history.step[best];
}

/**
 * What a button for an offer says and does: a branch where the change can be made on the way, else the whole run again.
 * @param {any} offer @param {{step: number, branch: (edits: any[], at: number) => void, again: (recipe: any, at: number) => void}} actions step: the one that is shown
 */
export function plan(offer, { step, branch, again }) {
  // the shown step is not named: it goes on while the button stands there
  if (offer.edits && (offer.at ?? step) > 0)
    return {
      text: `${offer.text} from ${offer.at ? `step ${offer.at}` : "here on"}`,
      run: (frame) => branch(offer.edits(frame), offer.at ?? frame.step),
    };
  const start = offer.at ?? 0;
  return {
    text: step > 0 ? `${offer.text}, again from step ${start}` : offer.text,
    run: () => again(offer.recipe, start),
  };
}
