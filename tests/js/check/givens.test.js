import assert from "node:assert/strict";
import test from "node:test";
import { rateOf, request } from "../../../static/js/check/givens.js";
import { EMPTY } from "../../../static/js/check/keep.js";

test("only what was chosen is sent with the text", () => {
  assert.deepEqual(request({ ...EMPTY, text: "x = 1" }, null), { submitted: "x = 1", read_as: {} });
  const chosen = { activations: ["", "relu"], cost: "mse", reduction: "sum", rate: "0,5" };
  const sent = request({ ...EMPTY, ...chosen, readAs: { 2: "dC_dz1" } }, null);
  assert.deepEqual(sent.activations, [null, "relu"]);
  assert.deepEqual(sent.read_as, { 2: "dC_dz1" });
  assert.deepEqual(sent.optimizer, { name: "sgd", learning_rate: 0.5 });
  assert.equal(sent.cost, "mse");
  assert.equal(sent.reduction, "sum");
});

test("the convention of a course is sent unless another one was chosen", () => {
  const course = { reduction: "mean", convention: "row", step: "add" };
  const sent = request({ ...EMPTY, reduction: "sum" }, course);
  assert.deepEqual([sent.reduction, sent.convention, sent.step], ["sum", "row", "add"]);
});

test("a typed learning rate is a number, none, or not a number", () => {
  assert.equal(rateOf({ rate: " " }), null);
  assert.equal(rateOf({ rate: "0,5" }), 0.5);
  assert.ok(Number.isNaN(rateOf({ rate: "abc" })));
});
