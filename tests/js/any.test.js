import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

const JS = fileURLToPath(new URL("../../static/js/", import.meta.url));

/**
 * The comments of a script that have the type `any` and no reason for it: "any: of the route", or words
 * after a type alone. A script of types may give one reason for all, in its first comment.
 */
const unreasoned = (source) =>
  source.includes("`any` is used for")
    ? []
    : [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)]
        .map(([comment]) => comment.replace(/\s*\*?\s+/g, " "))
        .filter((comment) => /\{[^@]*\bany\b[^@]*\}/.test(comment))
        .filter((comment) => !/\bany: \w|@(type|typedef) \{.*\} \w+ \w/.test(comment));

test("any has a reason", () => {
  const found = readdirSync(JS, { recursive: true })
    .filter((name) => name.endsWith(".js"))
    .flatMap((name) =>
      unreasoned(readFileSync(JS + name, "utf8")).map((each) => `${name}: ${each}`),
    );
  assert.deepEqual(found, []);
});

test("a reason is told from a type", () => {
  assert.equal(unreasoned("/** @param {any} x */").length, 1);
  assert.equal(unreasoned("/** @type {Record<string, any>} */").length, 1);
  assert.equal(unreasoned("/** @param {any} x any: from a file */").length, 0);
  assert.equal(unreasoned("/** @param {number} x any number */").length, 0);
});
