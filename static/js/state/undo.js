/**
 * Undo and redo of changes to the experiment: each is a recipe and the step it was looked at.
 */
const MOST = 200;

/** @typedef {{recipe: import("../core/wire.js").RecipePart, step: number}} Change */

/**
 * @param {import("./store.js").Store} store
 * @param {import("../server/session.js").Session} session
 */
export function createUndo(store, session) {
  const { state } = store;
  /** @type {Change[]} */
  let past = [];
  /** @type {Change[]} */
  let future = [];
  /**
   * What the two were before moves that have not arrived.
   * @type {{past: Change[], future: Change[]} | null}
   */
  let before = null;
  let latest = 0;
  const shown = () => ({ recipe: state.experiment.recipe, step: state.step });
  /** @param {Change} a @param {Change} b */
  const same = (a, b) => JSON.stringify(a.recipe) === JSON.stringify(b.recipe);

  /**
   * Moves that never arrived were none.
   * @param {boolean} arrived
   */
  function settle(arrived) {
    if (before && !arrived) ({ past, future } = before);
    before = null;
  }

  /** @param {boolean} back */
  async function move(back) {
    const now = state.pending ? session.opening() : state.experiment && shown();
    if (!now) return false;
    if (!state.pending) settle(true);
    const kept = before ?? { past: [...past], future: [...future] };
    const [from, to] = back ? [past, future] : [future, past];
    let next = from.pop();
    while (next && same(next, now)) next = from.pop();
    if (!next) return false;
    to.push(now);
    before = kept;
    const mine = ++latest;
    const { experiment } = state;
    await session.open(next.recipe, next.step);
    if (mine === latest) settle(state.experiment !== experiment);
    return true;
  }

  return {
    /** To be called before a change. It is one of what is shown, whatever else is on its way. */
    remember() {
      if (!state.experiment) return;
      settle(!state.pending);
      latest += 1;
      past.push(shown());
      if (past.length > MOST) past.shift();
      future.length = 0;
    },
    undo: () => move(true),
    redo: () => move(false),
  };
}

/** @typedef {ReturnType<typeof createUndo>} Undo */
