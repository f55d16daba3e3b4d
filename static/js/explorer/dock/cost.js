/**
 * The cost around the parameters of the step: along the gradient, over a plane, over two weights.
 * Computed on demand; while the network plays only if a button is pressed.
 */

import { queryOf } from "../../core/slice.js";
import { costVeiled, gradientsVeiled, NOT_SHOWN } from "../../core/veil.js";
import { lineTexts, planeTexts, stillFalls } from "../../figures/slice-texts.js";
import { lineFigure, planeFigure } from "../../figures/slices.js";
import { Problem } from "../../server/api.js";
import { TEXT } from "../../text/en.js";
import { titledDialog } from "../../ui/dialog.js";
import { button, h, set, write } from "../../ui/dom.js";
import { createPlot } from "../../ui/plot.js";
import { palette } from "../../ui/theme.js";
import { createCostBar, sliceOf } from "./cost-bar.js";

/** @typedef {ReturnType<typeof createPlot>} Plot */

const NAME = "cost";
const DELAY = 150; // ms after the last change of the step, before the cost is requested
const FURTHER = 5; // times as far, twice at most, where the cost still falls at the end of the line
const COMPUTING = TEXT.slices.computing;

/** @param {Place} place @param {FigureServices} services */
export function mountCost({ section }, { store, painter, session, api, Plotly }) {
  const { state } = store;
  /** @type {{key: string, answer?: SliceAnswer, refused?: string} | null} the last answer */
  let found = null;
  let requested = ""; // key of the request on its way
  let timer = 0;
  /** @type {Map<Plot, string>} what each of the two plots shows */
  const drawn = new Map();

  const bar = createCostBar(store, () => {
    dialog.showModal();
    painter.redraw(NAME);
  });
  const box = h("div.plot[data-figure=loss-slice][role=img]", { "aria-label": TEXT.slices.title });
  const said = h("p.slice-said.shortened[data-readout=slice]");
  const drawNow = button("slice-now.link", TEXT.slices.drawNow, () => request(keyOf()), {
    hidden: true,
  });
  const root = h(
    "div.slice-panel[data-slot=slice]",
    bar.element,
    box,
    h("div.slice-foot.fine.soft", said, drawNow),
  );
  section.append(root);
  const plot = createPlot(Plotly, box, () => painter.redraw(NAME));

  const largeBox = h("div.plot[data-figure=loss-slice-large][role=img]");
  const largeSaid = h("p");
  const dialog = titledDialog(
    { name: "slice-dialog", title: TEXT.slices.aroundStep },
    largeBox,
    largeSaid,
  );
  const largePlot = createPlot(Plotly, largeBox, () => dialog.open && painter.redraw(NAME));

  /** Both gradients come in one answer. */
  const keyOf = () => {
    const slice = sliceOf(state);
    const name = slice.kind === "gradient" ? slice.kind : state.slice;
    return [state.experiment?.id, state.frame?.step, name].join("|");
  };

  function requestLater(/** @type {string} */ key) {
    clearTimeout(timer);
    timer = setTimeout(() => keyOf() === key && !state.playing && request(key), DELAY);
  }

  async function request(/** @type {string} */ key) {
    const { experiment, frame } = state;
    if (!experiment || requested === key) return;
    requested = key;
    painter.redraw(NAME);
    const query = queryOf(sliceOf(state));
    const answer = await session.ask("slice", async (signal) => {
      /** @param {number} [span] @returns {Promise<SliceAnswer>} */
      const read = (span) => api.slice(experiment.id, frame.step, { ...query, span }, signal);
      try {
        let best = await read();
        for (let k = 0; k < 2 && best.kind === "gradient" && stillFalls(best); k++)
          best = await read(FURTHER * best.directions[0].t[best.directions[0].t.length - 1]);
        return { answer: best };
      } catch (error) {
        if (error instanceof Problem && error.status === 422)
          return { refused: error.errors[0]?.message ?? error.message };
        throw error;
      }
    });
    if (requested === key) requested = "";
    if (answer) found = { key, ...answer };
    painter.redraw(NAME);
  }

  /**
   * Nothing is drawn twice.
   * @param {Plot} where @param {SliceAnswer} answer @param {boolean} square
   */
  function draw(where, answer, square) {
    const { width, height } = where.size();
    const now = [found?.key, state.slice, width, height, document.documentElement.dataset.theme];
    if (!where.visible || drawn.get(where) === now.join("|")) return;
    const slice = sliceOf(state);
    where.draw(
      answer.kind === "gradient"
        ? lineFigure(answer, slice.kind === "gradient" ? slice.of : "batch", palette(), {
            width,
            height,
          })
        : planeFigure(answer, palette(), { width, height, square }),
    );
    drawn.set(where, now.join("|"));
  }

  painter.add(NAME, 300, () => {
    if (state.tab !== NAME || !state.frame || !state.data) return;
    bar.draw();
    // a lesson asks for the cost or for what leads to it, which the figure would show
    const hidden = costVeiled(state) || gradientsVeiled(state);
    box.hidden = bar.larger.hidden = hidden;
    if (hidden) {
      drawNow.hidden = true;
      set(said, { title: null });
      return write(said, NOT_SHOWN);
    }
    const key = keyOf();
    const current = found?.key === key;
    const idle = !state.playing && !state.pending;
    if (!current && idle && requested !== key) requestLater(key);
    drawNow.hidden = current || !state.playing || requested !== "";
    if (!found) return write(said, COMPUTING);
    const { answer, refused = COMPUTING } = found;
    const slice = sliceOf(state);
    root.classList.toggle("stale", !current);
    if (!answer) return write(said, current ? refused : COMPUTING);
    if (answer.kind !== slice.kind) return write(said, COMPUTING);
    const { summary, sentence } =
      answer.kind === "gradient"
        ? lineTexts(answer, slice.kind === "gradient" ? slice.of : "batch")
        : planeTexts(answer, state.data.train.x.length);
    write(said, current ? summary : TEXT.slices.thisIsStep(answer.step));
    set(said, { title: sentence });
    draw(plot, answer, false);
    set(box, { "aria-label": TEXT.slices.costAroundStep(answer.step, sentence) });
    if (!dialog.open) return;
    draw(largePlot, answer, true);
    set(largeBox, { "aria-label": box.getAttribute("aria-label") });
    write(largeSaid, sentence);
  });
}
