import assert from "node:assert/strict";
import test from "node:test";
import { decoded } from "../../../static/js/core/decoded.js";

const read = (...bytes) => decoded(new Blob([new Uint8Array(bytes)]));

test("a file is read in its own encoding", async () => {
  assert.equal(await read(0xc3, 0xb8), "ø"); // UTF-8
  assert.equal(await read(0xff, 0xfe, 0xf8, 0x00), "ø"); // UTF-16, low byte first
  assert.equal(await read(0xfe, 0xff, 0x00, 0xf8), "ø"); // high byte first
  assert.equal(await read(0xf8, 0x3b), "ø;"); // Windows-1252, as Excel writes it
});
