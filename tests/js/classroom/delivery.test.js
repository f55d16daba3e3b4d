import assert from "node:assert/strict";
import test from "node:test";
import { createDelivery } from "../../../static/js/classroom/delivery.js";
import { openKept } from "../../../static/js/classroom/kept.js";

const UNSENT = { question: 2, attempt: 1, answer: [0.5] };
const RECEIPT = { attempt: 1, mark: { verdict: "right", right: true } };

/** A delivery, what it keeps, and the answers that its room received. */
function begin(answer = async () => RECEIPT) {
  const kept = openKept();
  const received = [];
  const ages = [];
  const delivery = createDelivery({
    kept,
    code: "A",
    clock: () => 9000,
    answer: (unsent, sent) => {
      received.push(unsent);
      ages.push(Math.round(performance.now() - sent));
      const { sent: _, ...own } = kept.of("A").unsent;
      assert.deepEqual(own, unsent, "kept while it is under way");
      return answer(unsent);
    },
  });
  return { kept, received, ages, delivery };
}

test("an answer is kept until the room has it", async () => {
  const { kept, received, delivery } = begin();
  assert.deepEqual(await delivery.send(UNSENT), { ...UNSENT, ...RECEIPT });
  assert.deepEqual(received, [UNSENT]);
  assert.equal(kept.of("A").unsent, null);
});

test("what an earlier page could not send is sent once", async () => {
  const { kept, received, ages, delivery } = begin();
  assert.equal(await delivery.sendAgain(), null);
  kept.put("A", { unsent: { ...UNSENT, sent: 7000 } });
  assert.deepEqual(await delivery.sendAgain(), { ...UNSENT, ...RECEIPT });
  assert.equal(await delivery.sendAgain(), null);
  assert.deepEqual(received, [UNSENT]);
  // it goes with the time since it was sent
  assert.deepEqual(ages, [2000]);
});

test("an answer that was refused is not sent again", async () => {
  const { kept, delivery } = begin(() => Promise.reject(new Error("too late")));
  await assert.rejects(delivery.send(UNSENT), /too late/);
  assert.equal(kept.of("A").unsent, null);
});
