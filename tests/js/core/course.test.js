import assert from "node:assert/strict";
import test from "node:test";
import { course, courseAsked, forgetCourse, keepCourse } from "../../../static/js/core/course.js";
import { memory, useStorage } from "../helpers/storage.js";

const OWN = { reduction: "mean", convention: "row", step: "subtract" };

test("a course is asked once, kept or not, until it is forgotten", (context) => {
  useStorage(context, memory());
  assert.equal(courseAsked(), false);
  keepCourse(null);
  assert.deepEqual([courseAsked(), course()], [true, null]);
  keepCourse(OWN);
  assert.deepEqual([courseAsked(), course()], [true, OWN]);
  forgetCourse();
  assert.deepEqual([courseAsked(), course()], [false, null]);
});
