/** A unit over a picture: its weights times the picture are products, which are added. */
import { at, reads } from "../core/entries.js";
import { number } from "../core/format.js";
import { TEXT } from "../text/en.js";
import {
  bar,
  box,
  entry,
  inputsOf,
  largest,
  numeral,
  rule,
  scale,
  sign,
  text,
  widthOf,
} from "./shapes.js";

/** @param {View} view @returns {Drawing | null} null: the line reads no picture */
export function templates(view) {
  const { line, index, image, pixel, width, height } = view;
  const inputs = inputsOf(view);
  const [x, W] = ["x", "W"].map((name) => inputs.findIndex(({ quantity }) => quantity === name));
  if (!image || x < 0 || W < 0 || inputs[x].shape.at(-1) !== image[0] * image[1]) return null;
  const patterns = reads(line, index);
  const entryAt = (/** @type {number} */ input, /** @type {number} */ k) =>
    patterns[input].map((value) => value ?? k);
  const count = image[0] * image[1];
  const pixels = Array.from({ length: count }, (_, k) => {
    const pair = [W, x].map((input) => Number(at(inputs[input].value, entryAt(input, k))));
    return [...pair, pair[0] * pair[1]];
  });
  const products = pixels.map(([, , product]) => product);
  const sum = (/** @type {number} */ part) =>
    products.reduce((all, each) => (each * part > 0 ? all + each : all), 0);
  const sums = [sum(1), sum(-1), Number(at(line.value, index))];
  const chosen = pixel ?? products.indexOf(Math.max(...products));
  const wide = (width - 56) / 3;
  const side = Math.min(wide, height - 92);
  const cell = side / image[1];
  const left = [0, 1, 2].map((k) => k * (side + 28));
  const most = [0, 1, 2].map((part) => largest(pixels.map((each) => each[part])));
  const bars = scale([Math.min(0, sums[1]), Math.max(...sums, 0)], 130, width - 70);
  const below = 22 + cell * image[0];
  const pitch = Math.min(20, (height - below - 20) / 3);
  return {
    family: "templates",
    title: TEXT.templates.title(index[index.length - 1]),
    said: TEXT.templates.said,
    shapes: [
      TEXT.templates.three.map((words, part) =>
        text(
          left[part],
          11,
          0.82 * widthOf(words) < side + 16 ? words : words.split(",")[0],
          "small",
        ),
      ),
      ["×", "="].map((words, k) => text(left[k + 1] - 14, 18 + side / 2, words, "middle.math")),
      pixels.map((each, k) =>
        entry(
          inputs[W].id,
          entryAt(W, k),
          each.map((value, part) => {
            const [row, column] = [Math.floor(k / image[1]), k % image[1]];
            const place = [left[part] + column * cell, 18 + row * cell];
            const shape = box(place[0], place[1], cell, cell, `cell.${sign(value)}`);
            shape.data = { "fill-opacity": (Math.abs(value) / most[part]).toFixed(3) };
            return shape;
          }),
        ),
      ),
      left.map((from) => [
        box(from, 18, side, cell * image[0], "frame"),
        box(
          from + (chosen % image[1]) * cell,
          18 + Math.floor(chosen / image[1]) * cell,
          cell,
          cell,
          "frame.chosen",
        ),
      ]),
      text(
        0,
        below + 12,
        `${TEXT.templates.pixel(Math.floor(chosen / image[1]), chosen % image[1])}: ` +
          pixels[chosen]
            .map((each, part) => `${["", " · ", " = "][part]}${number(each, 3)}`)
            .join(""),
        "strong",
      ),
      rule(bars(0), below + 18, bars(0), below + 20 + 3 * pitch, "zero"),
      TEXT.templates.sums.map((words, k) => {
        const y = below + 20 + k * pitch;
        const from = k === 1 ? sums[0] + sums[1] : 0;
        const to = k === 1 ? sums[0] : sums[k];
        return [
          text(0, y + pitch / 2 + 4, words),
          bar(
            bars(Math.max(bars.range[0], from)),
            bars(to),
            y + 2,
            Math.max(4, pitch - 5),
            ["above", "below", "phase"][k],
          ),
          numeral(
            Math.max(bars(from), bars(to)) + 6,
            y + pitch / 2 + 4,
            sums[k],
            k === 2 ? { style: "strong" } : {},
          ),
        ];
      }),
    ],
  };
}
