import assert from "node:assert/strict";
import test from "node:test";
import {
  classCount,
  describeTable,
  featuresWith,
  lineRange,
  targetsOf,
} from "../../../static/js/core/table-roles.js";

test("a feature is added in the order of the columns, or left out", () => {
  const columns = [
    { name: "width", role: "left out" },
    { name: "colour", role: "feature" },
    { name: "kind", role: "target" },
  ];
  assert.deepEqual(featuresWith(columns, "width", true), ["width", "colour"]);
  assert.deepEqual(featuresWith(columns, "colour", false), []);
});

test("a table in words", () => {
  const answer = {
    rows: 1200,
    task: "classification",
    classes: ["a", "b"],
    left_out: [3],
    points: null,
    columns: [{ role: "feature" }, { role: "target" }],
  };
  assert.equal(
    describeTable(answer),
    "1,200 rows: 2 classes (a, b) from 1 feature. 1 incomplete row is left out. Too many for a link: they stay on this server, and a link opens where they are.",
  );
  assert.equal(classCount(answer), 2);
  const regression = { ...answer, task: "regression", classes: [], left_out: [], points: {} };
  const two = { ...regression, columns: [{ role: "target" }, { role: "target" }] };
  assert.equal(targetsOf(two), 2);
  assert.equal(classCount(two), null);
  assert.match(describeTable(two), /2 numbers from 0 features\. The link will hold them\.$/);
});

test("a row can be found in a text", () => {
  const text = "a\nbc\nd";
  const [from, to] = Object.values(lineRange(text, 2));
  assert.equal(text.slice(from, to).trim(), "bc");
});
