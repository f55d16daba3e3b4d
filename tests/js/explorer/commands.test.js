import assert from "node:assert/strict";
import test from "node:test";
import { commandsOf } from "../../../static/js/explorer/commands.js";
import { createStore } from "../../../static/js/state/store.js";
import { shownKeys } from "../../../static/js/ui/shortcuts.js";

/** The table with parts of the page that only note what they are told. */
function setUp() {
  const store = createStore();
  const log = [];
  const part = (name) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...given) =>
            log.push([name, method, ...given]),
      },
    );
  const names = [
    "player",
    "undo",
    "session",
    "ribbon",
    "walker",
    "working",
    "share",
    "comparing",
    "top",
    "help",
    "theme",
  ];
  const commands = commandsOf({
    store,
    ...Object.fromEntries(names.map((name) => [name, part(name)])),
  });
  const actions = Object.assign({}, ...commands.map(({ keys }) => keys));
  return { store, log, commands, actions };
}

test("each key has one command, and each command words and keys for the help", () => {
  const { commands } = setUp();
  const keys = commands.flatMap((command) => Object.keys(command.keys));
  assert.equal(new Set(keys).size, keys.length);
  for (const command of commands) {
    assert.ok(command.text);
    assert.ok(shownKeys(command).length > 0, command.text);
  }
});

test("Escape closes a view of which the part is still being loaded", () => {
  const { store, actions } = setUp();
  store.set({ both: true, watch: 1, selection: "n1.0" });
  actions.Escape();
  assert.deepEqual([store.state.both, store.state.watch], [false, null]);
  assert.equal(store.state.selection, "n1.0");
});

test("a step back counts from the step that was asked for last, and ends the play", () => {
  const { store, log, actions } = setUp();
  store.set({ playing: true });
  actions[","]();
  assert.deepEqual(log, [
    ["player", "pause"],
    ["session", "goBy", -1],
  ]);
});

test("samples go round, and the batch is left for the first", () => {
  const { store, actions } = setUp();
  actions["]"]();
  assert.equal(store.state.sample, 0);
  store.set({ data: { train: { x: [[1], [2], [3]] } } });
  actions["["]();
  assert.equal(store.state.sample, 2);
  actions.b();
  assert.equal(store.state.sample, "batch");
  actions["]"]();
  assert.equal(store.state.sample, 0);
});

test("conventions and middle figures follow one another", () => {
  const { store, actions } = setUp();
  store.set({ catalog: { conventions: ["column", "row"].map((name) => ({ name })) } });
  actions.c();
  assert.equal(store.state.convention, "row");
  actions.c();
  assert.equal(store.state.convention, "column");
  const seen = [1, 2, 3].map(() => {
    actions.h();
    return store.state.tab;
  });
  assert.equal(new Set(seen).size, 3);
});
