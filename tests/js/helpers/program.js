/** The answer of the server for a small program: a mean and a variance of two columns. */

const SOURCE = [
  "def spread(x):",
  "    mu = x.mean(axis=0)",
  "    var = ((x - mu) ** 2).mean(axis=0)",
  "    C = var.sum()",
];
const symbol = (text) => ({ latex: text, mathml: `<math><mi>${text}</mi></math>` });

/** @param {string} id @param {string} op @param {string} signature @param {string} entry */
function step(id, op, inputs, signature, entry, value, more = {}) {
  const shape = Array.isArray(value)
    ? [value.length, ...(value[0].length ? [value[0].length] : [])]
    : [];
  return {
    ...{
      id,
      op,
      inputs,
      signature,
      entry,
      value,
      shape,
      label: id,
      spoken: id,
      about: "",
      text: "",
    },
    ...{ symbol: symbol(id), formula: symbol(id), axes: shape.map((_, k) => `axis ${k}`), run: {} },
    ...{ phase: "forward", of: null, file: "a.py", line: null, span: null, group: null },
    axes_of: { i: "row", j: "column" },
    ...more,
  };
}

const ofVar = (span) => ({ line: 3, span: [3, 3, ...span], group: "line0" });
const back = (of, more = {}) => ({ phase: "backward", of, ...more });
const centred = [
  [-1, -2],
  [1, 2],
];
const part = (through) => ({ part: { of: "dC_dx", through, read: { line: 3, span: null } } });

export const PROGRAM = {
  source: {
    name: "spread",
    title: "spread",
    lines: SOURCE.map((text, k) => ({ file: "a.py", number: k + 1, text })),
  },
  ...{ cost: 5, cost_line: "C", wrt: ["x"], notes: [], verification: null },
  groups: [
    {
      ...{
        id: "line0",
        label: "var",
        kind: "line",
        axis: null,
        count: 1,
        within: null,
        folded: true,
      },
      ...{ members: ["var.1", "var.2", "var"], inputs: ["x", "mu"], output: "var" },
    },
  ],
  givens: [
    step(
      "x",
      "",
      [],
      "",
      "",
      [
        [1, 2],
        [3, 6],
      ],
      { parameter: true, argument: true },
    ),
  ],
  lines: [
    step("mu", "mean", ["x"], "ij->j", "Σ[{0}]/2", [2, 4], { line: 2, span: [2, 2, 9, 23] }),
    step("var.1", "subtract", ["x", "mu"], "ij,j->ij", "{0} − {1}", centred, ofVar([12, 18])),
    step(
      "var.2",
      "square",
      ["var.1"],
      "ij->ij",
      "{0}²",
      [
        [1, 4],
        [1, 4],
      ],
      ofVar([11, 24]),
    ),
    step("var", "mean", ["var.2"], "ij->j", "Σ[{0}]/2", [1, 4], ofVar([10, 38])),
    step("C", "sum", ["var"], "j->", "Σ[{0}]", 5, { phase: "cost", line: 4, span: [4, 4, 8, 17] }),
    step("dC_dC", "one", [], "->", "1", 1, back("C")),
    step("dC_dvar", "spread", ["dC_dC"], "->j", "{0}", [1, 1], back("var", ofVar([10, 38]))),
    step(
      "dC_dvar.2",
      "spread_mean",
      ["dC_dvar"],
      "j->ij",
      "{0}/2",
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      back("var.2", ofVar([11, 24])),
    ),
    step(
      "dC_dvar.1",
      "square_backward",
      ["dC_dvar.2", "var.1"],
      "ij,ij->ij",
      "{0}·2·{1}",
      centred,
      back("var.1", ofVar([12, 18])),
    ),
    step(
      "dC_dx_through_var.1_0",
      "same",
      ["dC_dvar.1"],
      "ij->ij",
      "{0}",
      centred,
      back("x", part("var.1")),
    ),
    step(
      "dC_dmu_stretched",
      "negative",
      ["dC_dvar.1"],
      "ij->ij",
      "−{0}",
      [
        [1, 2],
        [-1, -2],
      ],
      back("mu"),
    ),
    step("dC_dmu", "sum_stretched", ["dC_dmu_stretched"], "ij->j", "Σ[{0}]", [0, 0], back("mu")),
    step(
      "dC_dx_through_mu_0",
      "spread_mean",
      ["dC_dmu"],
      "j->ij",
      "{0}/2",
      [
        [0, 0],
        [0, 0],
      ],
      back("x", part("mu")),
    ),
    step(
      "dC_dx",
      "add_shares",
      ["dC_dx_through_var.1_0", "dC_dx_through_mu_0"],
      "ij,ij->ij",
      "{0} + {1}",
      centred,
      back("x", { sum_of: ["dC_dx_through_var.1_0", "dC_dx_through_mu_0"] }),
    ),
  ],
};
