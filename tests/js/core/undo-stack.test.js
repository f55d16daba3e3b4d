import assert from "node:assert/strict";
import test from "node:test";
import { createUndoStack } from "../../../static/js/core/undo-stack.js";

test("undo and redo go through the states", () => {
  const stack = createUndoStack(9);
  stack.remember("a");
  stack.remember("b");
  assert.equal(stack.undo("c"), "b");
  assert.equal(stack.undo("b"), "a");
  assert.equal(stack.undo("a"), null);
  assert.equal(stack.redo("a"), "b");
  assert.equal(stack.redo("b"), "c");
  assert.equal(stack.redo("c"), null);
});

test("a change forgets what was undone", () => {
  const stack = createUndoStack(9);
  stack.remember("a");
  stack.undo("b");
  assert.equal(stack.redoable, true);
  stack.remember("a");
  assert.deepEqual([stack.undoable, stack.redoable], [true, false]);
});

test("only so many states are kept", () => {
  const stack = createUndoStack(2);
  for (const state of ["a", "b", "c"]) stack.remember(state);
  assert.deepEqual([stack.undo("d"), stack.undo("c"), stack.undo("b")], ["c", "b", null]);
});

test("states that are the same are skipped", () => {
  const stack = createUndoStack(9, (a, b) => a.x === b.x);
  stack.remember({ x: 1 });
  stack.remember({ x: 2 });
  assert.deepEqual(stack.undo({ x: 2 }), { x: 1 });
  assert.equal(stack.undo({ x: 1 }), null);
});

test("a checkpoint takes back all moves after it", () => {
  const stack = createUndoStack(9);
  stack.remember("a");
  stack.remember("b");
  const takeBack = stack.checkpoint();
  stack.undo("c");
  stack.undo("b");
  takeBack();
  assert.equal(stack.undo("c"), "b");
  assert.equal(stack.redo("b"), "c");
});
