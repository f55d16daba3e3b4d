import assert from "node:assert/strict";
import test from "node:test";
import { questionOf, readEntry } from "../../../static/js/classroom/ask.js";

const FIELDS = {
  kind: "sign",
  personal: false,
  feedback: "reveal",
  entry: "",
  prompt: "",
  options: ["", "", "", ""],
  reasons: ["", "", "", ""],
  right: 0,
  lesson: "",
  card: "",
  seed: "",
};
const SUBJECT = {
  experiment: "0f",
  step: 20,
  sample: 3,
  line: "dC_dz2",
  convention: "row",
  reduction: null,
  scalar: false,
};
const made = (fields, subject = {}) =>
  questionOf({ ...FIELDS, ...fields }, { ...SUBJECT, ...subject });

test("an entry is counted from 1", () => {
  assert.deepEqual(["1, 0", "2", " 0 1 ", "0;3"].map(readEntry), [[1, 0], [2], [0, 1], [0, 3]]);
  for (const text of ["", "a", "1.5", "-1"]) assert.equal(readEntry(text), null, text);
});

test("a question about a line is about what the explorer shows", () => {
  const common = { feedback: "reveal", own_numbers: false, experiment: "0f", step: 20, sample: 3 };
  const line = { ...common, convention: "row", line: "dC_dz2" };
  assert.deepEqual(made({}), { question: { kind: "sign", ...line } });
  assert.deepEqual(made({ entry: "1" }), { question: { kind: "sign", ...line, entry: [1] } });
  assert.deepEqual(made({ kind: "array", entry: "2" }), { question: { kind: "array", ...line } });
  const { question } = made({ kind: "working", personal: true }, { reduction: "sum" });
  assert.deepEqual(question, {
    ...{ kind: "working", ...common, convention: "row", own_numbers: true, reduction: "sum" },
  });
});

test("a number needs its entry, unless the line is a number", () => {
  assert.deepEqual(made({ kind: "number" }), { need: "entry" });
  assert.deepEqual(made({ entry: "x" }), { need: "entry" });
  const { question } = made({ kind: "number" }, { scalar: true, line: "C" });
  assert.equal("entry" in question, false);
});

test("a choice leaves out empty options, and the right one keeps its place", () => {
  const options = ["a", "", " b ", "c"];
  const { question } = made({
    kind: "choice",
    prompt: "Which?",
    options,
    reasons: ["", "x", "why b", ""],
    right: 2,
  });
  assert.deepEqual(question.options, ["a", "b", "c"]);
  assert.deepEqual(question.reasons, ["", "why b", ""]);
  assert.equal(question.right, 1);
  for (const wrong of [
    { right: 1 },
    { right: -1 },
    { prompt: " " },
    { options: ["a", "", "", ""] },
  ])
    assert.deepEqual(made({ kind: "choice", prompt: "?", options, ...wrong }), { need: "prompt" });
});

test("a lesson is asked by its card, with a seed unless each student has numbers", () => {
  const chosen = { kind: "lesson", lesson: "shapes", card: "rows", seed: " 7 " };
  assert.deepEqual(made(chosen).question, {
    ...{ kind: "lesson", feedback: "reveal", own_numbers: false },
    ...{ lesson: "shapes", card: "rows", seed: 7 },
  });
  assert.equal(made({ ...chosen, seed: "week-42" }).question.seed, "week-42");
  assert.equal("seed" in made({ ...chosen, personal: true }).question, false);
  assert.deepEqual(made({ kind: "lesson", lesson: "shapes" }), { need: "card" });
});

test("words need a question alone", () => {
  const question = { kind: "text", feedback: "reveal", prompt: "Why?" };
  assert.deepEqual(made({ kind: "text", prompt: " Why? ", personal: true }), { question });
  assert.deepEqual(made({ kind: "text" }), { need: "text" });
});
