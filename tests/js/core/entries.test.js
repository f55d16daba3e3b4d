import assert from "node:assert/strict";
import test from "node:test";
import {
  feeds,
  outputAxis,
  parseEntry,
  reader,
  reads,
  writeOut,
} from "../../../static/js/core/entries.js";

const written = (line, index, inputs, options) =>
  writeOut(line, index, inputs, options)
    .parts.map((part) => part.text ?? part)
    .join("");

const DENSE = { signature: "i,ji,j->j", entry: "Σ[{1}·{0}] + {2}", value: [0.5, 0] };
const X = [1, -2];
const W = [
  [0.5, 0.25],
  [1, 1],
];

test("an entry is parsed to a tree", () => {
  assert.deepEqual(parseEntry("Σ[{1}·{0}] + {2}"), [
    { sum: [{ input: 1, letters: null }, { text: "·" }, { input: 0, letters: null }] },
    { text: " + " },
    { input: 2, letters: null },
  ]);
});

test("an entry reads its row of W and all inputs", () => {
  assert.deepEqual(reads(DENSE, [1]), [[null], [1, null], [1]]);
});

test("the entry that reads an input's entry is the chosen one, or the next to it", () => {
  const outer = { inputs: ["dC_dz1", "x"], signature: "j,i->ji", entry: "{0}·{1}" };
  const of = (variable, index, chosen) => reader(outer, { variable, index }, chosen);
  assert.deepEqual(of("dC_dz1", [0], [0, 1]), [0, 1]);
  assert.deepEqual(of("dC_dz1", [2], [0, 1]), [2, 1]);
  assert.deepEqual(of("x", [0], [2, 1]), [2, 0]);
  assert.equal(of("W1", [0, 0], [2, 1]), null);
  const diagonal = { inputs: ["z1"], signature: "j->jk", entry: "φ({0}) if j = k else 0" };
  assert.deepEqual(reader(diagonal, { variable: "z1", index: [1] }, [0, 2]), [1, 1]);
});

test("a sum is written term by term", () => {
  assert.equal(written(DENSE, [0], [X, W, [0.5, 0]]), "0.5000·1 + 0.2500·(−2) + 0.5000");
});

test("a sum that is multiplied or divided has brackets, in another sum too", () => {
  const [a, b] = [
    [1, 2],
    [3, 4],
  ];
  const line = { signature: "i,i->", value: 0 };
  const inner = { ...line, entry: "Σ[{0}/Σ[{1:k}]]" };
  assert.equal(written(inner, [], [a, b]), "1/(3 + 4) + 2/(3 + 4)");
  assert.equal(written({ ...line, entry: "Σ[{0}]·Σ[{1}]" }, [], [a, b]), "(1 + 2)·(3 + 4)");
});

test("of a long sum the largest terms are written and the rest is added up", () => {
  const line = { signature: "i,ji->j", entry: "Σ[{1}·{0}]", value: [0] };
  const found = writeOut(line, [0], [[1, 2, 3, 4], [[1, 1, 1, 1]]], { terms: 2 });
  assert.deepEqual(
    found.parts.filter((part) => typeof part === "object").map(({ text }) => text),
    ["1·4", "1·3"],
  );
  assert.deepEqual(found.folded, { count: 2, sum: 3, zeros: false });
});

test("a number with a power of ten keeps its place", () => {
  for (const [signature, entry, inputs, expected] of [
    ["j,j->j", "{0} + {1}²", [[0], [2.175e-5]], "0 + (2.175·10⁻⁵)²"],
    ["j,j->j", "{0} + {1}²", [[0], [-0.5]], "0 + (−0.5000)²"],
    ["j,j->j", "{0} + {1}²", [[0], [0.5]], "0 + 0.5000²"],
    ["j,->j", "1/(√{0} + {1})", [[2.091e-6], 1e-10], "1/(√(2.091·10⁻⁶) + 1.000·10⁻¹⁰)"],
    ["j,j->j", "−{0}/{1}", [[1], [3.5e-7]], "−1/(3.500·10⁻⁷)"],
    ["j,j->j", "{0}·{1}", [[2], [3.5e-7]], "2·3.500·10⁻⁷"],
  ])
    assert.equal(written({ signature, entry, value: [0] }, [0], inputs), expected);
});

test("whether two units are the same is worked out", () => {
  const zeros = [
    [0, 0],
    [0, 0],
  ];
  const line = { signature: "j->jk", entry: "{0}·([j = k] − {0:k})", value: zeros };
  assert.equal(written(line, [0, 0], [[0.25, 0.75]]), "0.2500·(1 − 0.2500)");
  assert.equal(written(line, [0, 1], [[0.25, 0.75]]), "0.2500·(0 − 0.7500)");
});

test("an entry off the diagonal is 0 and reads nothing", () => {
  const line = { signature: "j->jk", entry: "{0} if j = k else 0", value: [[0.5, 0]] };
  assert.equal(written(line, [0, 1], [[0.5]]), "0, because 0 ≠ 1");
  assert.deepEqual(reads(line, [0, 1]), [[]]);
});

test("an axis of an input is one of the result, or is summed over", () => {
  const line = { id: "z2", inputs: ["a1", "W2", "b2"], signature: "ni,ji,j->nj" };
  const axes = (/** @type {string} */ id) => [0, 1].map((axis) => outputAxis(line, id, axis));
  assert.deepEqual(axes("z2"), [0, 1]);
  assert.deepEqual(axes("a1"), [0, -1]);
  assert.deepEqual(axes("W2"), [1, -1]);
  assert.equal(outputAxis(line, "b2", 0), 1);
  assert.equal(outputAxis(line, "b2", 1), -1);
});

test("a term has room for the widest numbers that training may bring", () => {
  const line = { signature: "ji,i->j", entry: "Σ[{0}·{1}]", value: [0.25], inputs: ["W1", "x"] };
  const { parts } = writeOut(line, [0], [[[0.5]], [0.5]]);
  assert.deepEqual(
    parts.map(({ text, room }) => [text, room]),
    [["0.5000·0.5000", "(−1.234·10⁻⁸)·0.5000"]],
  );
});

test("a line that says which entries it reads is followed there", () => {
  const line = {
    ...{ signature: "ij->ij", entry: "{0}", inputs: ["x"], shape: [1, 2], value: [[7, 5]] },
    places: [
      [
        [[1, 1]],
        [
          [0, 0],
          [0, 1],
        ],
      ],
    ],
  };
  const x = [
    [2, 3],
    [4, 7],
  ];
  assert.deepEqual(reads(line, [0, 0]), [[1, 1]]);
  assert.deepEqual(reads(line, [0, 1]), [[0, null]]);
  assert.ok(feeds(line, { variable: "x", index: [0, 1] }, [0, 1]));
  assert.ok(!feeds(line, { variable: "x", index: [1, 0] }, [0, 1]));
  const text = ({ parts }) => parts.map((part) => part.text ?? part).join("");
  assert.equal(text(writeOut(line, [0, 0], [x])), "7");
  assert.equal(text(writeOut(line, [0, 1], [x])), "2 + 3");
});

test("a maximum is written with all that it is the largest of", () => {
  const line = { signature: "ij->i", entry: "max{0}", inputs: ["x"], shape: [1], value: [3] };
  const { parts } = writeOut(line, [0], [[[-2, 3]]]);
  assert.equal(parts.map((part) => part.text ?? part).join(""), "max(−2, 3)");
});

test("of a gradient with many parts the largest are written", () => {
  const ids = Array.from({ length: 20 }, (_, k) => `p${k}`);
  const line = {
    ...{
      inputs: ids,
      sum_of: ids,
      shape: [],
      value: 190,
      signature: `${ids.map(() => "").join()}->`,
    },
    entry: ids.map((_, k) => `{${k}}`).join(" + "),
  };
  const { parts, folded } = writeOut(
    line,
    [],
    ids.map((_, k) => k),
    { terms: 3 },
  );
  assert.equal(
    parts
      .filter((part) => part.text)
      .map(({ text }) => text)
      .join(),
    "19,18,17",
  );
  assert.deepEqual(folded, { count: 17, sum: 136, zeros: false });
});

test("zeros among the terms of a program's line are counted, unless all terms are wanted", () => {
  const line = { signature: "i->", entry: "Σ[{0}]", value: 3, axes_of: { i: "row" } };
  const values = [[0, 1, 0, 0, 2, 0, 0]];
  const { parts, folded } = writeOut(line, [], values);
  assert.deepEqual(folded, { count: 5, sum: 0, zeros: true });
  assert.equal(parts.filter((part) => typeof part !== "string").length, 2);
  assert.equal(writeOut(line, [], values, { terms: 400 }).folded, null);
});

test("a term that divides has a value, and a sum of differences its signs", () => {
  const written = (entry, value) =>
    writeOut(
      { signature: "i,i->", entry, value },
      [],
      [
        [6, 3],
        [2, -1],
      ],
    ).parts.map((part) => part.text ?? part);
  assert.deepEqual(written("Σ[−{0}/{1}]", 0), ["−6/2", " + ", "−3/(−1)"]);
  assert.deepEqual(written("Σ[−√{0}]", 0).slice(1), [" − ", "√3"]);
  const { parts } = writeOut(
    { signature: "i,i->", entry: "Σ[−{0}/{1}]", value: 0 },
    [],
    [
      [6, 3],
      [2, -1],
    ],
  );
  assert.deepEqual([parts[0].value, parts[2].value], [-3, 3]);
});
