import assert from "node:assert/strict";
import test from "node:test";
import { withResponses } from "../../../static/js/core/frames.js";

const shown = { step: 1, boundary: "old", layers: [{ map: "old map", health: 1 }] };

test("a frame without a boundary keeps boundary and maps of the one on screen", () => {
  const frame = { step: 1, layers: [{ health: 2 }] };
  const whole = { step: 1, boundary: "old", layers: [{ map: "old map", health: 2 }] };
  assert.deepEqual(withResponses(frame, shown), whole);
});

test("a frame with a boundary has its own, and a first one none", () => {
  const frame = { step: 2, boundary: "new", layers: [{ map: "new map" }] };
  assert.deepEqual(withResponses(frame, shown), frame);
  assert.deepEqual(withResponses({ step: 0, layers: [{}] }, null).layers, [{ map: undefined }]);
});
