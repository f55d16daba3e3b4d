/**
 * Products of matrices on the way back: bands through the weights, and the table of a row and a
 * column; tables of slopes.
 */
import { at, writeOut } from "../core/entries.js";
import { compile } from "../core/expression.js";
import { number } from "../core/format.js";
import { isGradient, nameOf } from "../core/names.js";
import { variable } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { entryName } from "../ui/written-out.js";
import {
  bar,
  box,
  digitsIn,
  entry,
  fitted,
  inputsOf,
  largest,
  numbersOf,
  numeral,
  path,
  plate,
  rule,
  sign,
  text,
  widthOf,
} from "./shapes.js";

const MOST_BANDS = 5; // the smaller ones as one

/**
 * A band from left to right, as wide at both ends as the numbers are large.
 * @param {number[]} from place, height and width at the left @param {number[]} to at the right
 * @param {string} style
 */
function band([x0, y0, w0], [x1, y1, w1], style) {
  const middle = (x0 + x1) / 2;
  const [a, b] = [Math.max(0.6, w0 / 2), Math.max(0.6, w1 / 2)];
  const over = `M${x0},${y0 - a}C${middle},${y0 - a} ${middle},${y1 - b} ${x1},${y1 - b}`;
  const back = `V${y1 + b}C${middle},${y1 + b} ${middle},${y0 + a} ${x0},${y0 + a}Z`;
  return path(over + back, `bar.${style}`);
}

/**
 * Each gradient comes through its weight; what arrives is added.
 * @param {View} view @returns {Drawing | null}
 */
export function bands(view) {
  const { line, index, width, height } = view;
  const inputs = inputsOf(view);
  const values = inputs.map(({ value }) => value);
  const { parts, folded } = writeOut(line, index, values, { terms: MOST_BANDS });
  const terms = parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  if (!terms.length || terms.some(({ reads, value }) => reads.length !== 2 || value === null))
    return null;
  // the gradient is the one of the two factors that a line of the way back has computed
  const first = isGradient(inputs[terms[0].reads[0].input]) ? 0 : 1;
  const rows = terms.map(({ reads, value }) => ({
    value: Number(value),
    ends: [reads[first], reads[1 - first]].map(({ input, index: where }) => ({
      ...{ id: line.inputs[input], index: where, value: Number(at(values[input], where)) },
    })),
  }));
  const others = folded ? [{ value: folded.sum ?? 0, ends: [] }] : [];
  const all = [...rows, ...others];
  const pitch = Math.min(44, (height - 30) / all.length);
  const top = 26 + (height - 26 - pitch * all.length) / 2;
  const middle = top + (pitch * all.length) / 2;
  const thick = Math.min(
    80,
    (0.86 * pitch) / largest(all.flatMap(({ value, ends: [end] }) => [value, end?.value ?? 0])),
    64 / all.reduce((sum, { value }) => sum + Math.abs(value), 1e-300),
  );
  const sizes = all.map(({ value }) => Math.abs(value) * thick);
  const before = (/** @type {number} */ k) =>
    sizes.slice(0, k).reduce((sum, size) => sum + size, 0);
  const [unit, product, end, wide] = [74, 0.39 * width, width - 46, 74];
  const weights = Math.min(0.6 * width, end - 50 - wide);
  const names = rows[0].ends.map(({ id }) => nameOf(inputs[line.inputs.indexOf(id)]));
  const name = entryName(line, index);
  return {
    family: "bands",
    title: TEXT.pictures.bands(name),
    said: TEXT.pictures.bandsSaid,
    shapes: [
      text(product, 12, TEXT.pictures.product, "middle.small"),
      text(weights + wide / 2, 12, names[1], "middle.math"),
      text(end, 12, names[0], "middle.math"),
      all.map(({ value, ends: [gradient, weight] }, k) => {
        const [y, size, style] = [top + (k + 0.5) * pitch, sizes[k], sign(value)];
        const arrival = middle - before(sizes.length) / 2 + before(k) + size / 2;
        const rest = TEXT.pictures.others(folded?.count ?? 0);
        const signed = weight?.value < 0 ? { before: "× (", after: ")" } : { before: "× " };
        const from = Math.abs(gradient?.value ?? 0) * thick;
        return [
          band([unit, arrival, size], [product - 36, y, size], style),
          numeral(product, y + 5, value, { style: `middle.${style}` }),
          gradient
            ? [
                band([product + 36, y, size], [weights, y, size], style),
                band(
                  [weights + wide, y, from],
                  [end - 34, y, from],
                  `${sign(gradient.value)} pale`,
                ),
                entry(
                  weight.id,
                  weight.index,
                  box(weights, y - 11, wide, 22, `box.${sign(weight.value)}`, 4),
                  numeral(weights + wide / 2, y + 5, weight.value, {
                    ...{ style: "middle", digits: 3, ...signed },
                  }),
                ),
                entry(
                  gradient.id,
                  gradient.index,
                  plate(end, y, gradient.value, { style: "read", most: width }),
                ),
              ]
            : text(weights + wide / 2, y + 5, rest, "middle.small"),
        ];
      }),
      text(unit / 2, middle - 24, TEXT.pictures.total, "middle.small"),
      entry(
        line.id,
        index,
        box(1, middle - 16, unit - 2, 32, "box.phase", 5),
        text(
          unit / 2,
          middle - 1,
          fitted(name.replace(/ through .*$/, ""), 1.4 * unit), // its indices are small
          "middle.math.small",
        ),
        plate(unit / 2, middle + 16, Number(at(line.value, index))),
      ),
    ],
  };
}

/**
 * A table of numbers: a cell is as strong as its number is large, blue above 0, orange below. Where
 * there is no room only the chosen cell has a number.
 * @param {{x: number, y: number, wide: number, tall: number, cells: {id: string, index: number[],
 *   value: number}[][], chosen: number[] | null, pale?: boolean, most: number}} table wide, tall:
 *   of a cell; chosen: its row and column; pale: not what the line is about
 */
const tableOf = ({ x, y, wide, tall, cells, chosen, pale, most }) =>
  cells.flatMap((row, r) =>
    row.map(({ id, index, value }, c) => {
      const isChosen = chosen?.join() === [r, c].join();
      const style = `cell.${sign(value)}${isChosen ? ".chosen" : ""}`;
      const cell = box(x + c * wide + 1.5, y + r * tall + 1.5, wide - 3, tall - 3, style, 3);
      const strength = Math.min(1, Math.abs(value) / most) * (pale ? 0.4 : 0.75);
      cell.data = { "fill-opacity": strength.toFixed(3) };
      const digits = digitsIn(value, wide - 6);
      const least = widthOf(number(value, digits));
      const small = least < wide ? "" : ".small";
      const options = { style: `middle${pale ? ".soft" : ""}${small}`, digits };
      const roomy = isChosen || (0.85 * least < wide && tall > 15);
      const place = [x + (c + 0.5) * wide, y + (r + 0.5) * tall + 5];
      return entry(id, index, cell, roomy ? numeral(place[0], place[1], value, options) : null);
    }),
  );

/** Rows that there is room for: the chosen one with its neighbours. @param {number} size
 * @param {number} most @param {number} chosen */
function windowOf(size, most, chosen) {
  const count = Math.min(size, most);
  const first = Math.max(0, Math.min(size - count, chosen - Math.floor(count / 2)));
  return Array.from({ length: count }, (_, k) => first + k);
}

/**
 * The table of ∂C/∂W: errors at the left, inputs above, each cell their product; the bias as the
 * weight of an input that is always 1.
 * @param {View} view
 * @returns {Drawing | null}
 */
export function grid(view) {
  const { line, trace, known, width, height } = view;
  const isBias = line.shape.length === 1;
  const gradient = inputsOf(view).find(isGradient)?.id ?? line.inputs[0];
  // the other of the two gradients that the same error makes
  const other = trace.lines.find(
    ({ id, op, inputs, shape, left_out }) =>
      /(weight|bias)_gradient$/.test(op) &&
      inputs.includes(gradient) &&
      known(id) &&
      !left_out &&
      shape.length === (isBias ? 2 : 1),
  );
  const [weights, biases] = isBias ? [other, line] : [line, other];
  if (weights?.shape.length !== 2) return null;
  const below = weights.inputs.find((id) => id !== gradient) ?? "";
  const [errors, inputs] = [variable(trace, gradient), variable(trace, below)];
  if (!errors || !inputs) return null;
  // errors run down the table, whichever axis of the weights that is
  const [letters, result] = [
    weights.signature.split("->")[0].split(","),
    weights.signature.split("->")[1],
  ];
  const down = letters[weights.inputs.indexOf(gradient)].includes(result[0]) ? 0 : 1;
  const [i, j] = isBias ? [view.index[0], -1] : [view.index[down], view.index[1 - down]];
  const single = errors.shape.length === 1 || errors.shape[0] === 1;
  const [head, top, gap] = [84, 44, 12];
  const rows = windowOf(weights.shape[down], Math.max(3, Math.floor((height - 60) / 22)), i);
  const bias = biases ? 0.19 * width : 0;
  const most = Math.floor((width - head - bias - gap) / 50);
  const columns = windowOf(weights.shape[1 - down], Math.max(3, most), Math.max(0, j));
  const wide = Math.min(116, (width - head - bias - (biases ? gap : 0)) / columns.length);
  const tall = Math.min(52, (height - top - 18) / rows.length);
  const [right, bottom] = [head + wide * columns.length, top + tall * rows.length];
  /** @param {Given} of @param {number} k @param {number} x @param {number} y @param {number} w
   * @param {boolean} on */
  const header = (of, k, x, y, w, on) => {
    const index = of.shape.length > 1 ? [0, k] : [k];
    const value = Number(at(of.value, index));
    const options = { style: "middle", digits: digitsIn(value, w - 6) };
    return entry(
      of.id,
      index,
      box(x + 1.5, y - 11.5, w - 3, 23, on ? "head.on" : "head", 3),
      single
        ? numeral(x + w / 2, y + 5, value, options)
        : text(x + w / 2, y + 5, String(k), "middle.small"),
    );
  };
  const strongest = largest([...numbersOf(weights), ...(biases ? numbersOf(biases) : [])]);
  const row = rows.indexOf(i);
  const table = { y: top, tall, most: strongest };
  const cells = rows.map((r) =>
    columns.map((c) => {
      const index = down === 0 ? [r, c] : [c, r];
      return { id: weights.id, index, value: Number(at(weights.value, index)) };
    }),
  );
  const chosen = isBias ? null : [row, columns.indexOf(j)];
  return {
    family: "grid",
    title: isBias ? TEXT.pictures.gridOfBias : TEXT.pictures.grid,
    said: isBias
      ? TEXT.pictures.gridBiasSaid
      : single
        ? TEXT.pictures.gridSaid
        : TEXT.pictures.gridBatch(errors.shape[0]),
    shapes: [
      text((head + right) / 2, 13, nameOf(inputs), "middle.math"),
      text(head / 2, 36, nameOf(errors), "middle.math"),
      columns.map((c, k) => header(inputs, c, head + k * wide, 31, wide, c === j)),
      rows.map((r, k) => header(errors, r, 0, top + (k + 0.5) * tall, head - 6, r === i)),
      tableOf({ ...table, x: head, wide, cells, chosen, pale: isBias }),
      text(
        (head + right) / 2,
        bottom + 14,
        TEXT.pictures.weights(numbersOf(weights).length),
        "middle.small",
      ),
      biases
        ? [
            text(right + gap + bias / 2, 13, TEXT.pictures.always, "middle.small"),
            box(right + gap + 1.5, 19.5, bias - 3, 23, isBias ? "head.on" : "head", 3),
            text(right + gap + bias / 2, 36, "1", "middle.math"),
            tableOf({
              ...{ ...table, x: right + gap, wide: bias, pale: !isBias },
              chosen: isBias ? [row, 0] : null,
              cells: rows.map((r) => [
                { id: biases.id, index: [r], value: Number(at(biases.value, [r])) },
              ]),
            }),
            text(
              right + gap + bias / 2,
              bottom + 14,
              TEXT.pictures.biases(biases.shape[0]),
              "middle.small",
            ),
          ]
        : null,
    ],
  };
}

/** A table of slopes: of each output by each input. @param {View} view @returns {Drawing | null} */
export function jacobian(view) {
  const { line, index, width, height } = view;
  const [down, across] = line.shape.slice(-2);
  if (line.shape.length < 2) return null;
  const before = index.slice(0, -2);
  const [i, j] = index.slice(-2);
  const rows = windowOf(down, Math.floor((height - 40) / 20), i);
  const columns = windowOf(across, Math.floor((width - 60) / 48), j);
  const cells = rows.map((r) =>
    columns.map((c) => {
      const place = [...before, r, c];
      return { id: line.id, index: place, value: Number(at(line.value, place)) };
    }),
  );
  const wide = Math.min(92, (width - 40) / columns.length);
  const tall = Math.min(34, (height - 34) / rows.length);
  const values = numbersOf(line);
  const zeros = values.filter((value) => value === 0).length;
  return {
    family: "jacobian",
    title: TEXT.pictures.jacobian,
    said: TEXT.pictures.jacobianSaid + (zeros ? TEXT.pictures.zeros(zeros, values.length) : ""),
    shapes: [
      columns.map((c, k) =>
        text(36 + (k + 0.5) * wide, 14, String(c), `middle.small${c === j ? ".strong" : ""}`),
      ),
      rows.map((r, k) =>
        text(22, 20 + (k + 0.5) * tall + 5, String(r), `middle.small${r === i ? ".strong" : ""}`),
      ),
      tableOf({
        ...{ x: 36, y: 20, wide, tall, cells, most: largest(values) },
        chosen: [rows.indexOf(i), columns.indexOf(j)],
      }),
    ],
  };
}

const PITCH = 34; // of a class

/**
 * What softmax makes of sums: their exponentials, and what part of their sum each is.
 * @param {View} view @returns {Drawing | null}
 */
export function softmax(view) {
  const { line, index, width, height } = view;
  const [input] = inputsOf(view);
  const before = index.slice(0, -1);
  const all = windowOf(line.shape.at(-1) ?? 0, Infinity, 0).map((k) => [...before, k]);
  const sums = all.map((each) => Number(at(input.value, each)));
  // larger exponents overflow: the largest sum is taken off, as the line computes it
  const shift = Math.max(...sums) > 300 ? Math.max(...sums) : 0;
  const powers = sums.map((z) => Math.exp(z - shift));
  const total = powers.reduce((sum, each) => sum + each, 0);
  const shown = windowOf(all.length, Math.floor((height - 46) / 18), index.at(-1) ?? 0);
  const pitch = Math.min(PITCH, (height - 46) / shown.length);
  const thick = Math.min(22, pitch - 4);
  const label = 58;
  const room = (width - label) / 3;
  const [z0, e0, a0] = [label + 0.36 * room, label + room + 22, label + 2 * room + 22];
  const long = room - 84;
  const zMost = largest(sums);
  const nameOfClass = TEXT.pictures.classNumber;
  return {
    family: "softmax",
    title: TEXT.pictures.softmax,
    said: TEXT.pictures.softmaxSaid,
    shapes: [
      text(z0, 13, nameOf(input), "middle.math"),
      text(e0 + 10, 13, shift ? TEXT.pictures.expShifted : "exp(z)", "math"),
      text(a0 + 10, 13, TEXT.pictures.quotient, "math"),
      [z0, e0, a0].map((x) => rule(x, 20, x, 24 + pitch * shown.length, "axis")),
      shown.map((k, row) => {
        const y = 24 + row * pitch;
        const on = k === index.at(-1);
        const base = y + thick / 2 + 5;
        const value = Number(at(line.value, all[k]));
        const z = (0.3 * room * sums[k]) / zMost;
        const power = (long * powers[k]) / Math.max(...powers);
        const strong = on ? "" : ".pale";
        return entry(
          line.id,
          all[k],
          text(0, base, nameOfClass(k), on ? "strong" : ""),
          bar(z0, z0 + z, y, thick, sign(sums[k]) + strong),
          numeral(Math.max(z0, z0 + z) + 5, base, sums[k], { digits: 3 }),
          bar(e0, e0 + power, y, thick, `above${strong}`),
          numeral(e0 + power + 5, base, powers[k], { digits: 3 }),
          bar(a0, a0 + long * value, y, thick, `phase${strong}`),
          numeral(a0 + long * value + 5, base, value, { style: on ? "phase.strong" : "" }),
        );
      }),
      text(e0, 40 + pitch * shown.length, TEXT.pictures.sumIs(number(total)), "small"),
      text(a0, 40 + pitch * shown.length, TEXT.pictures.sumIs("1"), "small"),
    ],
  };
}

/**
 * The gradient through softmax: a row of its table of slopes with the gradients of its outputs.
 * @param {View} view @returns {Drawing | null}
 */
export function softmaxSlopes(view) {
  const { line, index, width, height } = view;
  const [gradient, outputs] = inputsOf(view);
  const before = index.slice(0, -1);
  const j = index.at(-1) ?? 0;
  const slope = compile({ signature: "j->jk", entry: "{0}·([j = k] − {0:k})" }, [
    [line.shape.at(-1) ?? 0],
  ]);
  if (!slope) return null;
  const rowOf = (/** @type {Given} */ of) =>
    numbersOf({ ...of, value: before.length ? at(of.value, before) : of.value });
  const [g, a] = [rowOf(gradient), rowOf(outputs)];
  slope.data.push(a);
  const rows = windowOf(a.length, Math.floor((height - 40) / 22), j);
  const columns = windowOf(a.length, Math.floor((width - 170) / 52), j);
  const wide = Math.min(86, (width - 170) / columns.length);
  const tall = Math.min(50, (height - 40) / rows.length);
  const x = 4;
  const gx = x + wide * columns.length + 44;
  return {
    family: "softmax-slopes",
    title: TEXT.pictures.softmaxSlopes,
    said: TEXT.pictures.softmaxSlopesSaid,
    shapes: [
      text(x + (wide * columns.length) / 2, 14, `∂${nameOf(outputs)}/∂𝑧`, "middle.math"),
      text(gx, 14, nameOf(gradient), "middle.math"),
      tableOf({
        ...{ x, y: 22, wide, tall, most: 0.25, chosen: [rows.indexOf(j), columns.indexOf(j)] },
        cells: rows.map((r) =>
          columns.map((c) => ({ id: "", index: [r, c], value: slope.at([r, c]) })),
        ),
      }),
      columns.map((c, k) =>
        entry(
          gradient.id,
          [...before, c],
          plate(gx, 34 + (k * (tall * rows.length)) / columns.length + 4, g[c], { style: "read" }),
        ),
      ),
      entry(
        line.id,
        index,
        plate(width - 40, 22 + (rows.indexOf(j) + 0.5) * tall, Number(at(line.value, index)), {
          before: "= ",
          most: width,
        }),
      ),
    ],
  };
}
