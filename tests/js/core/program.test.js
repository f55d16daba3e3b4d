import assert from "node:assert/strict";
import test from "node:test";
import { at } from "../../../static/js/core/entries.js";
import {
  cellsOf,
  firstLine,
  flowsOf,
  foldingOf,
  indexAt,
  isPart,
  openedAtFirst,
  programTrace,
  runsOf,
  variableOf,
  writerOf,
} from "../../../static/js/core/program.js";
import { PROGRAM } from "../helpers/program.js";

const TRACE = programTrace(PROGRAM);
const folded = (opened = [], current = "") => foldingOf(PROGRAM, TRACE, opened, current);
const names = (opened, current = "") =>
  cellsOf(folded(opened, current), TRACE, current, new Set(opened)).map(({ id }) => id);

test("a value is named by the variable that it is a part or a version of", () => {
  for (const id of ["z", "z.3", "z@2", "z[i=0, j=3]", "z.3[i=0, j=3]"])
    assert.equal(variableOf(id), "z");
  assert.equal(variableOf("self.W1"), "self.W1");
  assert.deepEqual([isPart("z.3[t=1]"), isPart("z[t=1]"), isPart("self.W1")], [true, false, false]);
  assert.deepEqual(indexAt(7, [2, 2, 3]), [1, 0, 1]);
});

test("an expression without a name is called by its code, a part by what it comes through", () => {
  assert.equal(TRACE.lines.find(({ id }) => id === "var.1").label, "x - mu");
  assert.equal(TRACE.lines.find(({ id }) => id === "dC_dvar.1").label, "∂C/∂(x - mu)");
  assert.deepEqual(TRACE.lines.at(-1).terms, ["var", "mu"]);
});

test("a folded line is one node, and opened each of its operations is", () => {
  assert.deepEqual(
    folded().nodes.map(({ id }) => id),
    ["x", "mu", "line0", "C"],
  );
  assert.deepEqual(
    folded().edges.map(({ from, to }) => `${from} ${to}`),
    [...["x mu", "x line0", "mu line0", "line0 C"]],
  );
  const opened = folded(["line0"]);
  assert.deepEqual(
    opened.nodes.map(({ id }) => id),
    ["x", "mu", "var.1", "var.2", "var", "C"],
  );
  assert.equal(opened.nodes[2].frame, "line0");
  assert.deepEqual(openedAtFirst(PROGRAM, TRACE), []);
});

test("the ribbon has the lines of the nodes, the parts before their sum, and the current line", () => {
  const parts = ["dC_dx_through_var.1_0", "dC_dx_through_mu_0", "dC_dx"];
  assert.deepEqual(names([]), ["mu", "var", "C", "dC_dvar", "dC_dmu", ...parts]);
  assert.deepEqual(names([], "var.2"), ["mu", "var.2", "var", "C", "dC_dvar", "dC_dmu", ...parts]);
  assert.equal(names(["line0"]).length, 12);
});

test("backwards each edge carries the part of its reader", () => {
  const folding = folded();
  const sum = folding.lines.get("dC_dx");
  assert.deepEqual(
    flowsOf(folding, sum, [1, 1], at).map(({ to, value }) => [to, value]),
    [
      ["line0", 2],
      ["mu", 0],
    ],
  );
  const forward = flowsOf(folding, folding.lines.get("C"), [], at);
  assert.deepEqual(forward, [{ from: "line0", to: "C", value: null, name: "" }]);
});

/** A loop that writes two entries of an array, and a state that it carries on. */
function loop() {
  const [shape] = [[2]];
  const line = (id, t, more) => ({
    ...{ id, label: id, op: "tanh", inputs: [], shape: [3], value: [0, 0, 0], phase: "forward" },
    ...{ of: null, group: "loop", run: { t }, line: 3, span: null, file: "a.py", ...more },
  });
  const runs = Array.from({ length: 7 }, (_, t) => [
    line(`h[t=${t}]`, t, { inputs: t ? [`h[t=${t - 1}]`] : ["h"] }),
    line(`z[t=${t}]`, t, {
      op: "setitem",
      inputs: ["z", `h[t=${t}]`],
      shape,
      sources: [null, [t ? -1 : 0, t ? 0 : -1]],
    }),
  ]).flat();
  const answer = {
    ...{ source: { lines: [] }, givens: [], lines: runs, wrt: [], layout: { nodes: {} } },
    groups: [
      {
        ...{ id: "loop", label: "loop over t", kind: "loop", axis: "t", count: 7, within: null },
        ...{ folded: true, members: runs.map(({ id }) => id), inputs: ["h"], output: "h[t=6]" },
      },
    ],
  };
  return { answer, trace: programTrace(answer) };
}

test("a folded loop has a row for each run, and an opened one leaves out those in the middle", () => {
  const { answer, trace } = loop();
  const [node] = foldingOf(answer, trace, []).nodes;
  assert.deepEqual([node.id, node.stack.length], ["loop", 7]);
  const opened = foldingOf(answer, trace, ["loop"], "h[t=4]").nodes.map(
    ({ id, left }) => left || id,
  );
  assert.deepEqual(
    opened.filter((each) => typeof each === "number"),
    [2],
  );
  assert.ok(opened.includes("h[t=4]") && !opened.includes("h[t=3]"));
  const cells = cellsOf(foldingOf(answer, trace, []), trace, "", new Set());
  assert.deepEqual(
    cells.map(({ name }) => name),
    ["7 × ℎ", "7 × 𝑧"],
  );
});

test("runs of a line are found by the loop's variable, and the one that wrote an entry", () => {
  const { answer, trace } = loop();
  const folding = foldingOf(answer, trace, []);
  const [row] = runsOf(folding, folding.lines.get("h[t=2]"));
  assert.deepEqual([row.axis, row.value, row.runs.length], ["t", "2", 7]);
  assert.equal(writerOf(folding, answer.groups[0], [0]), "h[t=0]");
  assert.equal(writerOf(folding, answer.groups[0], [1]), "h[t=6]");
});

test("a later version has a prime, and long code is short in the ribbon", () => {
  const mathml =
    '<math><mi mathvariant="normal">S</mi><mi mathvariant="normal">@</mi><mn>2</mn></math>';
  const [first, ...more] = PROGRAM.lines;
  const lines = [{ ...first, label: "S@2", symbol: { latex: "S@2", mathml } }, ...more];
  const [line] = programTrace({ ...PROGRAM, lines }).lines;
  assert.equal(line.label, "S′");
  assert.match(line.symbol.mathml, /S<\/mi><mo>′<\/mo>/);
  const long = [{ ...first, label: "np.split(x, n_head, axis=-1)" }, ...more];
  const trace = programTrace({ ...PROGRAM, lines: long });
  const [cell] = cellsOf(foldingOf(PROGRAM, trace, []), trace, "", new Set());
  assert.ok(cell.name.length < 20);
  const source = { ...PROGRAM.source, lines: [{ ...PROGRAM.source.lines[0], number: 7 }] };
  assert.equal(firstLine({ ...PROGRAM, source, seed: 0 }), 7);
  assert.equal(firstLine({ ...PROGRAM, source, seed: undefined }), 1);
});

/** A chain of operations, each of which also reads an array of a list. */
function chain(count) {
  const line = (k) => ({
    ...{ id: `h${k}`, label: `h${k}`, op: "add", shape: [2], value: [0, 0], phase: "forward" },
    ...{ of: null, group: null, run: {}, line: k + 1, span: null, file: "a.py" },
    inputs: [k ? `h${k - 1}` : "x", `w[${k}]`],
  });
  const given = (id) => ({ id, label: id, shape: [2], value: [1, 1], argument: true, run: {} });
  const lines = Array.from({ length: count }, (_, k) => line(k));
  const givens = [given("x"), ...lines.map((_, k) => given(`w[${k}]`))];
  const answer = { source: { lines: [] }, givens, lines, wrt: [], groups: [] };
  return { answer, trace: programTrace(answer) };
}

test("of many nodes those near the current line are drawn, the others as a few nodes", () => {
  const { answer, trace } = chain(150);
  const { nodes, edges, nodeOf } = foldingOf(answer, trace, [], "h70");
  assert.ok(nodes.length < 45);
  assert.ok(nodes.some(({ id }) => id === "h70") && nodes.some(({ id }) => id === "w[70]"));
  const first = nodes.find(({ id }) => id === nodeOf("x"));
  assert.deepEqual([first.many, first.left > 10, nodeOf("h70")], ["nodes", true, "h70"]);
  const known = new Set(nodes.map(({ id }) => id));
  assert.ok(edges.every(({ from, to }) => known.has(from) && known.has(to) && from !== to));
  assert.equal(new Set(edges.map(({ from, to }) => `${from} ${to}`)).size, edges.length);
  // all that stands for itself or for others, each once
  assert.equal(
    nodes.reduce((all, { left }) => all + (left || 1), 0),
    301,
  );
});

test("arrays of one list that a folded loop reads are one node", () => {
  const { answer } = chain(6);
  const members = answer.lines.map(({ id }) => id);
  const loop = { id: "loop", label: "loop", kind: "loop", axis: "k", count: 6, within: null };
  Object.assign(answer, {
    groups: [{ ...loop, folded: true, members, inputs: ["x"], output: "h5" }],
  });
  for (const line of answer.lines) line.group = "loop";
  const grouped = programTrace(answer);
  assert.deepEqual(
    foldingOf(answer, grouped, []).nodes.map(({ id, left, many }) => [left ? many : id, left]),
    [
      ["x", 0],
      ["list", 6],
      ["loop", 0],
    ],
  );
});
