import { h } from "./dom.js";

const KEPT = 10_000; // ms, for browsers that read the data late

/** Let the browser save data as a file. @param {Blob} data @param {string} name of the file */
export function download(data, name) {
  const address = URL.createObjectURL(data);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT);
}
