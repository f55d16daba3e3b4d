/** The experiment's name in the head of the page; it and a button open the list of examples. */

import { available } from "../core/examples.js";
import { summary } from "../core/recipe.js";
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { h, set, slot, write } from "../ui/dom.js";

const PICTURE = { alt: "", width: 60, height: 36, loading: "lazy" };

/** @param {Services & Changes} services */
export function mountExamples({ store, painter, begin }) {
  const name = h("span", "…");
  const more = h("span.experiment-more");
  const list = h("div.examples[id=examples][popover=auto]");
  const button = h(
    "button.experiment-name.plain.shortened[popovertarget=examples]",
    { title: TEXT.experiment.examples },
    name,
    more,
    h("span[aria-hidden=true]", " ▾"),
  );
  slot("examples").append(button, list);
  slot("gallery").append(
    h("button.all-examples[popovertarget=examples]", TEXT.experiment.beginWith),
  );
  let filled = false;
  painter.add("examples", 200, (state) => {
    if (state.recipe) {
      const whole = summary(state.recipe, state.data?.features.length, state.catalog);
      const [data, sizes, ...others] = whole.split(" · ");
      write(name, `${data} · ${sizes}`);
      write(more, others.map((other) => ` · ${other}`).join(""));
      set(button, { "aria-label": TEXT.experiment.nameAndExamples(whole) });
    }
    if (filled || !state.catalog) return;
    filled = true;
    list.append(
      ...available(state.catalog).map(({ title, why, picture, recipe }) =>
        h(
          "button.example",
          { onclick: () => open(recipe) },
          picture ? h("img", { src: `${ROOT}static/examples.svg#${picture}`, ...PICTURE }) : null,
          h("strong", title),
          h("span.soft.smaller", why),
        ),
      ),
    );
  });
  function open(/** @type {RecipePart} */ recipe) {
    if (list.matches(":popover-open")) list.hidePopover();
    store.set({ selection: null, entry: null, axes: null, view: "auto", line: "z1", sample: 0 });
    store.set({ reference: null, both: false }); // of another example there is nothing to compare
    begin(recipe);
  }
}
