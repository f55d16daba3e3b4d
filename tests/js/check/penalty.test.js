import assert from "node:assert/strict";
import test from "node:test";
import { cleanPenalty, explorersPenalty } from "../../../static/js/check/penalty.js";

test("a penalty of an address has known choices only", () => {
  assert.deepEqual(cleanPenalty({ l1: 0, l2: 0.1, square: "whole", on: "x", more: 1 }), {
    ...{ l1: 0, l2: 0.1, square: "whole", divided_by: "nothing", on: "weights" },
  });
  for (const none of [null, {}, { l1: 0, l2: 0 }, { l1: "1", l2: 1 }])
    assert.equal(cleanPenalty(none), null);
});

test("the explorer's penalty is λ₂/2 ΣW², of the weights alone", () => {
  assert.equal(explorersPenalty(null, 4), null);
  assert.deepEqual(explorersPenalty({ l1: 1, l2: 2 }, 4), { l1: 1, l2: 2 });
  const other = { l1: 1, l2: 2, square: "whole", divided_by: "samples" };
  assert.deepEqual(explorersPenalty(other, 4), { l1: 0.25, l2: 1 });
  assert.equal(explorersPenalty({ l1: 1, l2: 2, on: "weights_and_biases" }, 4), undefined);
});
