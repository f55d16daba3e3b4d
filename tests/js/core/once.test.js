import assert from "node:assert/strict";
import test from "node:test";
import { once } from "../../../static/js/core/once.js";

test("loads once, and again after a failure", async () => {
  let loads = 0;
  let away = true;
  const get = once(async () => {
    loads++;
    if (away) throw new Error("away");
    return loads;
  });
  await assert.rejects(get, /away/);
  away = false;
  const both = [get(), get()];
  assert.deepEqual(await Promise.all(both), [2, 2]);
  assert.equal(await get(), 2);
});
