/** What the Plotly figures of the dock share. */

import { number } from "../../core/format.js";
import { NOT_SHOWN } from "../../core/veil.js";
import { TEXT } from "../../text/en.js";
import { h, set } from "../../ui/dom.js";

/** What Plotly draws a figure into. @param {string} name of the figure */
export const plotBox = (name) =>
  h("div.plot[role=img]", { "data-figure": name, "aria-label": TEXT.dock.figures[name].heading });

/**
 * A figure that would show what a lesson asks is cleared.
 * @param {HTMLElement} box @param {ReturnType<typeof import("../../ui/plot.js").createPlot>} plot
 * @param {boolean} veiled @returns {boolean} whether it is
 */
export function clearIfVeiled(box, plot, veiled) {
  box.classList.toggle("veiled", veiled);
  if (!veiled) return false;
  plot.clear();
  set(box, { "aria-label": NOT_SHOWN });
  return true;
}

/**
 * A click goes to the step at its horizontal place, anywhere in the figure.
 * @param {HTMLElement} box @param {"xaxis" | "xaxis2"} name of the axis of steps
 * @param {Pick<FigureServices, "store" | "session" | "player">} services
 * @param {number} [edge] pixels beside the axis that still count
 */
export function clickGoesToStep(box, name, { store, session, player }, edge = 0) {
  box.addEventListener("click", (event) => {
    const axis = /** @type {PlotElement} */ (box)._fullLayout?.[name];
    const { history, playing } = store.state;
    if (!axis || !history) return;
    const x = event.clientX - box.getBoundingClientRect().left - axis._offset;
    if (x < -edge || x > axis._length + edge) return;
    if (playing) player.pause();
    session.go(Math.round(Math.max(0, Math.min(axis.p2d(x), history.reached))));
  });
}

/**
 * A number of each part: "0.31 on train and 0.35 on test".
 * @param {{train: number | null, test: number | null}} value @param {Data | null} data
 */
export const onParts = ({ train, test }, data) =>
  TEXT.figures.onTrain(
    number(train, 3),
    data?.test.x.length ? TEXT.figures.andOnTest(number(test, 3)) : "",
  );
