/**
 * Products of matrices on the way back: bands through the weights, and the table of a row and a
 * column; tables of slopes.
 */
import { at, writeOut } from "../core/entries.js";
import { compile } from "../core/expression.js";
import { number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { variable } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { s } from "../ui/dom.js";
import { sourceOf, termsOf } from "../ui/ledger.js";
import { entryName } from "../ui/written-out.js";
import {
  digitsIn,
  entry,
  inputsOf,
  largest,
  numbersOf,
  numeral,
  plate,
  sign,
  text,
} from "./marks.js";

const MOST_BANDS = 5; // the smaller ones as one

/**
 * A band between two heights, as wide at both ends as the numbers are large.
 * @param {number} x0 @param {number} y0 @param {number} w0 @param {number} x1 @param {number} y1
 * @param {number} w1 @param {string} style
 */
function band(x0, y0, w0, x1, y1, w1, style) {
  const middle = (x0 + x1) / 2;
  const [a, b] = [Math.max(0.6, w0 / 2), Math.max(0.6, w1 / 2)];
  return s("path", {
    d: `M${x0},${y0 - a}C${middle},${y0 - a} ${middle},${y1 - b} ${x1},${y1 - b}V${y1 + b}C${middle},${y1 + b} ${middle},${y0 + a} ${x0},${y0 + a}Z`,
    class: `bar ${style}`,
  });
}

/** Each gradient comes through its weight; what arrives is added. @param {View} view
 * @returns {Drawing | null} */
export function bands(view) {
  const { line, index, width, height } = view;
  const inputs = inputsOf(view);
  const { parts, folded } = writeOut(
    line,
    index,
    inputs.map(({ value }) => value),
    { terms: MOST_BANDS },
  );
  const terms = termsOf(parts) ?? parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  if (!terms.length || terms.some(({ reads, value }) => reads.length !== 2 || value === null))
    return null;
  const total = at(line.value, index);
  // the gradient is the one of the two factors that a line of the way back has computed
  const isGradient = (/** @type {number} */ k) => /^dC_/.test(line.inputs[k] ?? "");
  const rows = terms.map((term) => {
    const [first, second] = term.reads;
    const [gradient, weight] = isGradient(first.input) ? [first, second] : [second, first];
    const of = (/** @type {typeof first} */ read) => ({
      id: line.inputs[read.input],
      index: read.index,
      value: Number(at(inputs[read.input].value, read.index)),
    });
    return {
      gradient: of(gradient),
      weight: of(weight),
      value: Number(term.value),
      label: sourceOf(term, line),
    };
  });
  const count = rows.length + (folded ? 1 : 0);
  const pitch = Math.min(44, (height - 30) / count);
  const top = 26 + (height - 26 - pitch * count) / 2;
  const thick = Math.min(
    80,
    (0.86 * pitch) / largest(rows.flatMap((row) => [row.value, row.gradient.value])),
    64 / rows.reduce((sum, { value }) => sum + Math.abs(value), 1e-300),
  );
  const place = (/** @type {number} */ k) => top + (k + 0.5) * pitch;
  const middle = top + (pitch * count) / 2;
  const [unit, product, box, end] = [74, 0.39 * width, 0.6 * width, width - 46];
  const sizes = [...rows.map(({ value }) => value), folded?.sum ?? 0].map(
    (value) => Math.abs(value) * thick,
  );
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const arrivals = sizes.map(
    (size, k) =>
      middle - all / 2 + sizes.slice(0, k).reduce((sum, each) => sum + each, 0) + size / 2,
  );
  const [gradients, weights] = isGradient(rows[0].gradient.id === line.inputs[0] ? 0 : 1)
    ? [rows[0].gradient.id, rows[0].weight.id]
    : ["", ""];
  const name = entryName(line, index);
  const nameOfInput = (/** @type {string} */ id) =>
    nameOf(/** @type {Line} */ (variable(view.trace, id)));
  const boxed = 74;
  return {
    family: "bands",
    title: TEXT.pictures.bands(name),
    said: TEXT.pictures.bandsSaid,
    marks: [
      text(product, 12, TEXT.pictures.product, "middle small"),
      weights ? text(box + boxed / 2, 12, nameOfInput(weights), "middle math") : null,
      gradients ? text(end, 12, nameOfInput(gradients), "middle math") : null,
      rows.map(({ gradient, weight, value }, k) => {
        const y = place(k);
        const wide = Math.abs(gradient.value) * thick;
        return [
          band(unit, arrivals[k], sizes[k], product - 36, y, sizes[k], sign(value)),
          band(product + 36, y, sizes[k], box, y, sizes[k], sign(value)),
          band(box + boxed, y, wide, end - 34, y, wide, `${sign(gradient.value)} pale`),
          numeral(product, y + 5, value, { style: `middle ${sign(value)}` }),
          entry(
            weight.id,
            weight.index,
            s("rect", {
              x: box,
              y: y - 11,
              width: boxed,
              height: 22,
              rx: 4,
              class: `box ${sign(weight.value)}`,
            }),
            numeral(box + boxed / 2, y + 5, weight.value, {
              style: "middle",
              digits: 3,
              before: "× ",
            }),
          ),
          entry(
            gradient.id,
            gradient.index,
            plate(end, y, gradient.value, { style: "read", most: width }),
          ),
        ];
      }),
      folded
        ? [
            band(
              unit,
              arrivals[rows.length],
              sizes[rows.length],
              product - 36,
              place(rows.length),
              sizes[rows.length],
              sign(folded.sum ?? 0),
            ),
            numeral(product, place(rows.length) + 5, folded.sum ?? 0, {
              style: `middle ${sign(folded.sum ?? 0)}`,
            }),
            text(
              box + boxed / 2,
              place(rows.length) + 5,
              TEXT.pictures.others(folded.count),
              "middle small",
            ),
          ]
        : null,
      text(unit / 2, middle - 24, TEXT.pictures.total, "middle small"),
      entry(
        line.id,
        index,
        s("rect", { x: 1, y: middle - 16, width: unit - 2, height: 32, rx: 5, class: "box phase" }),
        text(unit / 2, middle - 1, name, "middle math"),
        plate(unit / 2, middle + 16, total, {}),
      ),
    ],
  };
}

/**
 * A table of numbers: a cell is as strong as its number is large, blue above 0, orange below. Large
 * tables have numbers only at the chosen row and column.
 * @param {{x: number, y: number, width: number, height: number, cells: {id: string, index: number[],
 *   value: number}[][], chosen: {row: number, column: number} | null, pale?: boolean,
 *   most: number}} table pale: not what the line is about
 */
function tableOf({ x, y, width, height, cells, chosen, pale, most }) {
  const [wide, tall] = [width / cells[0].length, height / cells.length];
  const roomy = wide > 40 && tall > 15;
  return cells.flatMap((row, r) =>
    row.map(({ id, index, value }, c) => {
      const own = chosen?.row === r && chosen.column === c;
      const share = Math.min(1, Math.abs(value) / most);
      return entry(
        id,
        index,
        s("rect", {
          ...{
            x: x + c * wide + 1.5,
            y: y + r * tall + 1.5,
            width: wide - 3,
            height: tall - 3,
            rx: 3,
          },
          class: `cell ${sign(value)}${own ? " chosen" : ""}`,
          "fill-opacity": (share * (pale ? 0.4 : 0.75)).toFixed(3),
        }),
        roomy || own
          ? numeral(x + (c + 0.5) * wide, y + (r + 0.5) * tall + 5, value, {
              style: `middle${pale ? " soft" : ""}`,
              digits: digitsIn(value, wide - 6),
            })
          : null,
      );
    }),
  );
}

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
  const gradient = line.inputs.find((id) => /^dC_/.test(id)) ?? line.inputs[0];
  const sibling = trace.lines.find(
    (each) =>
      each !== line &&
      each.phase === line.phase &&
      each.inputs.includes(gradient) &&
      /(weight|bias)_gradient$/.test(each.op) &&
      each.shape.length !== line.shape.length,
  );
  const other = sibling && known(sibling.id) && !sibling.left_out ? sibling : null;
  const [weights, biases] = isBias ? [other, line] : [line, other];
  if (line.shape.length > 2 || (isBias && !weights)) return null;
  const below = weights?.inputs.find((id) => id !== gradient);
  const [errors, inputs] = [variable(trace, gradient), variable(trace, below ?? "")];
  if (!errors || !inputs || !weights) return null;
  const letters = weights.signature.split("->")[1];
  // in which order the table has its two axes: errors run down
  const down = weights.signature
    .split("->")[0]
    .split(",")
    [weights.inputs.indexOf(gradient)].includes(letters[0])
    ? 0
    : 1;
  const chosenRow = isBias ? view.index[0] : view.index[down];
  const chosenColumn = isBias ? -1 : view.index[1 - down];
  const single = errors.shape.length === 1 || errors.shape[0] === 1;
  const head = 84;
  const mostColumns = width > 380 ? 6 : 4;
  const rows = windowOf(
    weights.shape[down],
    Math.max(3, Math.floor((height - 50) / 22)),
    chosenRow,
  );
  const columns = windowOf(weights.shape[1 - down], mostColumns, Math.max(0, chosenColumn));
  const bias = biases ? 0.19 * width : 0;
  const room = width - head - bias - (bias ? 12 : 0);
  const top = 44;
  const tall = Math.min(40, (height - top - 16) / rows.length);
  const wide = Math.min(116, room / columns.length);
  const one = (/** @type {Given} */ of, /** @type {number} */ k) => {
    const index = of.shape.length > 1 ? [0, k] : [k];
    return { id: of.id, index, value: Number(at(of.value, index)) };
  };
  const most = largest([...numbersOf(weights), ...(biases ? numbersOf(biases) : [])]);
  /** @param {ReturnType<typeof one>} each @param {number} x @param {number} y @param {number} w @param {boolean} on */
  const header = (each, x, y, w, on) =>
    entry(
      each.id,
      each.index,
      s("rect", {
        x: x + 1.5,
        y: y + 1.5,
        width: w - 3,
        height: Math.min(tall, 26) - 3,
        rx: 3,
        class: `head${on ? " on" : ""}`,
      }),
      single
        ? numeral(x + w / 2, y + Math.min(tall, 26) / 2 + 5, each.value, {
            style: "middle",
            digits: digitsIn(each.value, w - 6),
          })
        : text(
            x + w / 2,
            y + Math.min(tall, 26) / 2 + 5,
            String(each.index.at(-1)),
            "middle small",
          ),
    );
  const cells = rows.map((r) =>
    columns.map((c) => {
      const index = down === 0 ? [r, c] : [c, r];
      return { id: weights.id, index, value: Number(at(weights.value, index)) };
    }),
  );
  const x1 = head + wide * columns.length + 12;
  const row = rows.indexOf(chosenRow);
  return {
    family: "grid",
    title: isBias ? TEXT.pictures.gridOfBias : TEXT.pictures.grid,
    said: isBias
      ? TEXT.pictures.gridBiasSaid
      : single
        ? TEXT.pictures.gridSaid
        : TEXT.pictures.gridBatch(errors.shape[0]),
    marks: [
      text(head + (wide * columns.length) / 2, 13, nameOf(inputs), "middle math"),
      text(head / 2, 36, nameOf(errors), "middle math"),
      columns.map((c, k) => header(one(inputs, c), head + k * wide, 18, wide, c === chosenColumn)),
      rows.map((r, k) =>
        header(
          one(errors, r),
          0,
          top + k * tall + Math.max(0, tall - 26) / 2,
          head - 6,
          r === chosenRow,
        ),
      ),
      tableOf({
        x: head,
        y: top,
        width: wide * columns.length,
        height: tall * rows.length,
        cells,
        chosen: isBias ? null : { row, column: columns.indexOf(chosenColumn) },
        pale: isBias,
        most,
      }),
      biases
        ? [
            text(x1 + bias / 2, 13, TEXT.pictures.always, "middle small"),
            s("rect", {
              x: x1 + 1.5,
              y: 19.5,
              width: bias - 3,
              height: 23,
              rx: 3,
              class: `head${isBias ? " on" : ""}`,
            }),
            text(x1 + bias / 2, 36, "1", "middle math"),
            tableOf({
              x: x1,
              y: top,
              width: bias,
              height: tall * rows.length,
              most,
              pale: !isBias,
              chosen: isBias ? { row, column: 0 } : null,
              cells: rows.map((r) => [
                { id: biases.id, index: [r], value: Number(at(biases.value, [r])) },
              ]),
            }),
            text(
              x1 + bias / 2,
              top + tall * rows.length + 14,
              TEXT.pictures.biases(biases.shape[0]),
              "middle small",
            ),
          ]
        : null,
      text(
        head + (wide * columns.length) / 2,
        top + tall * rows.length + 14,
        TEXT.pictures.weights(numbersOf(weights).length),
        "middle small",
      ),
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
      const own = [...before, r, c];
      return { id: line.id, index: own, value: Number(at(line.value, own)) };
    }),
  );
  const wide = Math.min(92, (width - 40) / columns.length);
  const tall = Math.min(34, (height - 34) / rows.length);
  const values = numbersOf(line);
  const zeros = values.filter((value) => value === 0).length;
  return {
    family: "jacobian",
    title: TEXT.pictures.jacobian,
    said: TEXT.pictures.jacobianSaid(zeros, values.length),
    marks: [
      columns.map((c, k) =>
        text(36 + (k + 0.5) * wide, 14, String(c), `middle small${c === j ? " strong" : ""}`),
      ),
      rows.map((r, k) =>
        text(22, 20 + (k + 0.5) * tall + 5, String(r), `middle small${r === i ? " strong" : ""}`),
      ),
      tableOf({
        x: 36,
        y: 20,
        width: wide * columns.length,
        height: tall * rows.length,
        cells,
        chosen: { row: rows.indexOf(i), column: columns.indexOf(j) },
        most: largest(values),
      }),
    ],
  };
}

const PITCH = 34; // of a class

/**
 * What softmax makes of sums: their exponentials, and the shares of these.
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
    marks: [
      text(z0, 13, nameOf(input), "middle math"),
      text(e0 + 10, 13, shift ? TEXT.pictures.expShifted : "exp(z)", "math"),
      text(a0 + 10, 13, TEXT.pictures.share, "math"),
      [z0, e0, a0].map((x) =>
        s("line", { x1: x, x2: x, y1: 20, y2: 24 + pitch * shown.length, class: "axis" }),
      ),
      shown.map((k, row) => {
        const y = 24 + row * pitch;
        const on = k === index.at(-1);
        const base = y + thick / 2 + 5;
        const share = Number(at(line.value, all[k]));
        const z = (0.3 * room * sums[k]) / zMost;
        const strong = on ? "" : " pale";
        return entry(
          line.id,
          all[k],
          text(0, base, nameOfClass(k), on ? "strong" : ""),
          s("rect", {
            x: Math.min(z0, z0 + z),
            y,
            width: Math.max(0.6, Math.abs(z)),
            height: thick,
            class: `bar ${sign(sums[k])}${strong}`,
          }),
          numeral(Math.max(z0, z0 + z) + 5, base, sums[k], { digits: 3 }),
          s("rect", {
            x: e0,
            y,
            width: Math.max(0.6, (long * powers[k]) / Math.max(...powers)),
            height: thick,
            class: `bar above${strong}`,
          }),
          numeral(e0 + (long * powers[k]) / Math.max(...powers) + 5, base, powers[k], {
            digits: 3,
          }),
          s("rect", {
            x: a0,
            y,
            width: Math.max(0.6, long * share),
            height: thick,
            class: `bar phase${strong}`,
          }),
          numeral(a0 + long * share + 5, base, share, { style: on ? "phase strong" : "" }),
        );
      }),
      text(e0, 40 + pitch * shown.length, TEXT.pictures.sumIs(number(total)), "small"),
      text(a0, 40 + pitch * shown.length, TEXT.pictures.sumIs("1"), "small"),
    ],
  };
}

/**
 * The gradient through softmax: a row of its table of slopes with the gradients of the shares.
 * @param {View} view @returns {Drawing | null}
 */
export function softmaxSlopes(view) {
  const { line, index, width, height } = view;
  const [gradient, shares] = inputsOf(view);
  const before = index.slice(0, -1);
  const j = index.at(-1) ?? 0;
  const slope = compile({ signature: "j->jk", entry: "{0}·([j = k] − {0:k})" }, [
    [line.shape.at(-1) ?? 0],
  ]);
  if (!slope) return null;
  const own = (/** @type {Given} */ of) =>
    numbersOf({ ...of, value: before.length ? at(of.value, before) : of.value });
  const [g, a] = [own(gradient), own(shares)];
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
    marks: [
      text(x + (wide * columns.length) / 2, 14, `∂${nameOf(shares)}/∂𝑧`, "middle math"),
      text(gx, 14, nameOf(gradient), "middle math"),
      tableOf({
        ...{ x, y: 22, width: wide * columns.length, height: tall * rows.length, most: 0.25 },
        chosen: { row: rows.indexOf(j), column: columns.indexOf(j) },
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
