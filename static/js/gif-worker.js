/** Makes a GIF beside the page: `{width, height}`, then `{pixels, delay}` for each frame, `{}`. */
import * as gifenc from "../vendor/gifenc.js";
import { createGif } from "./figures/gif.js";

/** @type {ReturnType<typeof createGif> | null} */
let gif = null;
addEventListener("message", ({ data }) => {
  if (data.width) gif = createGif(gifenc, data.width, data.height);
  else if (data.pixels) {
    gif?.add(data.pixels, data.delay);
    postMessage({ added: true });
  } else postMessage({ file: gif?.finish() });
});
