import assert from "node:assert/strict";
import test from "node:test";
import { withPreview } from "../../../static/js/core/preview-link.js";

const STATE = {
  experiment: { id: "e40296c59a89edd867c7" },
  step: 300,
  sample: 3,
  line: "dC_da1",
  pending: false,
  veil: null,
};
const VIEW = "http://localhost/x/?embed=1#step=300&line=dC_da1";

test("a link says in its query what its picture is of, and keeps all else", () => {
  assert.equal(
    withPreview(VIEW, STATE),
    "http://localhost/x/?embed=1&run=e40296c59a89edd867c7&step=300&sample=3&line=dC_da1" +
      "#step=300&line=dC_da1",
  );
});

test("a link that was opened with a picture gets the one of the present view", () => {
  const before = withPreview(VIEW, { ...STATE, step: 1, sample: "batch" });
  assert.equal(withPreview(before, STATE), withPreview(VIEW, STATE));
});

test("what is not to be seen, or not there yet, has no picture", () => {
  const shared = withPreview(VIEW, STATE);
  for (const patch of [{ veil: { from: "C", bare: false } }, { pending: true }])
    assert.equal(withPreview(shared, { ...STATE, ...patch }), VIEW);
  assert.equal(withPreview(VIEW, { ...STATE, experiment: null }), VIEW);
});
