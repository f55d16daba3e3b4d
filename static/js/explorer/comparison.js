/**
 * Two runs on one clock: their numbers under each other, with what they differ in.
 */

import { difference } from "../core/edits.js";
import { number } from "../core/format.js";
import { costVeiled, gradientsVeiled } from "../core/veil.js";
import { h, slot } from "../ui/dom.js";

/**
 * @param {{painter: import("../state/paint.js").Painter, comparison:
 *   import("../server/comparison.js").Comparison}} surroundings
 */
export function mountComparison({ painter, comparison }) {
  const root = slot("comparison");
  const body = h("tbody", {});
  const score = h("th", { scope: "col" });
  const hidden = (text) => h("span", { class: "visually-hidden" }, text);
  const head = [hidden("run"), hidden("differs in"), "step", "cost train", "test"].map((text) =>
    h("th", { scope: "col" }, text),
  );
  const button = (action, text, title, run) =>
    h(
      "button",
      { type: "button", class: "small", "data-action": action, title, onclick: run },
      text,
    );
  root.append(
    h(
      "table",
      { class: "compared" },
      h(
        "caption",
        { class: "visually-hidden" },
        "The run that is shown and the one it is compared with",
      ),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head,
          score,
          h("th", { scope: "col" }, "‖∂C/∂W‖ first"),
          h("th", { scope: "col" }, "last"),
        ),
      ),
      body,
    ),
    h(
      "div",
      { class: "compared-tools" },
      button("swap", "swap", "Show the other run, keep this one beside it", () =>
        comparison.swap(),
      ),
      button("unpin", "×", "Compare no longer", () => comparison.unpin()),
    ),
  );
  root.querySelector('[data-action="unpin"]').setAttribute("aria-label", "Compare no longer");

  // Of pin and unpin one goes where the other is used: the focus stays with the curves.
  const pin = document.querySelector('[data-action="pin"]');
  pin.addEventListener("click", () => pin.previousElementSibling.focus());
  root.querySelector('[data-action="unpin"]').addEventListener("click", () => pin.focus());

  painter.add({
    name: "comparison",
    fields: ["compared", "frame", "reference", "experiment", "data", "veil"],
    every: 120,
    draw(state) {
      const on = Boolean(state.reference && state.compared && state.frame);
      root.hidden = !on;
      document.body.dataset.comparing = String(on);
      if (!on) return;
      score.textContent =
        state.frame.score?.name === "r2" ? "𝑅²" : (state.frame.score?.name ?? "score");
      const [own, other] = [state.experiment.recipe, state.compared.experiment.recipe];
      const said = difference(own, other);
      const asked = { cost: costVeiled(state), gradients: gradientsVeiled(state) };
      body.replaceChildren(
        line("this run", "solid", said || "the same experiment", state.frame, asked),
        line(
          "reference",
          "thin",
          difference(other, own) || "without it",
          state.compared.frame,
          asked,
        ),
      );
    },
  });
}

function line(name, mark, what, frame, asked) {
  const cell = (value, veil) =>
    h("td", {}, veil ? "?" : value === null || value === undefined ? "–" : number(value, 4));
  const norm = (layer) => layer?.gradient?.W_norm;
  return h(
    "tr",
    { "data-run": mark === "solid" ? "own" : "reference" },
    h("th", { scope: "row" }, h("span", { class: `key-run ${mark}`, "aria-hidden": "true" }), name),
    h("td", { class: "what", title: what }, what),
    frame
      ? [
          h("td", {}, frame.diverged ? `${frame.step} diverged` : String(frame.step)),
          cell(frame.cost.train, asked.cost),
          cell(frame.cost.test, asked.cost),
          cell(frame.score?.train, asked.cost),
          cell(norm(frame.layers[0]), asked.gradients),
          cell(norm(frame.layers.at(-1)), asked.gradients),
        ]
      : h("td", { colspan: "6", class: "soft" }, "…"),
  );
}
