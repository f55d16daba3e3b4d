/**
 * A small picture as a data address, written without a canvas: a 24-bit BMP. The browser smooths it
 * when it stretches it, and changing it leaves the points of the figure alone.
 */

import { channels } from "./colour.js";

const HEADER = 54;

/**
 * @param {number} width @param {number} height
 * @param {(x: number, y: number) => [number, number, number]} colour of a cell, y from the bottom
 * @returns {string}
 */
export function bitmap(width, height, colour) {
  const stride = (3 * width + 3) & ~3;
  const out = new Uint8Array(HEADER + stride * height);
  const view = new DataView(out.buffer);
  out.set([0x42, 0x4d]); // "BM"
  view.setUint32(2, out.length, true);
  view.setUint32(10, HEADER, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true); // positive: rows from the bottom
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0, k = HEADER + y * stride; x < width; x++, k += 3) {
      const [red, green, blue] = colour(x, y);
      out[k] = blue;
      out[k + 1] = green;
      out[k + 2] = red;
    }
  }
  let binary = "";
  for (let k = 0; k < out.length; k += 8192)
    binary += String.fromCharCode(...out.subarray(k, k + 8192));
  return `data:image/bmp;base64,${btoa(binary)}`;
}

/**
 * A scale of colours as a table: a picture of thousands of cells looks its colours up.
 * @param {[number, string][]} scale from 0 to 1
 * @param {number} [size]
 * @returns {[number, number, number][]}
 */
export function colourTable(scale, size = 256) {
  const stops = scale.map(([at, hex]) => ({ at, channels: channels(hex) }));
  return Array.from({ length: size }, (_, i) => {
    const t = i / (size - 1);
    const k = Math.max(
      1,
      stops.findIndex(({ at }) => at >= t),
    );
    const [from, to] = [stops[k - 1], stops[k]];
    const part = to.at > from.at ? (t - from.at) / (to.at - from.at) : 0;
    const channel = (/** @type {0 | 1 | 2} */ c) =>
      Math.round(from.channels[c] + (to.channels[c] - from.channels[c]) * part);
    return [channel(0), channel(1), channel(2)];
  });
}
