/** What the data figure shows: image or plane, and which two features. */
import { TEXT } from "../../text/en.js";
import { choice, h } from "../../ui/dom.js";

/** @typedef {Pick<Services, "store" | "session">} ToolServices */

/** The image of a sample is shown unless the plane is chosen. @param {State} state */
export const showsImage = (state) => Boolean(state.data?.image_shape) && state.view !== "plane";

/**
 * Two features with one of them changed; if it was the other one, they change places.
 * @param {number[]} axes @param {number} which 0: horizontal, 1: vertical @param {number} feature
 */
export function withAxis(axes, which, feature) {
  const changed = axes.with(which, feature);
  return axes[1 - which] === feature ? changed.with(1 - which, axes[which]) : changed;
}

function viewButtons(/** @type {ToolServices["store"]} */ store) {
  const view = choice(
    TEXT.figures.show,
    [
      { value: "auto", text: TEXT.figures.image },
      { value: "plane", text: TEXT.figures.plane },
    ],
    (value) => store.set({ view: value }),
  );
  view.show(store.state.view === "plane" ? "plane" : "auto");
  return view.element;
}

/** @param {State} state @param {number} which @param {ToolServices} services */
function axisMenu({ data, axes }, which, { store, session }) {
  const shown = axes ?? [0, 1];
  const menu = h(
    "select",
    {
      "aria-label": which ? TEXT.figures.vertical : TEXT.figures.horizontal,
      "data-control": `axis-${which}`,
      onchange: () => {
        store.set({ axes: withAxis(store.state.axes ?? [0, 1], which, Number(menu.value)) });
        const { playing, pending, step } = store.state;
        if (!playing && !pending) session.go(step); // else the next frame has them
      },
    },
    data.features.map((name, i) => h("option", { value: i, selected: i === shown[which] }, name)),
  );
  return menu;
}

const legend = () =>
  h(
    "span.legend.soft.unbroken",
    h("span.dot-filled"),
    TEXT.figures.train,
    h("span.dot-hollow"),
    TEXT.figures.test,
  );

/** @param {HTMLElement} tools @param {State} state @param {ToolServices} services */
export function writeDataTools(tools, state, services) {
  const { data } = state;
  const plane = !showsImage(state);
  const menus = plane && data.features.length > 2;
  tools.replaceChildren(
    ...(data.image_shape ? [viewButtons(services.store)] : []),
    ...(menus ? [0, 1].map((which) => axisMenu(state, which, services)) : []),
    ...(plane && !menus ? [legend()] : []),
  );
}
