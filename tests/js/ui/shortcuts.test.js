import assert from "node:assert/strict";
import test from "node:test";
import { isCharacter, letters, nameOf, shownKeys } from "../../../static/js/ui/shortcuts.js";

const press = (key, held = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a pressed key has the name that it has in the table", () => {
  assert.equal(press("ArrowLeft"), "ArrowLeft");
  assert.equal(press("?", { shiftKey: true }), "?");
  assert.equal(press("Z", { ctrlKey: true, shiftKey: true }), "Ctrl+Shift+z");
  assert.equal(press("z", { metaKey: true }), "Ctrl+z");
  assert.equal(press("z", { altKey: true }), null);
});

test("what types a character can be switched off, also where nothing is kept", () => {
  assert.deepEqual(["b", "?", "[", " ", "Home", "Ctrl+z"].map(isCharacter), [
    ...[true, true, true],
    ...[false, false, false],
  ]);
  assert.equal(letters.on, true);
});

test("keys are shown as signs where their names are long", () => {
  assert.deepEqual(shownKeys({ keys: { ArrowLeft: () => {}, " ": () => {} } }), ["←", "space"]);
  assert.deepEqual(shownKeys({ keys: {}, shown: ["drag"] }), ["drag"]);
});
