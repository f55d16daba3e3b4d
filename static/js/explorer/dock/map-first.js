/** What stands in the place of the map before one is drawn: what it shows, and a button. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";

/** @param {() => void} draw the map that is described @param {number} steps of each run */
export function mapFirst(draw, steps) {
  const button = h(
    "button.primary",
    { "data-action": "map-usual", onclick: draw },
    TEXT.map.drawUsual,
  );
  return h("div.map-first", h("p", TEXT.map.whatItShows(steps)), button);
}
