import assert from "node:assert/strict";
import test from "node:test";
import { download } from "../../../static/js/ui/download.js";

test("a file is saved under its name, and its address is given up later", (context) => {
  const log = [];
  const before = globalThis.document;
  context.after(() => {
    globalThis.document = before;
  });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  context.mock.method(URL, "createObjectURL", () => "blob:1");
  context.mock.method(URL, "revokeObjectURL", (address) => log.push(`revoke ${address}`));
  const link = {
    getAttribute: () => null,
    setAttribute: (name, value) => log.push(`${name}=${value}`),
    append() {},
    click: () => log.push("click"),
  };
  globalThis.document = { createElement: () => link };
  download(new Blob(["1"]), "data.csv");
  assert.deepEqual(log, ["href=blob:1", "download=data.csv", "click"]);
  context.mock.timers.tick(60_000);
  assert.equal(log.at(-1), "revoke blob:1");
});
