import assert from "node:assert/strict";
import test from "node:test";
import { depthOf, phasesOf, tableOf } from "../../../static/js/classroom/mistakes.js";
import { inOrder } from "../../../static/js/classroom/scenes.js";
import { phaseOf } from "../../../static/js/core/veil.js";

const mistake = (misconception, line, count, answer = count) => ({
  ...{ misconception, title: misconception, line, count },
  example: { answer, seed: null },
});

test("the map has a row for each mistake and a column for each line", () => {
  const map = tableOf(
    [
      mistake(null, "z1", 9),
      mistake("sign", "dC_dz2", 2),
      mistake("slope", "dC_dz1", 4),
      mistake("sign", "dC_dz1", 3),
    ],
    ["z1", "a1"],
    inOrder(2),
  );
  assert.deepEqual(map.lines, ["z1", "a1", "dC_dz2", "dC_dz1"]);
  // named ones first, the frequent first
  assert.deepEqual(
    map.rows.map(({ name, total }) => [name, total]),
    [
      ["sign", 5],
      ["slope", 4],
      ["", 9],
    ],
  );
  assert.equal(map.totals.get("dC_dz1"), 7);
  assert.equal(map.total, 18);
});

test("the same mistake of several questions is added, with the example of most", () => {
  const map = tableOf(
    [mistake("sign", "z1", 2, "a"), mistake("sign", "z1", 3, "b")],
    [],
    inOrder(2),
  );
  const cell = map.rows[0].counts.get("z1");
  assert.deepEqual([cell.count, cell.example.answer], [5, "b"]);
});

test("a mistake without a line has a column of its own, the last one", () => {
  const map = tableOf([mistake(null, null, 1), mistake(null, "C", 1)], [], inOrder(2));
  assert.deepEqual(map.lines, ["C", ""]);
  assert.deepEqual(phasesOf(map.lines), [
    { phase: "cost", span: 1 },
    { phase: "", span: 1 },
  ]);
});

test("every line belongs to a phase", () => {
  const lines = ["z1", "a2", "C", "penalty1", "dC_db1", "da1_dz1", "W1_next", "velocity_W1_next"];
  assert.deepEqual(
    lines.map(phaseOf).join(),
    [...["forward", "forward", "cost", "cost", "backward", "backward", "update", "update"]].join(),
  );
});

test("depth grows with the count", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 8].map((n) => depthOf(n, 8)),
    [1, 1, 2, 2, 4],
  );
  assert.equal(depthOf(1, 1), 4);
});
