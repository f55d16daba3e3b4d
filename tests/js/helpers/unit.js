/** Two inputs, one unit and a penalty: working, frame and data, as the server gives them. */

const line = (id, phase, quantity, layer, inputs, signature, entry, shape, value) => ({
  ...{ id, phase, quantity, layer, inputs, signature, entry, shape, value, op: id },
  axes: ["unit"],
});
const given = (id, quantity, layer, axes, shape, value) => ({
  ...{ id, quantity, layer, axes, shape, value },
});
export const [w, b, x, y] = [[0.5, -0.25], 0.1, [1, 2], 1];
const z = w[0] * x[0] + w[1] * x[1] + b;
const penalty = 0.3 * (w[0] ** 2 + w[1] ** 2);
export const TRACE = {
  ...{ step: 3, batch: null, rows: [0], verification: {} },
  lines: [
    line("z1", "forward", "z", 1, ["x", "W1", "b1"], "i,ji,j->j", "Σ[{1}·{0}] + {2}", [1], [z]),
    line("a1", "forward", "a", 1, ["z1"], "j->j", "tanh({0})", [1], [Math.tanh(z)]),
    line("D", "cost", "C", null, ["a1", "target"], "j,j->", "Σ[({0} − {1})²]", [], 0),
    line("P", "cost", "C", null, ["W1"], "ji->", "3/10·Σ[{0}²]", [], penalty),
    line("C", "cost", "C", null, ["D", "P"], ",->", "{0} + {1}", [], 0),
  ],
  givens: [
    given("x", "x", null, ["feature"], [2], x),
    given("W1", "W", 1, ["unit", "unit below"], [1, 2], [w]),
    given("b1", "b", 1, ["unit"], [1], [b]),
    given("target", "target", null, ["unit"], [1], [y]),
  ],
};
export const DATA = { task: "regression", train: { x: [x, [-1, 0.5]], target: [y, 0] } };
export const out = (row, first) => Math.tanh(first * row[0] + w[1] * row[1] + b);
export const total = (first) =>
  ((out(x, first) - y) ** 2 + out([-1, 0.5], first) ** 2) / 2 + 0.3 * (first ** 2 + w[1] ** 2);
export const tensor = (data, shape) => ({ data, shape });
const grid = tensor([0, 1], [2]);
export const FRAME = {
  cost: { train: total(w[0]) },
  layers: [{ units: 1, W: tensor(w, [2, 1]), b: tensor([b], [1]) }],
  boundary: {
    ...{ kind: "binary", axes: [0, 1], x: grid, y: grid },
    z: tensor(
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ].map((row) => out(row, w[0])),
      [2, 2],
    ),
  },
};
