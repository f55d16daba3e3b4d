/** The dialog in which points are drawn: classes or values, undo, and their use as data. */

import {
  asDataset,
  boundsOf,
  createDrawing,
  fromData,
  fromPoints,
  lack,
  MOST_CLASSES,
  scattered,
} from "../core/drawing.js";
import { number, typedNumber } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { titledDialog } from "../ui/dialog.js";
import { button, choice, disable, h, patch, s, set, write } from "../ui/dom.js";
import { numberField, textField } from "../ui/fields.js";
import { palette } from "../ui/theme.js";
import { createPlane } from "./plane.js";

/** @type {{value: import("../core/drawing.js").Kind, text: string, title: string}[]} */
const KINDS = [
  { value: "classes", text: TEXT.ownTable.classes, title: TEXT.drawing.twoFeaturesClass },
  { value: "values", text: TEXT.drawing.values, title: TEXT.drawing.twoFeaturesNumber },
  { value: "curve", text: TEXT.drawing.curve, title: TEXT.drawing.oneFeature },
];
const CLOUD = 8;
const KEYS = TEXT.drawing.keys;

/** @param {Services & {use: UseData}} services */
export function mountDrawPoints({ store, use }) {
  const { state } = store;
  const model = createDrawing();
  let chosen = 0; // class
  let bounds = boundsOf([]);
  /** @type {string[] | undefined} names of the axes, of the data it began from */
  let features;

  const value = numberField({ id: "draw-value", value: "1" });
  const typedValue = () => typedNumber(value.value) || 0;
  const valueRow = h(
    "div.draw-value",
    h("label.soft[for=draw-value]", TEXT.drawing.valueOfNext),
    value,
  );
  const classRow = h("div.draw-classes[role=group]", { "aria-label": TEXT.drawing.classOfNext });
  const name = textField({ id: "draw-name", maxlength: "60" });
  const nameRow = h("div.draw-value", h("label.soft[for=draw-name]", TEXT.drawing.itsName), name);
  const kind = choice(
    TEXT.ownTable.whatIsLearned,
    KINDS,
    (picked) => change(() => model.kind(picked)),
    { "data-control": "draw-kind" },
  );
  const many = h("input[type=checkbox][id=draw-cloud][data-control=draw-cloud]");
  const undo = button(
    "draw-undo.small",
    TEXT.drawing.undo,
    () => change(model.undo, TEXT.drawing.undone),
    { title: TEXT.drawing.undoKey },
  );
  const redo = button("draw-redo.small", TEXT.drawing.redo, () =>
    change(model.redo, TEXT.drawing.doneAgain),
  );
  const clear = button("draw-clear.small", TEXT.drawing.clear, () =>
    change(model.clear, TEXT.drawing.allRemoved),
  );
  const begin = button("draw-from-data.small", TEXT.drawing.takePresent, fromPresent, {
    title: TEXT.drawing.fromExperiment,
  });
  const said = h("p.draw-said[role=status][data-readout=draw-said]");
  const problem = h("p.problem[role=alert]");
  const accept = h("button.primary[type=submit][data-action=use-points]", TEXT.drawing.usePoints);
  const plane = createPlane({
    drawing: () => model.now,
    bounds: () => bounds,
    put: (places) =>
      change(() => model.put(places.map(([x, y]) => ({ x, y, k: chosen, v: typedValue() })))),
    cloud: () =>
      many.checked
        ? scattered(CLOUD, [0.06 * (bounds.x[1] - bounds.x[0]), 0.06 * (bounds.y[1] - bounds.y[0])])
        : null,
    remove: (i) => change(() => model.remove(i)),
    move: (i, x, y, first) => change(() => model.move(i, x, y, first)),
    tell,
    name: (i) => nameOf(model.now.points[i]),
    key,
  });
  const form = h(
    "form.own-body.draw-body[autocomplete=off]",
    h(
      "div.draw-tools",
      h(
        "div.draw-row.side-by-side.wraps",
        h("span.soft[aria-hidden=true]", TEXT.ownTable.learn),
        kind.element,
      ),
      classRow,
      nameRow,
      valueRow,
      h(
        "div.draw-row.side-by-side.wraps",
        many,
        h("label[for=draw-cloud]", TEXT.drawing.cloud(CLOUD)),
      ),
      h("div.draw-row.side-by-side.wraps", undo, redo, clear, begin),
      h("p.soft.draw-help", TEXT.drawing.pointer),
      h("p.soft.draw-help[id=plane-keys]", KEYS),
      said,
      problem,
      h("div.own-actions", accept, h("button", { onclick: () => dialog.close() }, TEXT.ui.cancel)),
    ),
    plane.element,
  );
  const dialog = titledDialog(
    { name: "draw-points", id: "draw-points", title: TEXT.drawing.title },
    form,
  );
  dialog.addEventListener("keydown", (/** @type {Event} */ event) => event.stopPropagation());
  name.addEventListener("change", () => change(() => model.rename(chosen, name.value.trim())));
  store.on(["theme"], () => dialog.open && draw());

  const nameOf = (/** @type {import("../core/drawing.js").Point} */ { k, v }) =>
    model.now.kind === "classes"
      ? TEXT.drawing.pointOfClass(model.now.classes[k])
      : model.now.kind === "values"
        ? TEXT.drawing.pointOfValue(number(v))
        : "point";

  function tell(/** @type {string} */ text) {
    write(said, text);
  }

  /** @param {() => void} run @param {string} [text] to be said */
  function change(run, text = "") {
    run();
    if (text) tell(text);
    draw();
  }

  /**
   * Keys of the plane that are not about a place.
   * @param {KeyboardEvent} event @returns {boolean} whether it was one
   */
  function key(event) {
    const letter = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    if ((control && letter === "z" && !event.shiftKey) || (!control && letter === "u"))
      change(model.undo, "undone");
    else if (control && (letter === "y" || letter === "z"))
      change(model.redo, TEXT.drawing.doneAgain);
    else if (control) return false;
    else if (/^[1-9]$/.test(event.key) && model.now.kind === "classes")
      choose(Number(event.key) - 1);
    else if ((event.key === "+" || event.key === "-") && model.now.kind === "values") {
      value.value = String(Number((typedValue() + (event.key === "+" ? 0.1 : -0.1)).toFixed(6)));
      tell(TEXT.drawing.value(number(typedValue())));
    } else return false;
    return true;
  }

  /** @param {number} k a class that is not there yet is made, if it is the next one */
  function choose(k) {
    if (k === model.now.classes.length) model.addClass();
    if (k >= model.now.classes.length) return;
    chosen = k;
    draw();
    tell(TEXT.drawing.classNamed(model.now.classes[k]));
  }

  function present() {
    const { dataset } = state.experiment?.recipe ?? {};
    if (!dataset || !state.data) return null;
    return dataset.name === "points"
      ? fromPoints(dataset, state.data.features)
      : fromData(state.data);
  }

  function fromPresent() {
    const taken = present();
    if (!taken) return;
    ({ features } = taken);
    chosen = 0;
    bounds = boundsOf(taken.drawing.points);
    change(() => model.replace(taken.drawing), TEXT.drawing.taken(taken.drawing.points.length));
  }

  function draw() {
    const { now } = model;
    const { classes, points } = now;
    // undo may bring back points outside of the plane
    if (
      points.some(
        ({ x, y }) => x < bounds.x[0] || x > bounds.x[1] || y < bounds.y[0] || y > bounds.y[1],
      )
    )
      bounds = boundsOf(points);
    chosen = Math.min(chosen, classes.length - 1);
    kind.show(now.kind);
    classRow.hidden = nameRow.hidden = now.kind !== "classes";
    valueRow.hidden = now.kind !== "values";
    const { activeElement } = document;
    const focused = classRow.contains(activeElement)
      ? activeElement?.getAttribute("data-class")
      : null;
    patch(
      classRow,
      classes.map((text, k) =>
        h(
          "button",
          {
            "data-class": k,
            "aria-pressed": String(k === chosen),
            title: `${k + 1}`,
            onclick: () => choose(k),
          },
          s(
            "svg.swatch[aria-hidden=true]",
            { viewBox: "0 0 2 2" },
            s("circle", { cx: 1, cy: 1, r: 1, fill: palette().classes[k] }),
          ),
          h("span.name.shortened", text || "…"),
          h("span.count", String(points.filter((point) => point.k === k).length)),
        ),
      ),
      classes.length < MOST_CLASSES &&
        button("draw-class.small", TEXT.drawing.oneClassMore, () => choose(classes.length), {
          "data-class": "more",
        }),
    );
    /** @type {HTMLElement | null} "+ class" has moved */
    const same = focused ? classRow.querySelector(`[data-class="${focused}"]`) : null;
    same?.focus();
    if (document.activeElement !== name) name.value = classes[chosen];
    disable(undo, !model.undoable);
    disable(redo, !model.redoable);
    disable(clear, !points.length);
    set(begin, { disabled: !present() });
    write(
      accept,
      points.length ? TEXT.drawing.useThesePoints(points.length) : TEXT.drawing.usePoints,
    );
    write(problem, "");
    plane.draw(axisNames());
  }

  function axisNames() {
    if (model.now.kind === "curve") return [features?.[0] ?? "x", TEXT.drawing.whatIsLearnedAxis];
    return features?.length === 2 ? features : ["x₀", "x₁"];
  }

  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing =
      lack(model.now) ??
      (model.now.points.length > (state.catalog?.limits.max_points ?? 1000)
        ? TEXT.drawing.atMost(state.catalog?.limits.max_points ?? 1000)
        : null);
    if (missing) return write(problem, missing);
    const dataset = asDataset(model.now, features);
    const refused = await use(dataset, dataset.classes.length || null);
    if (refused) return write(problem, refused);
    dialog.close();
  });

  return {
    open() {
      write(said, "");
      dialog.showModal();
      // points of a link can be edited
      if (!model.undoable && state.experiment?.recipe.dataset.name === "points") fromPresent();
      draw();
      plane.element.focus({ preventScroll: true });
    },
  };
}
