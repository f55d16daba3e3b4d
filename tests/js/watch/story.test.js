import assert from "node:assert/strict";
import test from "node:test";
import { storyOf } from "../../../static/js/watch/story.js";
import { value } from "../helpers/lines.js";

/** A trace of tanh layers with an identity output and C = (a − y)² / 2 summed; W[to][from]. */
function traceOf(sizes, seed = 1) {
  let state = seed;
  const draw = () => {
    state = (state * 16807) % 2147483647;
    return (state / 2147483647 - 0.5) * 2;
  };
  const vector = (n) => Array.from({ length: n }, draw);
  const depth = sizes.length - 1;
  const [lines, givens] = [[], []];
  const put = (list, id, own, more = {}) =>
    list.push(
      value(id, {
        value: own,
        shape: Array.isArray(own) ? [own.length, ...(own[0].length ? [own[0].length] : [])] : [],
        ...more,
      }),
    );
  let a = vector(sizes[0]);
  put(givens, "x", a);
  const [weights, layers] = [[null], [a]];
  for (let l = 1; l <= depth; l++) {
    weights.push(Array.from({ length: sizes[l] }, () => vector(sizes[l - 1])));
    put(givens, `W${l}`, weights[l]);
    const z = weights[l].map((row) => row.reduce((sum, w, i) => sum + w * a[i], 0));
    put(lines, `z${l}`, z);
    a = l < depth ? z.map(Math.tanh) : z;
    layers.push(a);
    put(lines, `a${l}`, a, {
      signature: "j->j",
      entry: l < depth ? "tanh({0})" : "{0}",
      inputs: [`z${l}`],
    });
  }
  const target = vector(sizes[depth]);
  put(givens, "target", target);
  put(
    lines,
    "C",
    a.reduce((sum, each, k) => sum + (each - target[k]) ** 2 / 2, 0),
  );
  let dz = a.map((each, k) => each - target[k]);
  for (let l = depth; l >= 1; l--) {
    put(lines, `dC_dz${l}`, dz, {
      signature: "j,j->j",
      entry: "{0}·(1 − tanh²({1}))",
      inputs: [`dC_da${l}`, `z${l}`],
      text: "",
    });
    put(
      lines,
      `dC_dW${l}`,
      dz.map((each) => layers[l - 1].map((input) => input * each)),
    );
    if (l === 1) break;
    const da = layers[l - 1].map((_, i) =>
      dz.reduce((sum, each, j) => sum + each * weights[l][j][i], 0),
    );
    put(lines, `dC_da${l - 1}`, da);
    dz = da.map((each, i) => each * (1 - layers[l - 1][i] ** 2));
  }
  return { lines, givens, activations: [...Array(depth - 1).fill("tanh"), "identity"] };
}

const close = (p, q) => assert.ok(Math.abs(p - q) < 1e-12 * Math.max(1, Math.abs(q)), `${p} ${q}`);
const kinds = ({ pictures }) => pictures.map(({ kind }) => kind).join(" ");

test("four paths are followed one by one, in twelve pictures", () => {
  const trace = traceOf([2, 4, 4, 1]);
  const story = storyOf(trace, { layer: 1, from: 1, to: 3 });
  assert.equal(
    kinds(story),
    "question cost error weight slope weight path path sum slope input all",
  );
  const gradient = trace.lines.find(({ id }) => id === "dC_dW1").value[3][1];
  const last = story.pictures[10].terms;
  assert.deepEqual(
    last.map(({ label }) => label),
    ["error", "4 paths ÷ error", "slope", "input"],
  );
  close(last.at(-1).product, gradient);
  close(
    last.slice(1).reduce((all, { factor }) => all * factor, last[0].product),
    gradient,
  );
  // each product is the one before times its factor
  for (const { terms } of story.pictures)
    for (const [k, { factor, product }] of terms.slice(1).entries())
      close(product, terms[k].product * factor);
  const { list } = story.pictures[8];
  const meets = trace.lines.find(({ id }) => id === "dC_da1").value[3];
  close(
    list.reduce((sum, each) => sum + each.value, 0),
    meets,
  );
  // boxes that wait: as many as factors still come
  assert.deepEqual(
    story.pictures.map(({ upcoming }) => upcoming),
    [0, 0, 5, 4, 3, 2, 2, 2, 2, 1, 0, 0],
  );
});

test("of other networks each layer is one sum, from which the product begins anew", () => {
  for (const [sizes, weight, expected] of [
    [[2, 3, 5, 4, 2], { layer: 1, from: 0, to: 2 }, "sum slope sum slope sum slope"],
    [[2, 8, 8, 1], { layer: 1, from: 1, to: 7 }, "weight slope sum slope"],
    [[3, 4, 2], { layer: 1, from: 2, to: 0 }, "sum slope"],
    [[3, 4, 2], { layer: 2, from: 3, to: 1 }, ""],
    [[1, 1, 1, 1], { layer: 1, from: 0, to: 0 }, "weight slope weight slope"],
  ]) {
    const trace = traceOf(sizes, 7);
    const story = storyOf(trace, weight);
    assert.equal(kinds(story), `question cost error ${expected} input all`.replace("  ", " "));
    const line = trace.lines.find(({ id }) => id === `dC_dW${weight.layer}`);
    close(story.pictures.at(-1).terms.at(-1).product, line.value[weight.to][weight.from]);
    assert.equal(
      story.pictures.at(-1).edges.length,
      sizes.slice(1).reduce((sum, n, l) => sum + n * sizes[l], 1),
    );
  }
});

test("weights of matrices in rows of inputs are the same", () => {
  const column = traceOf([2, 3, 1], 3);
  const turned = (each) =>
    /W\d$/.test(each.id)
      ? {
          ...each,
          axes: ["unit below", "unit"],
          value: each.value[0].map((_, i) => each.value.map((row) => row[i])),
          shape: each.shape.toReversed(),
        }
      : each;
  const row = { ...column, lines: column.lines.map(turned), givens: column.givens.map(turned) };
  const weight = { layer: 1, from: 1, to: 2 };
  assert.deepEqual(storyOf(row, weight).pictures, storyOf(column, weight).pictures);
});
