import assert from "node:assert/strict";
import test from "node:test";
import { FIGURES, nextFigure, TABS } from "../../../static/js/core/dock-figures.js";
import { TABLE } from "../../../static/js/state/store.js";

test("a key goes through the figures in a circle, without the first and the last", () => {
  const names = FIGURES.map(({ name }) => name);
  const between = names.slice(1, -1);
  const seen = [nextFigure(names[0])];
  for (let k = 1; k < between.length; k++) seen.push(nextFigure(seen.at(-1)));
  assert.deepEqual(seen, between);
  for (const outside of [seen.at(-1), names.at(-1), "network"])
    assert.equal(nextFigure(outside), between[0]);
});

test("each has a tab and a heading, and is accepted in an address", () => {
  for (const { name, text, heading } of FIGURES) {
    assert.ok(text && heading);
    assert.equal(TABLE.tab.valid(name), true);
  }
  assert.ok(TABS.includes(TABLE.tab.initial));
});
