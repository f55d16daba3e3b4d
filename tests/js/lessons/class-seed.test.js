import assert from "node:assert/strict";
import test from "node:test";
import { classOf, classSeed, withClass } from "../../../static/js/lessons/class-seed.js";

test("a seed is a number of the class and the student's text", () => {
  const seed = classSeed("INF week 42", "Kari Nordmann");
  assert.match(seed, /^\d{1,10}$/);
  assert.ok(Number(seed) < 2 ** 31);
  assert.equal(classSeed("inf week  42", " kari  NORDMANN "), seed);
  assert.notEqual(classSeed("INF week 43", "Kari Nordmann"), seed);
  assert.notEqual(classSeed("Kari Nordmann", "INF week 42"), seed);
});

test("a seed does not change between versions: answers were printed for it", () => {
  assert.equal(classSeed("week 42", "123456"), "1973196447");
  assert.equal(classSeed("uke 42", "Bjørn Åse"), "1159668772");
});

test("students with neighbouring numbers get different seeds", () => {
  const seeds = new Set(Array.from({ length: 5000 }, (_, k) => classSeed("c", String(500000 + k))));
  assert.ok(seeds.size >= 4998);
});

test("what is no text has no seed", () => {
  assert.equal(classSeed("c", " "), null);
  assert.equal(classSeed("", "x"), null);
  assert.equal(classOf("?seed=1"), null);
  assert.equal(classOf(withClass("/lessons", "week 42").slice(8)), "week 42");
});
