/**
 * The pictures of Watch: the error of one sample followed back to one weight, factor by factor. All
 * numbers are those of the working's lines.
 */
import { endsOf } from "../core/elements.js";
import { compile } from "../core/expression.js";
import { number, subscript, superscript } from "../core/format.js";
import { idOf, italic } from "../core/names.js";
import { lineOf, quantityIn } from "../core/trace.js";
import { TEXT } from "../text/en.js";

const MOST_PATHS = 4; // that are followed one by one; of more, sums are shown

/**
 * `product`: what the terms up to this one make. `factor`: null where it is a sum, with which the
 * product begins anew.
 * @typedef {{label: string, factor: number | null, product: number}} Term
 * @typedef {{layer: number, from: number, to: number, flow: number, label?: string,
 *   followed?: boolean}} Lit an edge;
 *   flow: what comes back along it
 * @typedef {{layer: number, unit: number, label?: string, big?: boolean, tangent?: boolean}} Shown
 *   a unit
 * @typedef {{kind: string, title: string, text: string, edges: Lit[], units: Shown[],
 *   terms: Term[], upcoming: number, list?: {name: string, value: number}[]}} Picture
 * @typedef {{sizes: number[], activations: string[], cost: number, gradient: number,
 *   w: number, input: number, targets: number[], outputs: number[],
 *   z: (layer: number, unit: number) => number, slope: (layer: number, unit: number) => number,
 *   curve: (layer: number) => ((x: number) => number) | null,
 *   gradientAt: (layer: number, from: number, to: number) => number}} Numbers of the working
 * @typedef {{layer: number, from: number, to: number}} Weight
 */

/**
 * @param {Trace} trace of one sample
 * @param {Weight} weight
 */
function readerOf(trace, weight) {
  const depth = trace.activations.length;
  /**
   * @param {string} quantity @param {number | null} layer @param {number} unit
   * @returns {number}
   */
  const at = (quantity, layer, unit) => quantityIn(trace, quantity, layer)?.value?.[unit] ?? NaN;
  /** @param {string} quantity @param {number} layer @param {number} from @param {number} to */
  const edgeOf = (quantity, layer, from, to) => {
    const array = quantityIn(trace, quantity, layer);
    if (!array?.value) return NaN;
    const straight = endsOf(array, [0, 1]).to === 0;
    return (straight ? array.value[to][from] : array.value[from][to]) ?? NaN;
  };
  const x = quantityIn(trace, "x");
  const sizes = [x?.shape[0] ?? 0];
  for (let layer = 1; layer <= depth; layer++)
    sizes.push(quantityIn(trace, "z", layer)?.shape[0] ?? 0);
  function slopeOf(/** @type {number} */ layer) {
    const line = lineOf(trace, idOf("dC_dz", layer));
    const read = line?.inputs.map((id) =>
      [...trace.lines, ...trace.givens].find((v) => v.id === id),
    );
    const arithmetic = line && compile(line);
    return (/** @type {number} */ unit) => {
      const ratio = at("dC_dz", layer, unit) / at("dC_da", layer, unit);
      if (!arithmetic || /Σ/.test(line.entry) || !read) return ratio; // a softmax has no one slope
      read.forEach((array, k) => {
        arithmetic.data[k] = [array?.quantity === "dC_da" ? 1 : (array?.value[unit] ?? NaN)];
      });
      return arithmetic.at([0]);
    };
  }
  const slopes = sizes.map((_, layer) => slopeOf(layer));
  function curve(/** @type {number} */ layer) {
    const line = quantityIn(trace, "a", layer);
    const arithmetic = line && "entry" in line ? compile(/** @type {Line} */ (line)) : null;
    if (!arithmetic || /Σ/.test(/** @type {Line} */ (line).entry)) return null;
    return (/** @type {number} */ place) => {
      arithmetic.data[0] = [place];
      return arithmetic.at([0]);
    };
  }
  const { layer, from, to } = weight;
  return {
    ...{ depth, sizes, at, curve, activations: trace.activations },
    W: (/** @type {number} */ l, /** @type {number} */ i, /** @type {number} */ j) =>
      edgeOf("W", l, i, j),
    gradientAt: (/** @type {number} */ l, /** @type {number} */ i, /** @type {number} */ j) =>
      edgeOf("dC_dW", l, i, j),
    z: (/** @type {number} */ l, /** @type {number} */ j) => at("z", l, j),
    slope: (/** @type {number} */ l, /** @type {number} */ j) => slopes[l](j),
    cost: quantityIn(trace, "C")?.value ?? NaN,
    gradient: edgeOf("dC_dW", layer, from, to),
    w: edgeOf("W", layer, from, to),
    input: layer === 1 ? at("x", null, from) : at("a", layer - 1, from),
    targets: [quantityIn(trace, "target")?.value ?? []].flat(),
    outputs: [quantityIn(trace, "a", depth)?.value ?? []].flat(),
  };
}

/** @param {string} letter @param {number} layer */
const raised = (letter, layer) => `${italic(letter)}⁽${superscript(layer)}⁾`;
const listed = (/** @type {number[]} */ values) =>
  values.length === 1 ? number(values[0]) : `(${values.map((v) => number(v, 3)).join(", ")})`;
/** @param {number} value */
const times = (value) => `× ${value < 0 ? `(${number(value)})` : number(value)}`;

/**
 * @param {Trace} trace of one sample, in any convention of one sample
 * @param {Weight} weight of it
 * @param {(activation: string) => string} [titleOf]
 * @returns {{pictures: Picture[], numbers: Numbers}}
 */
export function storyOf(trace, weight, titleOf = (name) => name) {
  const read = readerOf(trace, weight);
  const { depth, sizes, at, W, slope } = read;
  const { layer: base, from, to } = weight;
  /** @type {Picture[]} */
  const pictures = [];
  const written = `${italic("w")} = ${number(read.w)}`;
  /** @type {Lit} */
  const followed = { layer: base, from, to, flow: 0, followed: true };
  /** @type {Term[]} */
  let terms = [];
  /** @param {number} layer @param {number} unit */
  const dz = (layer, unit) => at("dC_dz", layer, unit);
  /** @param {number} layer @param {number} unit */
  const da = (layer, unit) => at("dC_da", layer, unit);
  /** What comes back along an edge. @param {number} l @param {number} i @param {number} j */
  const flow = (l, i, j) => W(l, i, j) * dz(l, j);
  /**
   * @param {number} l @param {number} i @param {number} j @param {string} [label]
   * @returns {Lit}
   */
  const lit = (l, i, j, label) => ({ layer: l, from: i, to: j, flow: flow(l, i, j), label });
  /** @param {number} layer @returns {number[]} */
  const unitsOf = (layer) => [...Array(sizes[layer]).keys()];
  /** The unit of each layer on the path with the largest product. @type {number[]} */
  const focus = [];
  focus[base] = to;
  for (let layer = base + 1; layer <= depth; layer++)
    focus[layer] = unitsOf(layer).reduce((best, k) =>
      Math.abs(flow(layer, focus[layer - 1], k)) > Math.abs(flow(layer, focus[layer - 1], best))
        ? k
        : best,
    );
  const single = sizes[depth] === 1;
  const start = dz(depth, focus[depth]);
  /** All edges and units between a layer and the output, as they are once the error has passed. */
  const passed = (/** @type {number} */ down) => ({
    edges: Array.from({ length: depth - down }, (_, k) => depth - k).flatMap((l) =>
      unitsOf(l - 1).flatMap((i) => unitsOf(l).map((j) => lit(l, i, j))),
    ),
    units: Array.from({ length: depth - down }, (_, k) => depth - 1 - k)
      .filter((l) => l >= down)
      .flatMap((l) => unitsOf(l).map((unit) => ({ layer: l, unit, tangent: true }))),
  });
  const ends = unitsOf(depth).map((unit) => ({
    layer: depth,
    unit,
    label: number(dz(depth, unit)),
  }));
  /**
   * @param {string} kind @param {string} title @param {string} text
   * @param {Partial<Picture>} [more]
   */
  const add = (kind, title, text, { edges = [], units = [], list } = {}) =>
    pictures.push({
      ...{ kind, title, text, list, upcoming: 0, terms: [...terms] },
      edges: [...edges, kind === "question" ? { ...followed, label: written } : followed],
      units: kind === "question" || kind === "cost" ? units : [...units, ...ends],
    });
  /** @param {string} label @param {number | null} factor @param {number} product */
  const term = (label, factor, product) => terms.push({ label, factor, product });
  /** A sum takes the place of the factors before it. @param {number} count @param {number} sum */
  const fold = (count, sum) => {
    const ratio = sum / start;
    terms = single && Number.isFinite(ratio) ? terms.slice(0, 1) : [];
    if (terms.length) term(TEXT.watch.sumByError(count), ratio, sum);
    else term(TEXT.watch.sumOf(count), null, sum);
  };

  add(
    "question",
    TEXT.watch.question,
    TEXT.watch.answers(
      TEXT.watch.weight(base, from, to),
      number(read.w),
      listed(read.outputs),
      listed(read.targets),
    ),
  );
  add("cost", TEXT.watch.cost, TEXT.watch.costText(number(read.cost)));
  const first = lineOf(trace, idOf("dC_dz", depth));
  term(TEXT.watch.error, start, start);
  const outputName = raised("z", depth) + (single ? "" : subscript(focus[depth]));
  add(
    "error",
    TEXT.watch.errorAt,
    TEXT.watch.errorText(outputName, number(start), first?.text ?? ""),
  );

  if (depth - base === 2 && single && sizes[depth - 1] <= MOST_PATHS) byPaths();
  else bySums();
  last();

  /** One path after the other, then their sum. */
  function byPaths() {
    const middle = depth - 1;
    const ways = unitsOf(middle).sort(
      (p, q) => Math.abs(flow(middle, to, q)) - Math.abs(flow(middle, to, p)),
    );
    const [main, second, ...others] = ways;
    const above = lit(depth, main, 0, times(W(depth, main, 0)));
    const unit = { layer: middle, unit: main, tangent: true };
    const slopeText = TEXT.watch.slopeFactor(number(slope(middle, main)));
    term(TEXT.watch.weightTerm, W(depth, main, 0), da(middle, main));
    add(
      "weight",
      TEXT.watch.back,
      TEXT.watch.backText(TEXT.watch.unit(main, middle), number(W(depth, main, 0))),
      { edges: [above], units: [{ ...unit, tangent: false }] },
    );
    term(TEXT.watch.slope, slope(middle, main), dz(middle, main));
    add(
      "slope",
      TEXT.watch.through(TEXT.watch.unit(main, middle)),
      TEXT.watch.slopeText(titleOf(trace.activations[middle - 1])),
      { edges: [above], units: [{ ...unit, big: true, label: slopeText }] },
    );
    term(TEXT.watch.weightTerm, W(middle, to, main), flow(middle, to, main));
    const below = lit(middle, to, main, times(W(middle, to, main)));
    add("weight", TEXT.watch.further, TEXT.watch.furtherText, {
      edges: [above, below],
      units: [
        { ...unit, big: true, label: slopeText },
        { layer: base, unit: to },
      ],
    });
    /** @param {number[]} some @param {boolean} [factors] whether each is written */
    const paths = (some, factors = false) => ({
      edges: some.flatMap((p) => [
        lit(depth, p, 0, factors ? times(W(depth, p, 0)) : undefined),
        lit(middle, to, p, factors ? times(W(middle, to, p)) : number(flow(middle, to, p), 3)),
      ]),
      units: [
        ...some.map((p) => ({
          ...{ layer: middle, unit: p, tangent: true, big: factors },
          label: factors ? TEXT.watch.slopeFactor(number(slope(middle, p))) : undefined,
        })),
        { layer: base, unit: to },
      ],
    });
    const before = terms;
    if (second !== undefined) {
      terms = [before[0]];
      term(TEXT.watch.weightTerm, W(depth, second, 0), da(middle, second));
      term(TEXT.watch.slope, slope(middle, second), dz(middle, second));
      term(TEXT.watch.weightTerm, W(middle, to, second), flow(middle, to, second));
      add(
        "path",
        TEXT.watch.second,
        TEXT.watch.secondText(TEXT.watch.unit(second, middle)),
        paths([second], true),
      );
    }
    if (others.length) {
      terms = before.slice(0, 1);
      add("path", TEXT.watch.others(others.length), TEXT.watch.othersText, {
        ...paths(others),
        list: others.map((p) => ({ name: TEXT.watch.by(p), value: flow(middle, to, p) })),
      });
    }
    if (second === undefined) return;
    fold(ways.length, da(base, to));
    add("sum", TEXT.watch.meet(ways.length, to), TEXT.watch.meetText, {
      ...paths(unitsOf(middle)),
      list: unitsOf(middle).map((p) => ({ name: TEXT.watch.by(p), value: flow(middle, to, p) })),
    });
  }

  /** A sum for each layer. */
  function bySums() {
    for (let layer = depth - 1; layer >= base; layer--) {
      const some = layer === base ? [to] : unitsOf(layer);
      const at = focus[layer];
      const count = sizes[layer + 1];
      const before = passed(layer + 1);
      if (count === 1) term(TEXT.watch.weightTerm, W(layer + 1, at, 0), da(layer, at));
      else fold(count, da(layer, at));
      const edges = some.flatMap((i) =>
        unitsOf(layer + 1).map((j) =>
          lit(
            layer + 1,
            i,
            j,
            i !== at
              ? undefined
              : count === 1
                ? times(W(layer + 1, i, j))
                : number(flow(layer + 1, i, j), 3),
          ),
        ),
      );
      add(
        count === 1 ? "weight" : "sum",
        layer === base ? TEXT.watch.meet(count, to) : TEXT.watch.backTo(layer),
        count === 1 ? TEXT.watch.backAll : TEXT.watch.sumAll(at),
        {
          edges: [...before.edges, ...edges],
          units: [
            ...before.units,
            ...some.map((unit) => ({ layer, unit, label: number(da(layer, unit)) })),
          ],
          list:
            count === 1
              ? undefined
              : unitsOf(layer + 1).map((j) => ({
                  name: TEXT.watch.by(j),
                  value: flow(layer + 1, at, j),
                })),
        },
      );
      if (layer === base) break;
      term(TEXT.watch.slope, slope(layer, at), dz(layer, at));
      const after = passed(layer + 1);
      add(
        "slope",
        TEXT.watch.throughLayer(layer),
        TEXT.watch.slopeText(titleOf(trace.activations[layer - 1])),
        {
          edges: [...after.edges, ...edges.map((each) => ({ ...each, label: undefined }))],
          units: [
            ...after.units,
            ...unitsOf(layer).map((unit) => ({
              ...{ layer, unit, tangent: true, big: unit === at },
              label:
                unit === at
                  ? TEXT.watch.slopeFactor(number(slope(layer, unit)))
                  : number(dz(layer, unit)),
            })),
          ],
        },
      );
    }
  }

  /** The unit's slope, the input, and all weights. */
  function last() {
    const behind = passed(base + 1);
    const edges =
      base < depth ? [...behind.edges, ...unitsOf(base + 1).map((j) => lit(base + 1, to, j))] : [];
    if (base < depth) {
      term(TEXT.watch.slope, slope(base, to), dz(base, to));
      add(
        "slope",
        TEXT.watch.through(TEXT.watch.unit(to, base)),
        TEXT.watch.slopeText(titleOf(trace.activations[base - 1])),
        {
          edges,
          units: [
            ...behind.units,
            {
              layer: base,
              unit: to,
              tangent: true,
              big: true,
              label: TEXT.watch.slopeFactor(number(slope(base, to))),
            },
          ],
        },
      );
    }
    const byData = read.input * dz(base, to);
    term(TEXT.watch.input, read.input, byData);
    const penalty = read.gradient - byData;
    if (Math.abs(penalty) > 1e-12 * Math.max(1, Math.abs(byData)))
      term(TEXT.watch.penalty, null, read.gradient);
    const along = { ...followed, followed: false, flow: byData, label: times(read.input) };
    add(
      "input",
      TEXT.watch.toWeight,
      TEXT.watch.inputText(number(read.input), number(read.gradient)),
      {
        edges: [...edges, along],
        units: [
          ...behind.units,
          ...(base < depth ? [{ layer: base, unit: to, tangent: true }] : []),
        ],
      },
    );
    const parameters = sizes.slice(1).reduce((sum, n, l) => sum + n * (sizes[l] + 1), 0);
    add("all", TEXT.watch.all(parameters), TEXT.watch.allText, {
      edges: sizes
        .slice(1)
        .flatMap((_, l) =>
          unitsOf(l).flatMap((i) =>
            unitsOf(l + 1).map((j) => ({
              layer: l + 1,
              from: i,
              to: j,
              flow: read.gradientAt(l + 1, i, j),
            })),
          ),
        ),
      units: sizes
        .slice(1, -1)
        .flatMap((_, l) => unitsOf(l + 1).map((unit) => ({ layer: l + 1, unit, tangent: true }))),
    });
  }

  // a picture also tells how many factors are still to come
  const factors = ["weight", "slope", "input"];
  for (const [k, picture] of pictures.entries())
    picture.upcoming = picture.terms.length
      ? pictures.slice(k + 1).filter(({ kind }) => factors.includes(kind)).length
      : 0;
  return { pictures, numbers: read };
}
