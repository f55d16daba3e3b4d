/**
 * What the explorer shows at a card: the scenes up to it, later ones over earlier ones. A new
 * recipe begins at step 0, in the scaling of its cost and compared with nothing, unless its
 * scene says otherwise.
 */

import { isUpdate, named } from "../core/names.js";
import { NOTATION } from "../core/trace.js";
import { covers } from "../core/veil.js";

/** @typedef {Pick<Card, "scene">} WithScene */

/** @type {CardView} */
const START = {
  recipe: null,
  step: 0,
  line: "z1",
  sample: 0,
  entry: null,
  convention: "column",
  reduction: null,
  jacobians: false,
  fused: true,
  figure: null,
  reference: null,
  map: null,
  hide: null,
};

/** @param {WithScene[]} cards @param {number} at @returns {CardView} */
export function viewAt(cards, at) {
  let view = START;
  for (const { scene } of cards.slice(0, at + 1)) {
    const fresh = scene?.recipe ? { step: 0, reduction: null, reference: null } : {};
    // of two scenes the later one says what the middle figure is
    const other = scene?.map || scene?.figure ? { map: null, figure: null } : {};
    const moved = scene?.line ? { entry: null } : {};
    view = { ...view, ...fresh, ...other, ...moved, ...scene, hide: scene?.hide ?? null };
  }
  // after the last card the scene of the last stays, nothing hidden
  return at >= cards.length ? { ...view, hide: null } : view;
}

/**
 * Whether a card is about training: a later step, a figure of the run, a second run, or a map.
 * @param {WithScene[]} cards @param {number} at
 */
export function trains(cards, at) {
  const { step, figure, reference, map } = viewAt(cards, at);
  return step > 0 || figure !== null || reference !== null || map !== null;
}

/** Fields of the page's state that a view sets at once. @param {CardView} view */
export function stateOf(view) {
  const { line, sample, convention, jacobians, fused, entry, figure, reference, map } = view;
  const reduction = view.recipe?.cost?.reduction;
  return {
    line,
    sample,
    // a card that shows an update says whose
    numbers: isUpdate(line) && sample !== "batch" ? "sample" : "batch",
    sampleBefore: null,
    convention,
    jacobians,
    fused,
    entry: entry ?? null,
    reduction: view.reduction === reduction ? null : view.reduction,
    reference,
    neurons: "line",
    edges: "line",
    selection: null,
    path: [],
    source: null,
    hover: null,
    ...(figure !== null ? { tab: figure } : {}),
    ...(map ? { map, tab: "map" } : {}),
  };
}

/** @type {("line" | "sample" | (typeof NOTATION)[number])[]} */
const OF_SCENE = ["line", "sample", ...NOTATION];

/** Whether the page shows something else. @param {Page} state @param {CardView} view */
export function elsewhere(state, view) {
  const wanted = stateOf(view);
  // a run that diverged before the step stays at its last good one
  const there = state.step === view.step || (state.frame?.diverged && state.step < view.step);
  return !there || OF_SCENE.some((name) => state[name] !== wanted[name]);
}

/**
 * @param {{kind: string, line?: string}} question @param {string} from
 * @returns {import("../core/veil.js").Asked}
 */
const hiddenBy = ({ kind, line }, from) => ({
  line: line ?? from,
  from,
  bare: ["shape", "choice"].includes(kind),
});

/** @param {Schemas["AskedLater"]} asked @returns {import("../core/veil.js").Asked} */
const askedLater = ({ line, hide, bare }) => ({ line, from: hide, bare });

/**
 * What must not be seen yet: what this card asks, and what later cards ask of the same experiment.
 * Of what later cards hide, the line that this card shows stays visible with all that it is
 * computed from; what they ask does not.
 * @param {(WithScene & Pick<Card, "name" | "later"> & {question: {kind: string, line?: string} |
 *   null})[]} cards
 * @param {number} at @param {(card: string) => boolean} answered by name @returns {Veil | null}
 */
export function veilAt(cards, at, answered) {
  const view = viewAt(cards, at);
  const depth = view.recipe?.network.layers.length ?? 1;
  const card = cards[at];
  const hide = card && !answered(card.name) ? card.scene?.hide : undefined;
  const asked = card?.question && hide ? hiddenBy(card.question, hide) : null;
  const later = (card?.later ?? []).filter((each) => !answered(each.card)).map(askedLater);
  if (!asked && !later.length) return null;
  // By their names alone the lines of an update have no order: the first that is asked is taken.
  const { from } = [...(asked ? [asked] : []), ...later].reduce((first, one) =>
    covers(first, named(one.from), depth) ? first : one,
  );
  const bare = asked?.bare ?? false;
  return later.length ? { from, bare, card: { line: view.line, asked, later } } : { from, bare };
}
