import assert from "node:assert/strict";
import test from "node:test";
import { EXAMPLE } from "../../../static/js/check/example.js";
import { keep, remembered } from "../../../static/js/check/keep.js";

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
  keep({ ...EXAMPLE, givens: "W1 = [[1]]" }, false);
  assert.equal(remembered().work.givens, "W1 = [[1]]");
  open(location.to, false);
  assert.equal(remembered().work.givens, "W1 = [[1]]");
});

test("a page as it opens and a long text leave the address bare", () => {
  open("");
  keep(EXAMPLE, true);
  assert.equal(location.to, "/check");
  keep({ ...EXAMPLE, givens: "1 ".repeat(3000) }, false);
  assert.equal(location.to, "/check");
});

test("an address can say anything: only fields of the right kind are taken", () => {
  const work = { givens: 1, submitted: "z1 = 1", activations: [1], rate: "0.1", other: "x" };
  open(`#work=${encodeURIComponent(JSON.stringify(work))}`, false);
  assert.deepEqual(remembered(), {
    work: { submitted: "z1 = 1", rate: "0.1" },
    experiment: null,
  });
  open("#work=%7Bmangled", false);
  assert.deepEqual(remembered(), { work: null, experiment: null });
});

test("an address of the explorer is an experiment", () => {
  open("#dataset.name=moons&step=3", false);
  assert.deepEqual(remembered(), { work: null, experiment: "dataset.name=moons&step=3" });
});
