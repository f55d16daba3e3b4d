import assert from "node:assert/strict";
import test from "node:test";
import { bitmap, colourTable } from "../../../static/js/figures/bitmap.js";

test("a picture is a BMP whose rows are padded to four bytes", () => {
  const address = bitmap(1, 2, (_, y) => (y ? [1, 2, 3] : [4, 5, 6]));
  const bytes = [...Buffer.from(address.split(",")[1], "base64")];
  assert.equal(String.fromCharCode(bytes[0], bytes[1]), "BM");
  assert.deepEqual(bytes.slice(54), [6, 5, 4, 0, 3, 2, 1, 0]);
});

test("a table of colours goes from the first to the last", () => {
  const table = colourTable(
    [
      [0, "#000000"],
      [0.5, "#ff0000"],
      [1, "#ffffff"],
    ],
    5,
  );
  assert.deepEqual(table[0], [0, 0, 0]);
  assert.deepEqual(table[2], [255, 0, 0]);
  assert.deepEqual(table[4], [255, 255, 255]);
});
