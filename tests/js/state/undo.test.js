import assert from "node:assert/strict";
import test from "node:test";
import { createUndo } from "../../../static/js/state/undo.js";

/** A session that shows what it is asked to open, at once, unless it refuses. */
function page() {
  const shown = (recipe, step) => ({ step, experiment: { recipe } });
  const state = { pending: false, ...shown("a", 0) };
  const session = {
    refuse: false,
    opening: () => null,
    async open(recipe, step) {
      if (!session.refuse) Object.assign(state, shown(recipe, step));
    },
  };
  const undo = createUndo({ state }, session);
  const change = (recipe) => {
    undo.remember();
    return session.open(recipe, 0);
  };
  return { state, session, undo, change };
}

test("undo goes back to the recipe and its step, redo forward again", async () => {
  const { state, undo, change } = page();
  state.step = 7;
  await change("b");
  assert.equal(await undo.undo(), true);
  assert.deepEqual([state.experiment.recipe, state.step], ["a", 7]);
  assert.equal(await undo.redo(), true);
  assert.equal(state.experiment.recipe, "b");
  assert.equal(await undo.redo(), false);
});

test("a change after an undo forgets what was undone", async () => {
  const { undo, change, state } = page();
  await change("b");
  await undo.undo();
  await change("c");
  assert.equal(await undo.redo(), false);
  await undo.undo();
  assert.equal(state.experiment.recipe, "a");
});

test("a recipe that is shown already is skipped", async () => {
  const { undo, change, state } = page();
  await change("b");
  await change("b");
  await undo.undo();
  assert.equal(state.experiment.recipe, "a");
});

test("a move that the server refuses can be tried again", async () => {
  const { undo, change, session, state } = page();
  await change("b");
  session.refuse = true;
  await undo.undo();
  session.refuse = false;
  assert.equal(await undo.undo(), true);
  assert.equal(state.experiment.recipe, "a");
});
