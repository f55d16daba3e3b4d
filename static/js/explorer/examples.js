/**
 * The name of the experiment in the head of the page; opens the list of examples. Before the first
 * step some of them are beside the network as pictures.
 */

import { available } from "../core/examples.js";
import { summary } from "../core/recipe.js";
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { h, set, slot, write } from "../ui/dom.js";

/** @param {Pick<Services, "store" | "painter"> & Pick<Changes, "begin">} services */
export function mountExamples({ store, painter, begin }) {
  const name = h("span", "…");
  const more = h("span.experiment-more");
  const list = h("div.examples", { id: "examples", popover: "auto" });
  const button = h(
    "button.experiment-name",
    { popovertarget: "examples", title: TEXT.experiment.examples },
    name,
    more,
    h("span", { "aria-hidden": "true" }, " ▾"),
  );
  slot("examples").append(button, list);
  const gallery = h("div.gallery-pictures");
  const beginWith = h(
    "section.gallery",
    { "aria-label": TEXT.experiment.examples, hidden: true },
    h("h2", TEXT.experiment.beginWith),
    gallery,
  );
  slot("gallery").append(beginWith);
  let filled = false;
  painter.add({
    name: "examples",
    every: 200,
    draw(state) {
      beginWith.hidden = state.step > 0 || !state.catalog;
      if (state.recipe) {
        const whole = summary(state.recipe, state.data?.features.length, state.catalog);
        const [data, sizes, ...others] = whole.split(" · ");
        write(name, `${data} · ${sizes}`);
        write(more, others.map((other) => ` · ${other}`).join(""));
        set(button, { "aria-label": TEXT.experiment.nameAndExamples(whole) });
      }
      if (filled || !state.catalog) return;
      filled = true;
      gallery.append(
        ...available(state.catalog).flatMap(({ title, why, picture, recipe }) =>
          picture ? [thumbnail(title, why, picture, recipe)] : [],
        ),
      );
      list.append(
        ...available(state.catalog).map(({ title, why, recipe }) =>
          h("button.example", { onclick: () => open(recipe) }, h("strong", title), h("span", why)),
        ),
      );
    },
  });
  /**
   * @param {string} title @param {string} why @param {string} picture
   * @param {RecipePart} recipe
   */
  const thumbnail = (title, why, picture, recipe) =>
    h(
      "button.thumbnail",
      { title: `${title}. ${why}`, onclick: () => open(recipe) },
      h("img", {
        src: `${ROOT}static/examples.svg#${picture}`,
        ...{ alt: "", width: 60, height: 36, loading: "lazy" },
      }),
      h("span", TEXT.examples.short[picture] ?? title),
    );
  /** @param {RecipePart} recipe */
  function open(recipe) {
    if (list.matches(":popover-open")) list.hidePopover();
    store.set({ selection: null, entry: null, axes: null, view: "auto", line: "z1", sample: 0 });
    begin(recipe);
  }
}
