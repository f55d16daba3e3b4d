import assert from "node:assert/strict";
import test from "node:test";
import { dataAt, dataTarget, parseDataEdit } from "../../../static/js/core/data-edits.js";

const TRACE = { batch: null, rows: [7], givens: [{ id: "target", shape: [3] }] };
const DATA = { task: "classification", train: {} };

test("edits of data are told apart from those of parameters", () => {
  assert.deepEqual(parseDataEdit("x[3,1]"), { of: "x", row: 3, column: 1 });
  assert.deepEqual(parseDataEdit("target[3]"), { of: "target", row: 3, column: null });
  assert.equal(parseDataEdit("W1[0,2]"), null);
});

test("a class is chosen by writing 1 at it", () => {
  const { set, to } = dataTarget("target", [2], TRACE, DATA);
  assert.equal(set, "target[7]");
  assert.deepEqual([to(1, 0, true), to(0.5, 0, true), to(0, 0, true)], [2, null, null]);
});

test("an input is any number", () => {
  const { set, to } = dataTarget("x", [1], TRACE, DATA);
  assert.deepEqual([set, to(0.25, 0, true)], ["x[7,1]", 0.25]);
  assert.equal(dataTarget("W1", [0, 0], TRACE, DATA), null);
});

test("data have the edits up to a step, and the given data stay as they are", () => {
  const plain = {
    train: {
      x: [
        [1, 2],
        [3, 4],
      ],
      target: [0, 1],
    },
    test: {},
  };
  const edits = [
    { step: 2, set: "x[1,0]", to: 9 },
    { step: 5, set: "target[0]", to: 1 },
    { step: 2, set: "learning_rate", to: 1 },
  ];
  assert.equal(dataAt(plain, edits, 1), plain);
  assert.deepEqual(dataAt(plain, edits, 4).train, {
    x: [
      [1, 2],
      [9, 4],
    ],
    target: [0, 1],
  });
  assert.equal(dataAt(plain, edits, 4), dataAt(plain, edits, 3));
  assert.deepEqual(dataAt(plain, edits, 5).train.target, [1, 1]);
  assert.deepEqual(plain.train, {
    x: [
      [1, 2],
      [3, 4],
    ],
    target: [0, 1],
  });
});
