import assert from "node:assert/strict";
import test from "node:test";
import { lineRange, readHead } from "../../../static/js/core/csv-head.js";

const suggested = (text) => {
  const { header, columns, rows } = readHead(text, null);
  return [header, columns.map((column) => column.suggested), rows[0].cells[2]];
};

test("exported files are known by their columns", () => {
  const [feature, target, left] = ["feature", "target", "left out"];
  for (const [text, expected] of [
    [
      "a,b,kind,kind index,part\n1,2,'=x,0,train\n3,4,y,1,test\n",
      [true, [feature, feature, target, left, left], "=x"],
    ],
    [
      "2020,2021,y,part,edited\n1.5,2.5,3.5,train,\n",
      [true, [feature, feature, target, left, left], "3.5"],
    ],
    [
      'a,"y (1 of 2)","y (2 of 2)",part\n1,2,3,test\n',
      [true, [feature, target, target, left], "3"],
    ],
    ["a,part\n1,train\n2,test\n", [true, [null, null], undefined]],
    ["a,b,part\n1,2,engine\n2,3,wheel\n", [true, [null, null, null], "engine"]],
  ])
    assert.deepEqual(suggested(text), expected);
});

test("columns are told apart by their delimiter and by what most cells are", () => {
  const head = readHead("x;y;z\n0,5;1;a\n0,25;2;b\n", null);
  assert.deepEqual(
    head.columns.map(({ name, kind }) => [name, kind]),
    [
      ["x", "number"],
      ["y", "number"],
      ["z", "text"],
    ],
  );
  assert.deepEqual(head.rows[1], { number: 3, cells: ["0,25", "2", "b"] });
});

test("columns without names are counted, and equal names told apart", () => {
  const names = (text) => readHead(text, null).columns.map(({ name }) => name);
  assert.deepEqual(names("1,2\n3,4\n"), ["column 1", "column 2"]);
  assert.deepEqual(names("a,a\n3,4\n"), ["a", "a (2)"]);
});

test("an empty text has no head, and a row can be found in a text", () => {
  assert.equal(readHead("\n\n", null), null);
  const text = "a\nbc\nd";
  const [from, to] = Object.values(lineRange(text, 2));
  assert.equal(text.slice(from, to).trim(), "bc");
});
