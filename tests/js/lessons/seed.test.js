import assert from "node:assert/strict";
import test from "node:test";
import {
  nextSeed,
  readSeed,
  seedOf,
  seedProblem,
  withSeed,
} from "../../../static/js/lessons/seed.js";

test("a number up to 2³¹ − 1 is that number, anything else is text", () => {
  assert.deepEqual(["007", " 7\n", "2147483648", "abc"].map(readSeed), [
    "7",
    "7",
    "2147483648",
    "abc",
  ]);
  for (const text of ["", "\u200b", "x".repeat(101), "\ud800"]) assert.equal(readSeed(text), null);
});

test("another seed follows each", () => {
  const seeds = ["1", "2147483646", "2147483647", "abc", "abc 2", "x".repeat(100)];
  const next = ["2", "2147483647", "2147483647 2", "abc 2", "abc 3", `${"x".repeat(98)} 2`];
  assert.deepEqual(seeds.map(nextSeed), next);
  assert.equal(nextSeed(`${"😀".repeat(100)} 99`), `${"😀".repeat(96)} 100`);
});

test("the seed of the address comes before the one used last", () => {
  assert.equal(seedOf("?seed=5", { seed: "3" }), "5");
  assert.equal(seedOf("", { seed: "3" }), "3");
  assert.equal(seedOf("?seed=", { seed: null }), "1");
  assert.match(seedProblem(`?seed=${"x".repeat(101)}`), /cannot be used/);
  assert.equal(seedProblem("?seed=5"), "");
  assert.equal(withSeed("/l", "a b", "#card=1"), "/l?seed=a%20b#card=1");
});
