import assert from "node:assert/strict";
import test from "node:test";
import { readSweep, recipeOfCell, unpacked } from "../../../static/js/server/sweep.js";

const packed = (...numbers) => ({
  dtype: "f8",
  bdata: Buffer.from(Float64Array.from(numbers).buffer).toString("base64"),
  shape: String(numbers.length),
});
const answer = (reached, ...values) => ({
  values: packed(...values),
  spread: null,
  diverged: packed(...values.map(() => NaN)),
  reached,
  target: 2,
});

test("a sweep is asked for until all of its cells are there", async () => {
  const answers = [answer(1, 0.5, NaN), answer(2, 0.5, 0.25)];
  const asked = [];
  const api = {
    post: async (path, body) => {
      asked.push([path, body]);
      return { id: "s", shape: [1, 2] };
    },
    get: async (path, query) => {
      asked.push([path, query]);
      return answers.shift();
    },
  };
  const drawn = [];
  await readSweep(
    api,
    { axes: [] },
    (kept, cells) => drawn.push([kept.id, [...cells.values]]),
    null,
  );
  assert.deepEqual(drawn, [
    ["s", [0.5, NaN]],
    ["s", [0.5, 0.25]],
  ]);
  assert.deepEqual(asked, [
    ["/sweeps", { axes: [] }],
    ["/sweeps/s", { arrays: "base64" }],
    ["/sweeps/s", { arrays: "base64" }],
  ]);
});

test("a request that is cancelled stops the sweep", async () => {
  const stopped = new Error("stopped");
  const api = {
    post: async () => ({ id: "s", shape: [1, 1] }),
    get: async () => {
      throw stopped;
    },
  };
  await assert.rejects(readSweep(api, {}, assert.fail, null), stopped);
});

test("cells keep their shape, and a spread where there are repeats", () => {
  const cells = unpacked({ ...answer(2, 1, 2), spread: packed(0.1, 0.2) }, [2, 1]);
  assert.deepEqual([cells.rows, cells.columns], [2, 1]);
  assert.deepEqual([...cells.spread], [0.1, 0.2]);
  assert.equal(unpacked(answer(2, 1, 2), [2, 1]).spread, null);
});

test("the recipe of a cell is asked for by its place", async () => {
  const api = { get: async (path) => ({ experiment: { path } }) };
  assert.deepEqual(await recipeOfCell(api, "s", { row: 1, column: 3 }), {
    path: "/sweeps/s/cells/1/3",
  });
});
