/**
 * Two runs at the same step: their numbers under each other, and in what they differ.
 */

import { difference } from "../core/edits.js";
import { number } from "../core/format.js";
import { costVeiled, gradientsVeiled } from "../core/veil.js";
import { TEXT } from "../text/en.js";
import { button, h, patch, slot } from "../ui/dom.js";

/** @typedef {{cost: boolean, gradients: boolean}} Veiled what a lesson asks */

/**
 * @param {Pick<Services, "store" | "painter" | "comparison">} services
 * @param {Branching} branching
 */
export function mountComparison({ store, painter, comparison }, branching) {
  const root = slot("comparison");
  const body = h("tbody");
  const score = h("th", { scope: "col" });
  const hidden = (/** @type {string} */ text) => h("span.visually-hidden", text);
  const head = [
    hidden(TEXT.comparison.run),
    hidden(TEXT.comparison.differsIn),
    TEXT.transport.step,
    TEXT.transport.costTrain,
    TEXT.transport.test,
  ].map((text) => h("th", { scope: "col" }, text));
  const unpin = button("unpin.small", "×", () => comparison.unpin(), {
    title: TEXT.comparison.compareNoLonger,
    "aria-label": TEXT.comparison.compareNoLonger,
  });
  root.append(
    h(
      "table.compared",
      h("caption.visually-hidden", TEXT.comparison.bothRuns),
      h(
        "thead",
        h(
          "tr",
          head,
          score,
          h("th", { scope: "col" }, TEXT.comparison.firstNorm),
          h("th", { scope: "col" }, TEXT.comparison.lastNorm),
        ),
      ),
      body,
    ),
    h(
      "div.compared-tools",
      button("both-runs.small", TEXT.twoRuns.open, () => store.set({ both: true })),
      button("swap.small", TEXT.comparison.swap, () => comparison.swap(), {
        title: TEXT.comparison.showOther,
      }),
      unpin,
    ),
  );

  // A pressed pin or unpin disappears: the focus stays among the buttons of the curves.
  branching.pin.addEventListener("click", () => branching.button.focus());
  unpin.addEventListener("click", () => branching.pin.focus());

  painter.add({
    name: "comparison",
    every: 120,
    draw(state) {
      const { compared } = state;
      const on = state.reference !== null && compared !== null && state.frame !== null;
      root.hidden = !on;
      document.body.dataset.comparing = String(on);
      if (!on) return;
      score.textContent =
        state.frame.score?.name === "r2"
          ? "𝑅²"
          : (state.frame.score?.name ?? TEXT.comparison.score);
      const [own, other] = [state.experiment.recipe, compared.experiment.recipe];
      const veiled = { cost: costVeiled(state), gradients: gradientsVeiled(state) };
      const differs = difference(own, other) || TEXT.comparison.sameExperiment;
      const lacks = difference(other, own) || TEXT.comparison.withoutIt;
      patch(
        body,
        row(TEXT.comparison.thisRun, "solid", differs, state.frame, veiled),
        row(TEXT.comparison.reference, "thin", lacks, compared.frame, veiled),
      );
    },
  });
}

/**
 * @param {string} name @param {"solid" | "thin"} mark @param {string} what it differs in
 * @param {Frame | null} frame @param {Veiled} veiled
 */
function row(name, mark, what, frame, veiled) {
  /** @param {number | null | undefined} value @param {boolean} veil */
  const cell = (value, veil) =>
    h("td", veil ? "?" : value === null || value === undefined ? "–" : number(value, 4));
  const norm = (/** @type {Layer | undefined} */ layer) => layer?.gradient?.W_norm;
  return h(
    "tr",
    { "data-run": mark === "solid" ? "own" : "reference" },
    h("th", { scope: "row" }, h("span", { class: `key-run ${mark}`, "aria-hidden": "true" }), name),
    h("td.what", { title: what }, what),
    frame
      ? [
          h("td", frame.diverged ? TEXT.comparison.diverged(frame.step) : String(frame.step)),
          cell(frame.cost.train, veiled.cost),
          cell(frame.cost.test, veiled.cost),
          cell(frame.score?.train, veiled.cost),
          cell(norm(frame.layers[0]), veiled.gradients),
          cell(norm(frame.layers.at(-1)), veiled.gradients),
        ]
      : h("td.soft", { colspan: "6" }, "…"),
  );
}
