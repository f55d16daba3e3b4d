import assert from "node:assert/strict";
import test from "node:test";
import {
  classCount,
  describeTable,
  featuresWith,
  rolesOf,
  targetsOf,
} from "../../../static/js/core/table-roles.js";

const COLUMNS = [
  { name: "width", kind: "number" },
  { name: "colour", kind: "text" },
  { name: "kind", kind: "text" },
];

test("the last column is the target, numbers are features", () => {
  assert.deepEqual(rolesOf(COLUMNS, {}), ["feature", "left out", "target"]);
});

test("choices come before suggestions, the server's reading before both", () => {
  assert.deepEqual(rolesOf(COLUMNS, { target: "width", features: ["kind"] }), [
    "target",
    "left out",
    "feature",
  ]);
  const suggested = COLUMNS.map((column) => ({ ...column, suggested: "left out" }));
  assert.deepEqual(rolesOf(suggested, {}), ["left out", "left out", "left out"]);
  assert.equal(rolesOf(suggested, { target: "kind" })[2], "target");
  const read = COLUMNS.map((column) => ({ ...column, role: "feature" }));
  assert.deepEqual(rolesOf(read, { target: "width" }), ["feature", "feature", "feature"]);
});

test("a feature is added in the order of the columns, or left out", () => {
  const roles = ["left out", "feature", "target"];
  assert.deepEqual(featuresWith(COLUMNS, roles, "width", true), ["width", "colour"]);
  assert.deepEqual(featuresWith(COLUMNS, roles, "colour", false), []);
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
