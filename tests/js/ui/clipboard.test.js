import assert from "node:assert/strict";
import test from "node:test";
import { copyText } from "../../../static/js/ui/clipboard.js";

/** @param {(text: string) => Promise<void>} writeText */
function withClipboard(context, writeText) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", {
    value: writeText && { clipboard: { writeText } },
    configurable: true,
  });
  context.after(() => {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete globalThis.navigator; // Node has one from version 21 on
  });
}

test("text is copied", async (context) => {
  const copied = [];
  withClipboard(context, async (text) => copied.push(text));
  assert.equal(await copyText("W = 1"), true);
  assert.deepEqual(copied, ["W = 1"]);
});

test("a refusal is told, not thrown", async (context) => {
  withClipboard(context, async () => {
    throw new Error("not allowed");
  });
  assert.equal(await copyText("W = 1"), false);
});

test("plain http has no clipboard", async (context) => {
  withClipboard(context, null);
  assert.equal(await copyText("W = 1"), false);
});
