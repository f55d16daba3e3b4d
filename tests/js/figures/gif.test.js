import assert from "node:assert/strict";
import test from "node:test";
import { createGif } from "../../../static/js/figures/gif.js";
import * as gifenc from "../../../static/vendor/gifenc.js";

/** RGBA pixels of 8 × 8, all of one colour but the first few. */
function pixels(first, rest = [255, 255, 255, 255]) {
  const out = new Uint8ClampedArray(8 * 8 * 4);
  for (let i = 0; i < 64; i++) out.set(i < 3 ? first : rest, 4 * i);
  return out;
}

/** Delay (1/100 s) and transparent index of each frame of a file. */
function framesOf(file) {
  const frames = [];
  for (let i = 0; i < file.length - 8; i++)
    if (file[i] === 0x21 && file[i + 1] === 0xf9 && file[i + 2] === 4)
      frames.push({ delay: file[i + 4] + 256 * file[i + 5], clear: file[i + 6] });
  return frames;
}

function make(...pictures) {
  const gif = createGif(gifenc, 8, 8);
  for (const [picture, delay] of pictures) gif.add(picture, delay);
  return gif.finish();
}

test("a file has its size, each frame with its time, and repeats", () => {
  const file = make([pixels([200, 0, 0, 255]), 80], [pixels([0, 0, 200, 255]), 1100]);
  const text = String.fromCharCode(...file);
  assert.ok(text.startsWith("GIF89a\x08\x00\x08\x00"));
  assert.ok(text.includes("NETSCAPE2.0"));
  assert.equal(file.at(-1), 0x3b);
  assert.deepEqual(
    framesOf(file).map(({ delay }) => delay),
    [8, 110],
  );
});

test("of a frame only what has changed is written", () => {
  const one = pixels([200, 0, 0, 255]);
  const changed = make([one, 80], [pixels([0, 0, 200, 255]), 80]);
  const other = make([one, 80], [pixels([0, 0, 200, 255], [9, 9, 9, 255]), 80]);
  // one colour and "as before", or two colours
  assert.equal(framesOf(changed)[1].clear, 1);
  assert.equal(framesOf(other)[1].clear, 2);
});

test("a frame like the one before is only waited for", () => {
  const one = pixels([200, 0, 0, 255]);
  assert.equal(framesOf(make([one, 80], [one.slice(), 500])).length, 2);
});
