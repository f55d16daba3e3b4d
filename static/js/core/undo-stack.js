/** What can be undone and redone: states before and after the present one. */

/**
 * @template T
 * @param {number} most states to go back
 * @param {(a: T, b: T) => boolean} [same] states that are skipped, because nothing would change
 */
export function createUndoStack(most, same = () => false) {
  /** @type {T[]} */
  let past = [];
  /** @type {T[]} */
  let future = [];

  /** @param {T[]} from @param {T[]} to @param {T} now @returns {T | null} */
  function move(from, to, now) {
    let next = from.pop();
    while (next !== undefined && same(next, now)) next = from.pop();
    if (next === undefined) return null;
    to.push(now);
    return next;
  }

  return {
    get undoable() {
      return past.length > 0;
    },
    get redoable() {
      return future.length > 0;
    },
    /** To be called before a change; what was undone cannot be redone any more. @param {T} now */
    remember(now) {
      past.push(now);
      if (past.length > most) past.shift();
      future = [];
    },
    /** The state before. @param {T} now @returns {T | null} null if there is none */
    undo: (now) => move(past, future, now),
    /** The state that was undone. @param {T} now @returns {T | null} null if there is none */
    redo: (now) => move(future, past, now),
    /** A function that takes back all that happens after this call. */
    checkpoint() {
      const [before, after] = [[...past], [...future]];
      return () => {
        [past, future] = [before, after];
      };
    },
  };
}

/**
 * @template T
 * @typedef {ReturnType<typeof createUndoStack<T>>} UndoStack
 */
