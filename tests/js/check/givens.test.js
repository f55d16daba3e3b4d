import assert from "node:assert/strict";
import test from "node:test";
import { conventionOf, nameOf, rateOf, request, roles } from "../../../static/js/check/givens.js";

const shapeOf = (value) =>
  Array.isArray(value) ? [value.length, ...(value.length ? shapeOf(value[0]) : [])] : [];
const piece = (name, value, more = {}) => ({
  ...{ name, as: null, value, shape: shapeOf(value), at_line: 1 },
  ...more,
});
const layer = [piece("W1", [[1, 2, 3]]), piece("b1", [4])];
const given = [...layer, piece("x", [1, 2, 3]), piece("target", 0.5)];
const work = {
  ...{ activations: [], cost: "mse", reduction: "mean", convention: "column" },
  ...{ penalty: null, rate: "" },
};

test("arrays get their roles from their names", () => {
  const found = roles([...given, piece("loss", 0.1), piece("dC_dW1", [[1]])]);
  assert.deepEqual(found.missing, []);
  assert.deepEqual(
    found.other.map(({ name }) => name),
    ["loss", "dC_dW1"],
  );
  assert.equal(found.layers[0].b.value[0], 4);
});

test("a gradient that was guessed is a parameter, and labels are a target", () => {
  const found = roles([piece(null, [[1]], { as: "dC_dW1", guessed: true }), piece("labels", [1])]);
  assert.equal(found.layers[0].W.value[0][0], 1);
  assert.equal(found.target.value[0], 1);
});

test("what is missing has a name", () => {
  assert.deepEqual(roles([]).missing, ["layers", "x", "target"]);
  assert.deepEqual(roles([piece("b2", [1]), piece("x", [1])]).missing, ["W1", "W2", "target"]);
});

test("the shapes tell the convention, unless the chosen one fits", () => {
  assert.equal(conventionOf(roles(given), "row"), "column");
  assert.equal(conventionOf(roles(given), "column"), "column");
  const square = [piece("W1", [[1, 2], [3, 4]]), piece("x", [1, 2]), piece("t", [1, 2])]; // biome-ignore format: a matrix
  assert.equal(conventionOf(roles(square), "row"), "row");
  const none = [piece("W1", [[1, 2]]), piece("x", [1, 2, 3]), piece("t", [1])];
  assert.equal(conventionOf(roles(none), "row"), "row");
  assert.equal(conventionOf(roles([]), "lecture"), "lecture");
});

test("a request has vectors for single numbers and leaves out what is not given", () => {
  assert.deepEqual(request(roles(given), work), {
    layers: [{ W: [[1, 2, 3]], b: [4], activation: "sigmoid" }],
    x: [1, 2, 3],
    target: [0.5],
    ...{ cost: "mse", reduction: "mean", convention: "column" },
  });
  const more = request(roles([piece("W1", [[1]]), piece("x", 2), piece("t", 1)]), {
    ...work,
    ...{ rate: " 0,1 ", penalty: { l1: 0, l2: 1 }, activations: ["relu"] },
  });
  assert.deepEqual(more.layers, [{ W: [[1]], b: null, activation: "relu" }]);
  assert.deepEqual(more.optimizer, { name: "sgd", learning_rate: 0.1 });
  assert.deepEqual(more.penalty, { l1: 0, l2: 1 });
});

test("a learning rate is a number, none, or not a number", () => {
  assert.deepEqual(["", " 0,5", "x"].map((rate) => rateOf({ rate })), [null, 0.5, Number.NaN]); // biome-ignore format: short
});

test("notebooks' names are found in the catalog", () => {
  const entries = ["mse", "binary_cross_entropy", "identity", "leaky_relu"].map((name) => ({
    name,
  }));
  const found = ["MSE", "bce", "linear", "LeakyReLU", "hinge"].map((word) => nameOf(word, entries));
  assert.deepEqual(found, ["mse", "binary_cross_entropy", "identity", "leaky_relu", null]);
});
