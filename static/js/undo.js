/**
 * Undo and redo of changes to the experiment: each is a recipe and the step it was looked at.
 */
const MOST = 200;

/** @param {import("./store.js").Store} store @param {(recipe: any, step: number) => Promise<void>} open */
export function createUndo(store, open) {
  const { state } = store;
  const past = [];
  const future = [];
  const now = () => ({ recipe: state.experiment.experiment, step: state.step });
  const same = (a, b) => JSON.stringify(a.recipe) === JSON.stringify(b.recipe);

  async function move(from, to) {
    if (!state.experiment) return false;
    let next = from.pop();
    while (next && same(next, now())) next = from.pop();
    if (!next) return false;
    to.push(now());
    await open(next.recipe, next.step);
    return true;
  }

  return {
    /** To be called before a change. */
    remember() {
      if (!state.experiment) return;
      past.push(now());
      if (past.length > MOST) past.shift();
      future.length = 0;
    },
    undo: () => move(past, future),
    redo: () => move(future, past),
  };
}

/** @typedef {ReturnType<typeof createUndo>} Undo */
