/** Pictures of a canvas as a WebM video, which the browser records while they are shown in turn. */

const SCALE = 1.5; // pixels of the file for one of the picture, as in gif-recorder.js
const BITS = 4e6; // a second, at most
const TYPE = "video/webm";

/** Some browsers record nothing, some only MP4. */
export const recordsWebm = () =>
  "captureStream" in HTMLCanvasElement.prototype &&
  typeof MediaRecorder !== "undefined" &&
  MediaRecorder.isTypeSupported(TYPE);

/**
 * Same functions as the recorder of a GIF; recording takes as long as the video.
 * @param {number} width @param {number} height of the picture
 */
export function createWebmRecorder(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SCALE);
  canvas.height = Math.round(height * SCALE);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(SCALE, SCALE);
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
