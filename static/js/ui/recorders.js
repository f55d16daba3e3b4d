/** Pictures of a canvas as a file: an animated GIF, or a video where the browser records one. */

const SCALE = 1.5; // pixels of the file for one of the picture: sharp on a slide
const BITS = 4e6; // of a video, a second, at most
const TYPE = "video/webm";

/** @param {number} width @param {number} height of the picture @param {object} [options] */
function scaledCanvas(width, height, options) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SCALE);
  canvas.height = Math.round(height * SCALE);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", options));
  context.scale(SCALE, SCALE);
  return { canvas, context };
}

/**
 * A GIF, which a worker makes.
 * @param {string} address of the worker's script
 * @param {number} width @param {number} height of the picture
 */
export function createGifRecorder(address, width, height) {
  const worker = new Worker(address, { type: "module" });
  const { canvas, context } = scaledCanvas(width, height, { willReadFrequently: true });
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

/** Some browsers record nothing, some only MP4. */
export const recordsWebm = () =>
  "captureStream" in HTMLCanvasElement.prototype &&
  typeof MediaRecorder !== "undefined" &&
  MediaRecorder.isTypeSupported(TYPE);

/**
 * A WebM video, with the same functions; recording takes as long as the video.
 * @param {number} width @param {number} height of the picture
 */
export function createWebmRecorder(width, height) {
  const { canvas, context } = scaledCanvas(width, height);
  const stream = canvas.captureStream(0); // a frame only when one is asked for
  const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
  const recorder = new MediaRecorder(stream, { mimeType: TYPE, videoBitsPerSecond: BITS });
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  return {
    context,
    /** Show the canvas as it is now. @param {number} delay ms */
    async add(delay) {
      if (recorder.state === "inactive") recorder.start();
      track.requestFrame();
      await new Promise((resolve) => setTimeout(resolve, delay));
    },
    /** @returns {Promise<Blob>} */
    finish: () =>
      new Promise((resolve, reject) => {
        recorder.onstop = () => resolve(new Blob(parts, { type: TYPE }));
        recorder.onerror = () => reject(new Error("MediaRecorder"));
        track.requestFrame(); // the last one has an end
        recorder.stop();
      }),
    close() {
      if (recorder.state !== "inactive") recorder.stop();
      track.stop();
    },
  };
}
