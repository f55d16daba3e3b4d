import assert from "node:assert/strict";
import test from "node:test";
import {
  aligned,
  count,
  factor,
  number,
  operand,
  scientific,
  styleOf,
  tiny,
  typedNumber,
} from "../../../static/js/core/format.js";

test("numbers have four significant digits and a real minus sign", () => {
  const found = [0, 12, -0.5, 0.123456, 1234.5678, 9.9996].map((value) => number(value));
  assert.deepEqual(found, ["0", "12", "−0.5000", "0.1235", "1235", "10.00"]);
});

test("very small and very large numbers have a power of ten", () => {
  assert.equal(number(2.175e-5), "2.175·10⁻⁵");
  assert.equal(number(-1.5e9 - 0.5), "−1.500·10⁹");
  assert.equal(scientific(1234.5, 2), "1.23·10³");
  assert.equal(tiny(1.2e-16), "1e-16");
});

test("a count has its thousands apart", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
});

test("what is not finite says so", () => {
  assert.deepEqual(
    [null, undefined, NaN].map((value) => number(value)),
    Array(3).fill("not finite"),
  );
  assert.equal(aligned(null, { decimals: 2, power: null }), "—");
});

test("numbers of one matrix have as many decimals", () => {
  const values = [0.5, -12.25, 3];
  const style = styleOf(values);
  assert.deepEqual(
    values.map((value) => aligned(value, style)),
    ["0.50", "−12.25", "3.00"],
  );
});

test("a number that is not zero does not look like zero", () => {
  assert.equal(aligned(-1e-7, { decimals: 3, power: null }), "−1e−7");
});

test("brackets stand where a sign or a power would be misread", () => {
  assert.deepEqual([factor(-2), factor(2)], ["(−2)", "2"]);
  assert.deepEqual([operand(3.5e-7), operand(0.5)], ["(3.500·10⁻⁷)", "0.5000"]);
});

test("typed numbers may have a decimal comma and a minus sign of either kind", () => {
  assert.deepEqual(["−0,5", " 1e-3 ", "-2"].map(typedNumber), [-0.5, 0.001, -2]);
  for (const text of ["", "x", "1,2,3", "1e999"]) assert.ok(Number.isNaN(typedNumber(text)), text);
});

test("a matrix has a power of ten where decimals would have fewer than three digits", () => {
  assert.deepEqual(styleOf([0.0123, 0.2]), { decimals: 4, power: null });
  assert.deepEqual(styleOf([0.0123]), { decimals: 4, power: null });
  assert.deepEqual(styleOf([0.00123, 1e-7]), { decimals: 3, power: -3 });
});
