/**
 * Whose update a line of the update shows: the batch's, which training makes, or that of one
 * sample; a switch between the two.
 */
import { chooseSample } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { h, set, write } from "../ui/dom.js";

/** @param {Pick<Services, "store">} services */
export function createWhoseUpdate({ store }) {
  const { state } = store;
  const text = h("span", { "data-readout": "whose-update" });
  const buttons = ["batch", "sample"].map((numbers) =>
    h("button", {
      "data-numbers": numbers,
      onclick: () => chooseSample(store, numbers === "batch" ? numbers : (state.sampleBefore ?? 0)),
    }),
  );
  const attributes = { role: "group", "aria-label": TEXT.whoseUpdate.numbersOf };
  const element = h("p.whose-update", text, h("span.choice", attributes, buttons));

  return {
    element,
    /** @param {Line} line */
    draw(line) {
      if (!state.trace) return;
      const { experiment, trace, frame, data, sample, sampleBefore, reduction } = state;
      // a single sample is the batch
      element.hidden = line.phase !== "update" || data.train.x.length === 1;
      if (element.hidden) return;
      const size = frame.batch?.size ?? 1;
      const one = sample === "batch" ? (sampleBefore ?? 0) : sample;
      const texts = [TEXT.whoseUpdate.batch(size), TEXT.whoseUpdate.sample(one)];
      const whole = trace.batch !== null;
      for (const [k, button] of buttons.entries()) {
        write(button, texts[k]);
        set(button, { "aria-pressed": String(whole === (k === 0)) });
      }
      const trained = experiment.recipe.cost.reduction ?? "";
      if (!whole) write(text, TEXT.whoseUpdate.ofSample(one, size));
      else if (reduction === null) write(text, TEXT.whoseUpdate.ofBatch(size));
      else write(text, TEXT.whoseUpdate.scaled(trained.replace(/_/g, " ")));
    },
  };
}
