/**
 * An animated GIF from pictures of one size. Of each frame only what differs from the one before is
 * written, with a palette each: a walk through 11 lines takes some 500 kB.
 */
const COLOURS = 255; // and one for "as before"

/**
 * @param {{GIFEncoder: () => any, quantize: (rgba: Uint8Array, most: number) => number[][],
 *   applyPalette: (rgba: Uint8Array, palette: number[][]) => Uint8Array}} gifenc of static/vendor,
 *   any: it has no types
 * @param {number} width @param {number} height
 */
export function createGif({ GIFEncoder, quantize, applyPalette }, width, height) {
  const encoder = GIFEncoder();
  /** @type {Uint32Array | null} */
  let before = null;
  return {
    /**
     * @param {Uint8ClampedArray} pixels RGBA, row by row
     * @param {number} delay ms
     */
    add(pixels, delay) {
      const now = new Uint32Array(pixels.buffer.slice(0));
      /** @type {number[]} */
      const changed = [];
      for (let i = 0; i < now.length; i++) if (!before || before[i] !== now[i]) changed.push(i);
      const sample = new Uint32Array(changed.length || 1);
      changed.forEach((i, k) => {
        sample[k] = now[i];
      });
      const rgba = new Uint8Array(sample.buffer);
      const palette = quantize(rgba, COLOURS);
      const colours = applyPalette(rgba, palette);
      const clear = palette.length;
      const index = new Uint8Array(now.length).fill(clear);
      changed.forEach((i, k) => {
        index[i] = colours[k];
      });
      encoder.writeFrame(index, width, height, {
        palette: [...palette, [0, 0, 0]],
        delay,
        transparent: true,
        transparentIndex: clear,
        dispose: 1, // the next one is drawn over it
        repeat: 0,
      });
      before = now;
    },
    /** @returns {Uint8Array} the file */
    finish() {
      encoder.finish();
      return encoder.bytes();
    },
  };
}
