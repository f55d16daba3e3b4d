import assert from "node:assert/strict";
import test from "node:test";
import { EXAMPLE, keep, remembered } from "../../../static/js/check/keep.js";

/** A page at an address, in which storage may be forbidden. */
function open(hash, allowed = true) {
  const kept = new Map();
  globalThis.location = { hash, pathname: "/check" };
  globalThis.history = { replaceState: (_state, _title, to) => Object.assign(location, { to }) };
  globalThis.sessionStorage = {
    getItem(key) {
      if (!allowed) throw new Error("forbidden");
      return kept.get(key) ?? null;
    },
    setItem(key, value) {
      if (!allowed) throw new Error("forbidden");
      kept.set(key, value);
    },
  };
}

test("what was typed is in the address and in the session", () => {
  open("");
  keep({ ...EXAMPLE, text: "W1 = [[1]]" }, false);
  assert.equal(remembered().work.text, "W1 = [[1]]");
  open(location.to, false);
  assert.equal(remembered().work.text, "W1 = [[1]]");
});

test("a page as it opens and a long text leave the address bare", () => {
  open("");
  keep(EXAMPLE, true);
  assert.equal(location.to, "/check");
  keep({ ...EXAMPLE, text: "1 ".repeat(3000) }, false);
  assert.equal(location.to, "/check");
});

test("an address can say anything: only fields of the right kind are taken", () => {
  const readAs = { 3: "z1", 4: null, 5: 6, x: "z1" };
  const work = { text: 1, submitted: "z1 = 1", activations: [1], rate: "0.1", readAs, other: "x" };
  open(`#work=${encodeURIComponent(JSON.stringify(work))}`, false);
  assert.deepEqual(remembered(), {
    work: { text: "z1 = 1", rate: "0.1", readAs: { 3: "z1", 4: null } },
    experiment: null,
  });
  open("#work=%7Bmangled", false);
  assert.deepEqual(remembered(), { work: null, experiment: null });
});

test("a link of the page with two fields has both texts in one", () => {
  open(`#work=${encodeURIComponent(JSON.stringify({ givens: "x = 1", submitted: "z1 = 1" }))}`);
  assert.equal(remembered().work.text, "x = 1\n\nz1 = 1");
});

test("an address of the explorer is an experiment", () => {
  open("#dataset.name=moons&step=3", false);
  assert.deepEqual(remembered(), { work: null, experiment: "dataset.name=moons&step=3" });
});
