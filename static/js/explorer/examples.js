/**
 * The name of the experiment in the head of the page; opens the list of examples.
 */

import { available } from "../core/examples.js";
import { summary } from "../core/recipe.js";
import { TEXT } from "../text/en.js";
import { h, set, slot, write } from "../ui/dom.js";

/**
 * @param {Pick<import("./services.js").Services, "store" | "painter">
 *   & Pick<import("./services.js").Changes, "begin">} services
 */
export function mountExamples({ store, painter, begin }) {
  const name = h("span", {}, "…");
  const list = h("div", { class: "examples", id: "examples", popover: "auto" });
  const button = h(
    "button",
    {
      type: "button",
      class: "experiment-name",
      popovertarget: "examples",
      title: TEXT.experiment.examples,
    },
    name,
    h("span", { "aria-hidden": "true" }, " ▾"),
  );
  slot("examples").append(button, list);
  let filled = false;
  painter.add({
    name: "examples",
    fields: ["recipe", "data", "catalog"],
    every: 200,
    draw(state) {
      const { recipe, data, catalog } = state;
      if (recipe) write(name, summary(recipe, data?.features.length, catalog));
      set(button, { "aria-label": TEXT.experiment.nameAndExamples(name.textContent ?? "") });
      if (filled || !state.catalog) return;
      filled = true;
      list.append(
        ...available(state.catalog).map(({ title, why, recipe }) =>
          h(
            "button",
            { type: "button", class: "example", onclick: () => open(recipe) },
            h("strong", {}, title),
            h("span", {}, why),
          ),
        ),
      );
    },
  });
  /** @param {import("../core/wire.js").RecipePart} recipe */
  function open(recipe) {
    list.hidePopover();
    store.set({ selection: null, entry: null, axes: null, view: "auto", line: "z1", sample: 0 });
    begin(recipe);
  }
}
