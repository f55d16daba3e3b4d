/**
 * A small picture as a data address, written without a canvas: a 24-bit BMP. The browser smooths it
 * when it stretches it, and changing it leaves the points of the figure alone.
 */

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
 * A scale of colours as a table, so that a picture of thousands of cells needs no arithmetic on
 * colours.
 * @param {[number, string][]} scale from 0 to 1
 * @param {number} [size]
 * @returns {[number, number, number][]}
 */
export function colourTable(scale, size = 256) {
  const stops = scale.map(([at, hex]) => [
    at,
    [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)),
  ]);
  return Array.from({ length: size }, (_, i) => {
    const t = i / (size - 1);
    const k = Math.max(
      1,
      stops.findIndex(([at]) => at >= t),
    );
    const [[from, low], [to, high]] = [stops[k - 1], stops[k]];
    const part = to > from ? (t - from) / (to - from) : 0;
    return low.map((value, c) => Math.round(value + (high[c] - value) * part));
  });
}
