import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import test from "node:test";
import { CONTROLS } from "../../../static/js/lessons/controls.js";

test("every file of a kind is in the table", () => {
  const folder = new URL("../../../static/js/lessons/kinds/", import.meta.url);
  const files = readdirSync(folder)
    .map((name) => name.replace(".js", "").replace("-", "_"))
    .filter((name) => name !== "grid"); // what three kinds share
  assert.deepEqual([...files, "line"].sort(), Object.keys(CONTROLS).sort());
});
