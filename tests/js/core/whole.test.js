import assert from "node:assert/strict";
import test from "node:test";
import { reads, sourceOf, writeOut } from "../../../static/js/core/entries.js";
import { foldingOf, programTrace } from "../../../static/js/core/program.js";
import { unindexed, wholeOf } from "../../../static/js/core/whole.js";

const symbol = (text) => ({ latex: text, mathml: `<math><mi>${text}</mi></math>` });
const X = [1, 2, 4, 8];
const K = [3, -1];
const Y = [0, 1, 2].map((i) => K[0] * X[i] + K[1] * X[i + 1]);

/** y[i] = (K · x[i : i + 2]).sum() in a loop. */
function program({ carried = false } = {}) {
  const lines = [];
  const step = (id, op, inputs, signature, entry, value, more = {}) =>
    lines.push({
      ...{ id, op, inputs, signature, entry, value, label: id, spoken: id, about: "", text: "" },
      ...{ shape: Array.isArray(value) ? [value.length] : [], symbol: symbol(id), axes: [] },
      ...{ formula: symbol(id), phase: "forward", of: null, file: "a.py", line: 3, span: null },
      ...{ group: "loop0", run: {}, axes_of: { m: "tap" }, ...more },
    });
  let before = "y";
  for (const i of [0, 1, 2]) {
    const at = `[i=${i}]`;
    const run = { i };
    const written = Y.map((v, k) => (k <= i ? v : 0));
    step(`w${at}`, "getitem", ["x"], "i->i", "{0}", X.slice(i, i + 2), {
      ...{ run, sources: [[i, i + 1]], reads: { of: "x", axes: [0], column: "i + m" } },
    });
    const inputs = ["K", `w${at}`, ...(carried && i ? [`y.1[i=${i - 1}]`] : [])];
    step(`y.1${at}`, "matmul", inputs, "m,m->", "Σ[{0}·{1}]", Y[i], { run });
    step(`y${at}`, "setitem", [before, `y.1${at}`], "i,->i", "{0}", written, {
      ...{
        run,
        sources: [
          [0, 1, 2].map((k) => (k === i ? -1 : k)),
          [0, 1, 2].map((k) => (k === i ? 0 : -1)),
        ],
      },
    });
    before = `y${at}`;
  }
  const given = (id, value) => ({
    ...{ id, value, label: id, shape: [value.length], symbol: symbol(id), axes: [], run: {} },
  });
  const group = {
    ...{
      id: "loop0",
      label: "loop",
      kind: "loop",
      axis: "i",
      count: 3,
      within: null,
      folded: true,
    },
    ...{ members: lines.map(({ id }) => id), inputs: ["x", "K", "y"], output: "y[i=2]" },
  };
  const answer = {
    ...{
      source: { name: "f", title: "f", lines: [] },
      cost: 0,
      cost_line: "C",
      wrt: [],
      notes: [],
    },
    ...{ groups: [group], givens: [given("x", X), given("K", K), given("y", [0, 0, 0])], lines },
    ...{ layout: { nodes: { x: [], K: [], y: [] }, edges: [] }, verification: null },
  };
  const trace = programTrace(answer);
  const folding = foldingOf(answer, trace, []);
  const values = new Map([...trace.givens, ...trace.lines].map((each) => [each.id, each]));
  return { folding, values, own: folding.lines.get("y[i=2]") };
}

test("a loop that fills an array is one line, whose terms are those of the run", () => {
  const { folding, values, own } = program();
  assert.deepEqual([...folding.wholes.keys()], ["y[i=2]"]);
  assert.deepEqual(["w[i=0]", "y.1[i=1]", "y[i=2]"].map(folding.isHidden), [true, true, false]);
  const line = wholeOf(folding, values, own, (each) => each);
  assert.deepEqual(line.inputs, ["K", "x"]);
  for (const i of [0, 1, 2]) {
    const { terms, keys } = line.explicit([i]);
    assert.equal(
      terms.reduce((sum, { value }) => sum + value, 0),
      Y[i],
    );
    assert.deepEqual([...keys].sort(), ["0:0", "0:1", `1:${i}`, `1:${i + 1}`]);
    assert.equal(writeOut(line, [i], [K, X]).parts.length, 3);
    assert.equal(sourceOf(terms[1], line), "tap 1");
  }
  assert.deepEqual(reads(line, [1]), [[null], [null]]);
  assert.match(line.formula.mathml, /<msub>.*<mi>x<\/mi>.*<mi>i<\/mi> <mo>\+<\/mo> <mi>m<\/mi>/);
});

test("a loop whose runs read each other is no such line", () => {
  assert.equal(program({ carried: true }).folding.wholes.size, 0);
});

test("what a loop fills has the name of the array", () => {
  const mathml = "<math><msub><mi>y</mi><mrow><mi>i</mi><mo>=</mo><mn>2</mn></mrow></msub></math>";
  const found = unindexed({ label: "y[i=2]", symbol: { latex: "y_{i=2}", mathml }, run: { i: 2 } });
  assert.deepEqual(found.symbol, { latex: "y", mathml: "<math><mi>y</mi></math>" });
  assert.equal(found.label, "y");
});
