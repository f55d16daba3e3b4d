import assert from "node:assert/strict";
import test from "node:test";
import { questionOf, readEntry, readLessonLink } from "../../../static/js/classroom/ask.js";

const FIELDS = {
  kind: "sign",
  own: false,
  feedback: "reveal",
  entry: "",
  prompt: "",
  options: ["", "", "", ""],
  right: 0,
  link: "",
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
  questionOf({ ...FIELDS, ...fields }, { ...SUBJECT, ...subject }, async (_, k) =>
    k < 9 ? `card-${k}` : null,
  );

test("an entry is counted from 1", () => {
  assert.deepEqual(["1, 0", "2", " 0 1 ", "0;3"].map(readEntry), [[1, 0], [2], [0, 1], [0, 3]]);
  for (const text of ["", "a", "1.5", "-1"]) assert.equal(readEntry(text), null, text);
});

test("the address of a lesson's card is read, whole or in part", () => {
  const whole = "http://10.0.0.7:8000/lessons/shapes?seed=week-42#card=3";
  assert.deepEqual(readLessonLink(whole), { lesson: "shapes", card: 2, seed: "week-42" });
  assert.deepEqual(readLessonLink(" /lessons/shapes "), { lesson: "shapes", card: 0, seed: null });
  for (const text of ["", "/lessons/", "shapes", "/lessons/a/b", "/lessons/shapes#card=end"])
    assert.equal(readLessonLink(text), null, text);
});

test("a question about a line is about what the explorer shows", async () => {
  const common = { feedback: "reveal", own_numbers: false, experiment: "0f", step: 20, sample: 3 };
  const line = { ...common, convention: "row", line: "dC_dz2" };
  assert.deepEqual(await made({}), { question: { kind: "sign", ...line } });
  assert.deepEqual(await made({ entry: "1" }), { question: { kind: "sign", ...line, entry: [1] } });
  assert.deepEqual(await made({ kind: "array", entry: "2" }), {
    question: { kind: "array", ...line },
  });
  const { question } = await made({ kind: "working", own: true }, { reduction: "sum" });
  assert.deepEqual(question, {
    ...{ kind: "working", ...common, convention: "row", own_numbers: true, reduction: "sum" },
  });
});

test("a number needs its entry, unless the line is a number", async () => {
  assert.deepEqual(await made({ kind: "number" }), { need: "entry" });
  assert.deepEqual(await made({ entry: "x" }), { need: "entry" });
  const { question } = await made({ kind: "number" }, { scalar: true, line: "C" });
  assert.equal("entry" in question, false);
});

test("a choice leaves out empty options, and the right one keeps its place", async () => {
  const options = ["a", "", " b ", "c"];
  const { question } = await made({ kind: "choice", prompt: "Which?", options, right: 2 });
  assert.deepEqual(question.options, ["a", "b", "c"]);
  assert.equal(question.right, 1);
  for (const wrong of [
    { right: 1 },
    { right: -1 },
    { prompt: " " },
    { options: ["a", "", "", ""] },
  ])
    assert.deepEqual(await made({ kind: "choice", prompt: "?", options, ...wrong }), {
      need: "prompt",
    });
});

test("a lesson is asked by the name of its card, with the seed of the link", async () => {
  const link = "/lessons/shapes?seed=7#card=2";
  const { question } = await made({ kind: "lesson", link });
  assert.deepEqual(question, {
    ...{ kind: "lesson", feedback: "reveal", own_numbers: false },
    ...{ lesson: "shapes", card: "card-1", seed: 7 },
  });
  assert.equal("seed" in (await made({ kind: "lesson", link, own: true })).question, false);
  const far = await made({ kind: "lesson", link: "/lessons/shapes#card=99" });
  assert.deepEqual(far, { need: "link" });
});
