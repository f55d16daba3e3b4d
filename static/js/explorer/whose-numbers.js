/**
 * Whose numbers the lines show, one sample's or the batch's: the switch on the band of lines, and
 * the sentence that says whether training makes the update that is shown.
 */
import { chooseSample, oneSample } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { disable, h, set, write } from "../ui/dom.js";

/** The number of samples of the next update. @param {Page} state */
const batchSize = ({ frame }) => frame?.batch?.size ?? 1;

/** @param {Store} store @param {Painter} painter @returns {HTMLElement} */
export function createNumbersSwitch(store, painter) {
  const { state } = store;
  const [one, all] = ["sample", "batch"].map((numbers) =>
    h("button", {
      "data-numbers": numbers,
      onclick: () => chooseSample(store, numbers === "batch" ? numbers : oneSample(state)),
    }),
  );
  set(all, { title: TEXT.whoseNumbers.nextBatch });
  const label = h("span[id=numbers-of]", TEXT.whoseNumbers.numbersOf);
  const choice = h("span.choice[role=group][aria-labelledby=numbers-of]", one, all);
  painter.add("whose-numbers", 200, () => {
    const { sample, data } = state;
    write(one, TEXT.whoseNumbers.sample(oneSample(state)));
    write(all, TEXT.stage.batchOf(batchSize(state)));
    set(one, { "aria-pressed": String(sample !== "batch") });
    set(all, { "aria-pressed": String(sample === "batch") });
    disable(all, !data || data.train.x.length === 1); // a single sample is the batch
  });
  return h("div.numbers-of.fine.soft.side-by-side", label, choice);
}

export function createWhoseUpdate(/** @type {Store} */ { state }) {
  const element = h("p.whose-update.smaller[data-readout=whose-update]");
  return {
    element,
    draw(/** @type {Line} */ line) {
      if (!state.trace) return;
      const { experiment, trace, data, reduction } = state;
      element.hidden = line.phase !== "update" || data.train.x.length === 1;
      if (element.hidden) return;
      const size = batchSize(state);
      const trained = experiment.recipe.cost.reduction ?? "";
      if (trace.batch === null) write(element, TEXT.whoseNumbers.ofSample(oneSample(state), size));
      else if (reduction === null) write(element, TEXT.whoseNumbers.ofBatch(size));
      else write(element, TEXT.whoseNumbers.scaled(trained.replace(/_/g, " ")));
    },
  };
}
