import assert from "node:assert/strict";
import test from "node:test";
import {
  MIDDLE_FIGURES,
  MIDDLE_NAMES,
  nextMiddle,
  TABS,
} from "../../../static/js/core/middle-figures.js";
import { TABLE } from "../../../static/js/state/store.js";

test("the middle figures follow one another in a circle", () => {
  const seen = [MIDDLE_NAMES[0]];
  for (let k = 1; k < MIDDLE_NAMES.length; k++) seen.push(nextMiddle(seen.at(-1)));
  assert.deepEqual(seen, MIDDLE_NAMES);
  assert.equal(nextMiddle(seen.at(-1)), MIDDLE_NAMES[0]);
});

test("each has a button and a heading, and is accepted in an address", () => {
  for (const { name, text, heading } of MIDDLE_FIGURES) {
    assert.ok(text && heading);
    assert.equal(TABLE.tab.valid(name), true);
  }
  assert.ok(TABS.includes(TABLE.tab.initial));
  assert.equal(nextMiddle("data"), MIDDLE_NAMES[0]);
});
