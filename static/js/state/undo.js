/** Undo and redo of changes to the experiment: each is a recipe and the step that was shown. */
import { createUndoStack } from "../core/undo-stack.js";

const MOST = 200;

/** @typedef {{recipe: RecipePart, step: number}} Change */

/** @param {Change} a @param {Change} b */
const sameRecipe = (a, b) => JSON.stringify(a.recipe) === JSON.stringify(b.recipe);

/**
 * @param {Store} store
 * @param {{opening: () => Change | null, open: (recipe: Change["recipe"], step: number) =>
 *   Promise<boolean>}} session see session.js
 */
export function createUndo(store, session) {
  const { state } = store;
  const stack = createUndoStack(MOST, sameRecipe);
  /** @type {(() => void) | null} takes back the moves that have not arrived yet */
  let takeBack = null;
  let latest = 0;
  const shown = () => state.experiment && { recipe: state.experiment.recipe, step: state.step };

  /** A move that was refused or overtaken leaves the stack as it was. @param {boolean} arrived */
  function settle(arrived) {
    if (!arrived) takeBack?.();
    takeBack = null;
  }

  async function move(/** @type {"undo" | "redo"} */ direction) {
    const now = state.pending ? session.opening() : shown();
    if (!now) return false;
    if (!state.pending) settle(true);
    const restore = takeBack ?? stack.checkpoint();
    const next = stack[direction](now);
    if (!next) return false;
    takeBack = restore;
    const mine = ++latest;
    const { experiment } = state;
    await session.open(next.recipe, next.step);
    if (mine === latest) settle(state.experiment !== experiment);
    return true;
  }

  return {
    /** To be called before a change of what is shown, whatever else is on its way. */
    remember() {
      const now = shown();
      if (!now) return;
      settle(!state.pending);
      latest += 1;
      stack.remember(now);
    },
    undo: () => move("undo"),
    redo: () => move("redo"),
  };
}

/** @typedef {ReturnType<typeof createUndo>} Undo */
