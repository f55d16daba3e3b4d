import assert from "node:assert/strict";
import test from "node:test";
import { course, courseAsked, forgetCourse, keepCourse } from "../../../static/js/core/course.js";

const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, text) => kept.set(key, text),
  removeItem: (key) => kept.delete(key),
};
const OWN = { reduction: "mean", convention: "row", step: "subtract" };

test("a course is asked once, kept or not, until it is forgotten", () => {
  assert.equal(courseAsked(), false);
  keepCourse(null);
  assert.deepEqual([courseAsked(), course()], [true, null]);
  keepCourse(OWN);
  assert.deepEqual([courseAsked(), course()], [true, OWN]);
  forgetCourse();
  assert.deepEqual([courseAsked(), course()], [false, null]);
});
