import assert from "node:assert/strict";
import test from "node:test";
import { calm, mix, plain } from "../../../static/js/figures/colour.js";

test("colours are mixed channel by channel", () => {
  assert.equal(mix("#000000", "#ff8000", 0.5), "#804000");
  assert.equal(mix("#010203", "#ffffff", 0), "#010203");
});

test("a calm scale is the next larger number of a coarse series", () => {
  assert.equal(calm(1), 1);
  assert.equal(calm(1.2), calm(1.4));
  assert.ok(calm(1.2) >= 1.2);
  for (const value of [0, -1, NaN, Infinity]) assert.equal(calm(value), 1);
});

test("text of a data set is no markup", () => {
  assert.equal(plain("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
});
