import assert from "node:assert/strict";
import test from "node:test";
import { rows, tensor, unpackFrame } from "../../../static/js/core/decode.js";

const base64 = (numbers) => Buffer.from(numbers.buffer).toString("base64");

test("nested lists become flat numbers with a shape", () => {
  assert.deepEqual(
    tensor([
      [1, null],
      [3, 4],
    ]),
    { data: [1, NaN, 3, 4], shape: [2, 2] },
  );
  assert.deepEqual(tensor([[[1], [2]]]).shape, [1, 2, 1]);
  assert.deepEqual(tensor(5), { data: [5], shape: [] });
  assert.equal(tensor(null), null);
});

test("typed arrays come as base64, with a shape unless they have one dimension", () => {
  const numbers = new Float64Array([0.5, -1, 2, 4]);
  const bdata = base64(numbers);
  assert.deepEqual(tensor({ dtype: "f8", bdata, shape: "2,2" }), { data: numbers, shape: [2, 2] });
  assert.deepEqual(tensor({ dtype: "f8", bdata }).shape, [4]);
  const bytes = new Uint8Array([1, 2]);
  assert.deepEqual(tensor({ dtype: "u1", bdata: base64(bytes) }), { data: bytes, shape: [2] });
});

test("an unknown type is an error", () => {
  assert.throws(() => tensor({ dtype: "f2", bdata: "" }), /unknown dtype f2/);
});

test("rows are taken from the flat numbers", () => {
  assert.deepEqual(rows({ data: [1, 2, 3, 4, 5, 6], shape: [2, 3] }), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test("the arrays of a frame are unpacked", () => {
  const layer = { W: [[1]], b: [0], dC_dW: null, neurons: { a: [0.5, null], z: null } };
  const frame = unpackFrame({ layers: [layer], output: [1], curves: { step: [0, 1] } });
  assert.deepEqual(frame.layers[0].W, { data: [1], shape: [1, 1] });
  assert.equal(frame.layers[0].dC_dW, null);
  assert.deepEqual(frame.layers[0].neurons, { a: [0.5, NaN], z: null });
  assert.deepEqual(frame.output, [1]);
  assert.deepEqual(frame.curves.step.data, [0, 1]);
});
