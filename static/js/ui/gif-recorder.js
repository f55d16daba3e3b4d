/** Pictures of a canvas as an animated GIF, which a worker makes. */

const SCALE = 1.5; // pixels of the file for one of the picture: sharp on a slide

/**
 * @param {string} address of the worker's script
 * @param {number} width @param {number} height of the picture
 */
export function createRecorder(address, width, height) {
  const worker = new Worker(address, { type: "module" });
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SCALE);
  canvas.height = Math.round(height * SCALE);
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  context.scale(SCALE, SCALE);
  worker.postMessage({ width: canvas.width, height: canvas.height });
  /** @param {object} message @param {Transferable[]} [moved] @returns {Promise<any>} any: answer */
  const ask = (message, moved = []) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message, moved);
    });
  return {
    context,
    /** Take the canvas as it is now. @param {number} delay ms that it is shown */
    async add(delay) {
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      await ask({ pixels: data, delay }, [data.buffer]);
    },
    /** @returns {Promise<Blob>} */
    async finish() {
      const { file } = await ask({});
      return new Blob([file], { type: "image/gif" });
    },
    close: () => worker.terminate(),
  };
}
