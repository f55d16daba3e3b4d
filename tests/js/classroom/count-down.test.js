import assert from "node:assert/strict";
import test from "node:test";
import { createCountDown } from "../../../static/js/classroom/count-down.js";

test("the time is told each second, and no more once there is none", (context) => {
  let now = 0;
  context.mock.timers.enable({ apis: ["setInterval"] });
  context.mock.method(performance, "now", () => now);
  const told = [];
  const countDown = createCountDown();
  const pass = (ms) => {
    now += ms;
    context.mock.timers.tick(ms);
  };
  countDown({ seconds_left: 3.2 }, (left) => told.push(left));
  pass(1000);
  pass(1000);
  pass(2000);
  assert.deepEqual(told.slice(0, 3), [3, 2, 1]);
  assert.equal(told.at(-1), 0);
  countDown({ seconds_left: null }, (left) => told.push(left));
  const { length } = told;
  pass(3000);
  assert.equal(told.at(-1), null);
  assert.equal(told.length, length);
});
