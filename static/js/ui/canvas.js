/** A canvas below a figure, as sharp as the screen. */
import { h } from "./dom.js";

/** @param {HTMLElement} before the figure @param {string} name its class */
export function createCanvas(before, name) {
  const element = h("canvas[aria-hidden=true]", { class: name });
  before.before(element);
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
  return {
    element,
    context,
    /**
     * An empty canvas of a size in pixels of the page.
     * @param {number} width @param {number} height
     */
    clear(width, height) {
      const ratio = globalThis.devicePixelRatio || 1;
      const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (element.width !== across || element.height !== down) {
        element.width = across;
        element.height = down;
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      return context;
    },
  };
}
