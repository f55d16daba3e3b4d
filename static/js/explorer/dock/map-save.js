/** The map of runs as NumPy in the clipboard, and as a file: CSV or a picture. */
import { bytes } from "../../core/decode.js";
import { mapAsCsv, mapAsNumpy } from "../../core/sweep.js";
import { TEXT } from "../../text/en.js";
import { copyText } from "../../ui/clipboard.js";
import { write } from "../../ui/dom.js";
import { download } from "../../ui/download.js";

/** @typedef {"numpy" | "csv" | "picture"} Form */

/**
 * @param {{Plotly: Plotly, box: HTMLElement, plot: {size: () => {width: number, height: number}},
 *   said: HTMLElement}} context said: where it says what it did
 */
export function mapSave({ Plotly, box, plot, said }) {
  /** @param {string} text */
  async function copy(text) {
    if (await copyText(text)) write(said, TEXT.map.copied);
    else download(new Blob([text], { type: "text/x-python" }), "map.py");
  }

  async function savePicture() {
    const address = await Plotly.toImage(box, { format: "png", ...plot.size(), scale: 3 });
    // Not with fetch: the page's policy does not let it read data addresses.
    const picture = new Uint8Array(bytes(address.slice(address.indexOf(",") + 1)));
    download(new Blob([picture], { type: "image/png" }), "map.png");
  }

  /**
   * @param {Form} as @param {Sweep} sweep with the values of its axes
   * @param {Cells} cells
   */
  return (as, sweep, cells) => {
    if (as === "numpy") copy(mapAsNumpy(sweep, cells));
    else if (as === "csv")
      download(new Blob([mapAsCsv(sweep, cells)], { type: "text/csv" }), "map.csv");
    else savePicture();
  };
}
