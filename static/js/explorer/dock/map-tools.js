/** The buttons above the map of runs. */
import { TEXT } from "../../text/en.js";
import { button, h, write } from "../../ui/dom.js";

/**
 * @param {{stop: () => void, open: () => void, zoom: () => void, back: () => void, size: () =>
 *   void, curves: (which: "row" | "column") => void, save: (as: "numpy" | "csv") => void}} on stop:
 *   also goes on; size: larger or smaller
 */
export function mapTools(on) {
  /** @param {string} name @param {string} text @param {string} title @param {() => void} run */
  const tool = (name, text, title, run) => button(`${name}.small`, text, run, { title });
  const form = h("button.small[popovertarget=map-form][data-action=map-form]", TEXT.map.axes);
  const stop = tool("map-stop", TEXT.map.stop, TEXT.map.stopTitle, on.stop);
  const open = tool("map-open", TEXT.map.open, TEXT.map.openTitle, on.open);
  const zoom = tool("map-zoom", TEXT.map.zoom, TEXT.map.zoomTitle, on.zoom);
  const back = tool("map-out", TEXT.map.back, TEXT.map.backTitle, on.back);
  const more = h(
    "span.map-more",
    tool("map-row", TEXT.map.row, TEXT.map.rowTitle, () => on.curves("row")),
    tool("map-column", TEXT.map.column, TEXT.map.columnTitle, () => on.curves("column")),
    tool("map-numpy", TEXT.map.numpy, TEXT.map.numpyTitle, () => on.save("numpy")),
    tool("map-csv", TEXT.map.csv, TEXT.map.csvTitle, () => on.save("csv")),
  );
  const size = tool("map-large", TEXT.map.larger, TEXT.map.largerTitle, on.size);
  const close = tool("map-close", "×", TEXT.map.close, on.size);
  close.setAttribute("aria-label", TEXT.map.close);
  return {
    element: h(
      "div.map-tools[role=toolbar]",
      { "aria-label": TEXT.map.tools },
      ...[form, stop, open, zoom, back, more, size, close],
    ),
    /**
     * @param {{busy: boolean, missing: boolean, cell: boolean, back: boolean}} what cell: one is
     *   chosen; back: there is a map before
     */
    show({ busy, missing, cell, back: before }) {
      write(stop, busy ? TEXT.map.stop : TEXT.map.goOn);
      stop.hidden = !(busy || missing);
      for (const each of [open, zoom]) each.disabled = !cell;
      back.disabled = !before;
    },
  };
}
